/** Downloads a span of the history as a file, page by page, and tells how far it has come. */
import type { HistoryRange, NearbyFriendsClient } from 'nearby-friends-client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { FILE_FORMATS, type FileFormat } from './history-file.js';
import type { Day } from './local-day.js';
import { saveText } from './save-text.js';
import type { Wording } from './wording.js';

export function useHistoryDownload(client: NearbyFriendsClient, wording: Wording): HistoryDownload {
  const [news, setNews] = useState('');
  const [running, setRunning] = useState<AbortController | null>(null);
  const newest = useRef(running);
  newest.current = running;

  useEffect(
    () => () => {
      newest.current?.abort();
    },
    [],
  );

  return {
    news,
    clear() {
      setNews('');
    },
    cancel:
      running === null
        ? null
        : () => {
            running.abort();
          },
    async start(format, range, days) {
      const { mediaType, textOf } = FILE_FORMATS[format];
      const name = `${['nearby-friends', ...days.filter((day) => day !== null)].join('-')}.${format}`;
      const controller = new AbortController();
      let count = 0;
      const text = textOf(client, {
        ...range,
        onProgress(locations, upTo) {
          count = locations;
          setNews(`Reading … ${wording.count(count)} places, up to ${wording.date(Date.parse(upTo))}`);
        },
      });
      setRunning(controller);
      setNews('Reading …');
      try {
        const isSaved = await saveText({ name, mediaType, text }, controller.signal);
        setNews(isSaved ? `Saved: ${wording.count(count)} ${count === 1 ? 'place' : 'places'}.` : '');
      } catch (error) {
        setNews(controller.signal.aborted ? 'The download is cancelled.' : '');
        if (!controller.signal.aborted) throw error;
      } finally {
        setRunning(null);
      }
    },
  };
}

export interface HistoryDownload {
  /** What to tell the user; empty when there is nothing. */
  readonly news: string;
  /** Ends the download; null while there is none. */
  readonly cancel: (() => void) | null;
  clear(): void;
  /**
   * Resolves when the file is saved, or when the user wants it no more.
   * @param days for its name.
   */
  start(format: FileFormat, range: HistoryRange, days: readonly (Day | null)[]): Promise<void>;
}
