/** What stands above the map while it shows a day of the user's own history: which one, in a sentence, and steps to others. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import './history-bar.css';
import type { HistoryTrack } from './history-track.js';
import { type Day, dayAfter, dayOf } from './local-day.js';
import type { HistoryDay } from './use-history-day.js';
import type { Wording } from './wording.js';

export function HistoryBar({ history, wording, nowMs }: HistoryBarProps): JSX.Element | null {
  return history.day === null ? null : (
    <Bar history={history} day={history.day} wording={wording} nowMs={nowMs} />
  );
}

function Bar({ history, day, wording, nowMs }: HistoryBarProps & { readonly day: Day }): JSX.Element {
  const section = useRef<HTMLElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const today = dayOf(nowMs);

  useEffect(() => {
    section.current?.scrollIntoView({ block: 'start' });
    section.current?.focus({ preventScroll: true });
  }, []);

  useEffect(() => {
    // Only a new day: the input would lose what is half typed.
    if (input.current !== null && input.current.value !== day) input.current.value = day;
  }, [day]);

  const step = (name: string, sign: string, next: Day, isDisabled: boolean): JSX.Element => (
    <button
      type="button"
      aria-label={name}
      disabled={isDisabled}
      onClick={() => {
        history.show(next);
      }}
    >
      {sign}
    </button>
  );

  return (
    <section ref={section} class="history-bar" aria-label="My history" tabIndex={-1}>
      <div class="steps">
        {step('Previous day', '‹', dayAfter(day, -1), false)}
        <input
          ref={input}
          type="date"
          aria-label="Day"
          min={EARLIEST}
          max={today}
          defaultValue={day}
          onChange={({ currentTarget: { value, validity } }) => {
            if (value !== '' && validity.valid) history.show(value);
          }}
        />
        {step('Next day', '›', dayAfter(day, 1), day >= today)}
        <button
          type="button"
          onClick={() => {
            history.show(null);
          }}
        >
          Close
        </button>
      </div>
      <p role="status">{sentence(history, wording)}</p>
      {history.error !== null && (
        <p role="alert" class="error">
          {history.error}{' '}
          <button type="button" onClick={history.reload}>
            Try again
          </button>
        </p>
      )}
    </section>
  );
}

interface HistoryBarProps {
  readonly history: HistoryDay;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
}

/** While a year is typed, its first digits are a year, too. */
const EARLIEST = '2000-01-01';

function sentence({ isRead, track, error }: HistoryDay, wording: Wording): string {
  if (error !== null) return '';
  if (!isRead) return 'Reading …';
  return track === null ? 'No places were recorded on this day.' : placesOf(track, wording);
}

function placesOf({ count, stretches, firstMs, lastMs }: HistoryTrack, wording: Wording): string {
  if (count === 1) return `One place, at ${wording.time(firstMs)}.`;
  const gaps = stretches.length - 1;
  const broken = gaps === 0 ? '' : `, with ${gaps === 1 ? 'one gap' : `${gaps} gaps`}`;
  return `${wording.count(count)} places from ${wording.time(firstMs)} to ${wording.time(lastMs)}${broken}.`;
}
