/** The user's own history: a day of it on the map, and a span of it as a file, or deleted. */
import type { NearbyFriendsClient } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from './failure.js';
import { Field } from './field.js';
import { askToDelete, HistoryDeletion, type Question } from './history-deletion.js';
import type { FileFormat } from './history-file.js';
import { type Day, dayOf, rangeOf, startOf } from './local-day.js';
import { FieldError, useForm } from './use-form.js';
import type { HistoryDay } from './use-history-day.js';
import { useHistoryDownload } from './use-history-download.js';
import type { Wording } from './wording.js';

export function AccountHistory({
  client,
  history,
  wording,
  nowMs,
  onShow,
}: AccountHistoryProps): JSX.Element {
  const download = useHistoryDownload(client, wording);
  const [question, setQuestion] = useState<Question | null>(null);
  const [news, setNews] = useState<string | null>(null);
  const form = useForm<'first' | 'last'>(
    async (textOf, action) => {
      const [first, last] = [textOf('first') || null, textOf('last') || null];
      if (first !== null && last !== null && last < first) {
        throw new FieldError('last', 'The last day is before the first one.');
      }
      setNews(null);
      download.clear();
      const range = rangeOf(first, last);
      if (action !== 'delete') {
        await download.start(action as FileFormat, range, [first, last]);
        return;
      }
      const asked = await askToDelete(client, range, spanOf(first, last, wording), wording);
      if (asked === null) setNews('No places were recorded then.');
      setQuestion(asked);
    },
    () => null,
  );

  return (
    <section aria-labelledby="account-history">
      <h3 id="account-history">History</h3>
      <p class="hint">Where you have been, for as long as it is kept. Nobody but you can see it.</p>
      <button
        type="button"
        onClick={() => {
          history.show(history.day ?? dayOf(nowMs));
          onShow();
        }}
      >
        Show a day on the map
      </button>
      <form ref={form.ref} noValidate onSubmit={form.onSubmit}>
        <div class="span">
          <Field
            label="First day"
            name="first"
            type="date"
            error={form.errorOf('first')}
            autocomplete="off"
            required={false}
          />
          <Field
            label="Last day"
            name="last"
            type="date"
            error={form.errorOf('last')}
            autocomplete="off"
            required={false}
          />
        </div>
        <p class="hint">Without a day there is no limit on that side.</p>
        <Failure text={form.failure} />
        {question === null && (
          <div class="choices">
            <button type="submit" value={'gpx' satisfies FileFormat} disabled={form.busy}>
              Download GPX
            </button>
            <button type="submit" value={'geojson' satisfies FileFormat} disabled={form.busy}>
              Download GeoJSON
            </button>
            <button type="submit" value="delete" class="danger" disabled={form.busy}>
              Delete …
            </button>
          </div>
        )}
      </form>
      {question !== null && (
        <HistoryDeletion
          client={client}
          question={question}
          onAnswer={(deleted) => {
            setQuestion(null);
            if (deleted === null) return;
            setNews(`Deleted: ${wording.count(deleted)} ${deleted === 1 ? 'place' : 'places'}.`);
            history.reload();
          }}
        />
      )}
      <p role="status">{news ?? download.news}</p>
      {download.cancel !== null && (
        <button type="button" onClick={download.cancel}>
          Cancel
        </button>
      )}
    </section>
  );
}

interface AccountHistoryProps {
  readonly client: NearbyFriendsClient;
  readonly history: HistoryDay;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Called when the map shows a day. */
  onShow(): void;
}

/** The words after "Delete 12 places". */
function spanOf(first: Day | null, last: Day | null, wording: Wording): string {
  const date = (day: Day): string => wording.date(startOf(day));
  if (first === null && last === null) return ', your whole history';
  if (first === last && first !== null) return ` of ${date(first)}`;
  return `${first === null ? '' : ` from ${date(first)}`}${last === null ? ' to now' : ` to the end of ${date(last)}`}`;
}
