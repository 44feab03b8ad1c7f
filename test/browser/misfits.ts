import type { Page } from 'playwright-core';

/** What does not fit: boxes that scroll sideways, lines that break, and targets that are hard to hit. */
export function misfits(page: Page): Promise<string[]> {
  return page.evaluate((leastPx) => {
    const nameOf = (element: Element): string =>
      `${element.tagName}.${element.className} "${(element.textContent ?? '').slice(0, 30)}"`;
    const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
    const wide = all('html, body, .page, main, .me, dialog, section, form, ul, li').filter(
      (element) => element.scrollWidth > element.clientWidth && element.clientWidth > 0,
    );
    const broken = all('h1, header button').filter((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
    });
    const small = all('button, a, input, select, .marker').filter((element) => {
      if (!element.checkVisibility()) return false;
      const { width, height } = element.getBoundingClientRect();
      return width < leastPx || height < leastPx;
    });
    return [
      ...wide.map((element) => `wide: ${nameOf(element)}`),
      ...broken.map((element) => `broken: ${nameOf(element)}`),
      ...small.map((element) => `small: ${nameOf(element)}`),
    ];
  }, LEAST_TARGET_PX);
}

const LEAST_TARGET_PX = 24;
