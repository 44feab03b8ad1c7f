/** A page in the test's process with as little of a browser as React needs, beside a server that needs Node's own. */
import { Window } from 'happy-dom';
import type { ReactNode } from 'react';
import { onTestFinished, vi } from 'vitest';

export interface Page {
  render(node: ReactNode): void;
  /** Of the first element that matches, null when there is none. */
  text(selector: string): string | null;
  close(): void;
}

/** Closed when the test has finished. The globals stay until the test's file ends: React may have work left. */
export async function openPage(): Promise<Page> {
  const window = new Window();
  vi.stubGlobal('window', window);
  vi.stubGlobal('document', window.document);
  vi.stubGlobal('navigator', window.navigator);
  const { createRoot } = await import('react-dom/client');
  const root = createRoot(document.body);
  onTestFinished(async () => {
    root.unmount();
    await window.happyDOM.close();
  });
  return {
    render(node) {
      root.render(node);
    },
    text: (selector) => document.querySelector(selector)?.textContent ?? null,
    close() {
      root.render(null);
    },
  };
}
