import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pageLifecycle } from '../../sdk/src/lifecycle.js';

let window: EventTarget;
let page: EventTarget & { hidden: boolean };

beforeEach(() => {
  window = new EventTarget();
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  vi.stubGlobal('document', page);
});
afterEach(() => void vi.unstubAllGlobals());

const pageShow = (persisted: boolean) => Object.assign(new Event('pageshow'), { persisted });

test('a network that is back, and a page that is shown, thawed or restored, are told of until the listener goes', () => {
  const listener = vi.fn();
  const remove = pageLifecycle().onWake(listener);
  const tell = (): void => {
    window.dispatchEvent(new Event('online'));
    window.dispatchEvent(pageShow(true));
    page.dispatchEvent(new Event('resume'));
    page.dispatchEvent(new Event('visibilitychange'));
  };
  tell();
  expect(listener).toHaveBeenCalledTimes(4);
  remove();
  tell();
  expect(listener).toHaveBeenCalledTimes(4);
});

test('a page that is hidden, or shown for the first time, has nothing to try again', () => {
  const listener = vi.fn();
  pageLifecycle().onWake(listener);
  page.hidden = true;
  expect(pageLifecycle().hidden).toBe(true);
  page.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(pageShow(false));
  expect(listener).not.toHaveBeenCalled();
});

test('a page that goes into the cache is told of, one that ends is not', () => {
  const listener = vi.fn();
  const remove = pageLifecycle().onFreeze?.(listener);
  const hide = (persisted: boolean) =>
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }));
  hide(false);
  expect(listener).not.toHaveBeenCalled();
  hide(true);
  expect(listener).toHaveBeenCalledOnce();
  remove?.();
  hide(true);
  expect(listener).toHaveBeenCalledOnce();
});

test('a platform without such events is silent', () => {
  vi.unstubAllGlobals();
  pageLifecycle().onWake(() => undefined)();
  pageLifecycle().onFreeze?.(() => undefined)();
  expect(pageLifecycle().hidden).toBe(false);
});
