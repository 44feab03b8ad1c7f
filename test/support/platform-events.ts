/** What a browser tells a page of its network, on Node. */
import { onTestFinished, vi } from 'vitest';

/** To be called before the client opens its connection. Undone when the test has finished. */
export function stubPlatformEvents(): { online(): void } {
  const window = new EventTarget();
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
  onTestFinished(() => void vi.unstubAllGlobals());
  return { online: () => void window.dispatchEvent(new Event('online')) };
}
