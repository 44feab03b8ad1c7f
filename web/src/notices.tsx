/** Messages about the page as a whole, above everything else. Each stays until it is dismissed. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export function Notices({ notices }: { readonly notices: NoticeList }): JSX.Element | null {
  const [shown, setShown] = useState(notices.current);
  useEffect(() => notices.subscribe(setShown), [notices]);
  if (shown.length === 0) return null;
  return (
    <div class="notices" role="alert">
      {shown.map((text) => (
        <p key={text}>
          {text}{' '}
          <button
            type="button"
            onClick={() => {
              notices.dismiss(text);
            }}
          >
            Dismiss
          </button>
        </p>
      ))}
    </div>
  );
}

export function createNotices(): NoticeList {
  let texts: readonly string[] = [];
  let listener: (texts: readonly string[]) => void = () => undefined;
  const set = (next: readonly string[]): void => {
    texts = next;
    listener(next);
  };
  return {
    get current() {
      return texts;
    },
    add(text) {
      if (!texts.includes(text)) set([...texts, text].slice(-MOST_SHOWN));
    },
    dismiss(text) {
      set(texts.filter((other) => other !== text));
    },
    subscribe(next) {
      listener = next;
      next(texts);
      return () => {
        listener = () => undefined;
      };
    },
  };
}

export interface NoticeList {
  readonly current: readonly string[];
  /** Shows a message, once however often it is added. */
  add(text: string): void;
  dismiss(text: string): void;
  /** Calls the one listener with the messages now and at every change. The returned function removes it. */
  subscribe(listener: (texts: readonly string[]) => void): () => void;
}

/** Something that fails all the time must not fill the page. */
const MOST_SHOWN = 3;
