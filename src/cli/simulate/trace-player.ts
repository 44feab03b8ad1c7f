/** Recorded trips: reads them from a CSV file and plays them as movements. */
import type { GeoPoint } from '../../domain/distance.js';
import { badRow, readCsv } from '../read-csv.js';
import type { Movement } from './walker.js';

/**
 * Reads traces from a file `trace_id,unix_seconds,latitude,longitude` with a header line, in the order of
 * their first rows.
 * @throws CommandError with the line of a row that is not a fix, or is earlier than the one before in its
 * trace.
 */
export async function readTraces(path: string): Promise<Trace[]> {
  const traces = new Map<string, Trace['fixes'][number][]>();
  for (const { line, cells } of await readCsv(path, ['trace_id', 'unix_seconds', 'latitude', 'longitude'])) {
    const [id = '', ...texts] = cells;
    const [unixSeconds = NaN, latitude = NaN, longitude = NaN] = texts.map((text) =>
      text === '' ? NaN : Number(text),
    );
    if (!(Number.isFinite(unixSeconds) && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
      throw badRow(path, line, 'not an instant in seconds, a latitude and a longitude');
    }
    const fixes = traces.get(id) ?? [];
    if (unixSeconds < (fixes.at(-1)?.unixSeconds ?? -Infinity)) {
      throw badRow(path, line, `earlier than the row before of trace ${id}`);
    }
    traces.set(id, fixes);
    fixes.push({ unixSeconds, latitude, longitude });
  }
  return [...traces.values()].map((fixes) => ({ fixes }));
}

/**
 * Plays a trace `speed` times as fast as it was recorded, over and over. Returns each fix once, and null
 * where the trace has a gap.
 */
export function createTracePlayer({ fixes }: Trace, speed: number): Movement {
  const startSeconds = fixes[0]?.unixSeconds ?? 0;
  const lengthSeconds = (fixes.at(-1)?.unixSeconds ?? 0) - startSeconds;
  let round = 0;
  let next = 0;

  return (elapsedSeconds) => {
    const playedSeconds = elapsedSeconds * speed;
    const newRound = lengthSeconds > 0 ? Math.floor(playedSeconds / lengthSeconds) : 0;
    if (newRound !== round) next = 0;
    round = newRound;
    const untilSeconds = startSeconds + playedSeconds - round * lengthSeconds;
    let newest: GeoPoint | null = null;
    for (let fix = fixes[next]; fix !== undefined && fix.unixSeconds <= untilSeconds; fix = fixes[++next]) {
      newest = fix;
    }
    return newest;
  };
}

/** The fixes of one recorded trip in ascending order, at least one. */
export interface Trace {
  readonly fixes: readonly (GeoPoint & { readonly unixSeconds: number })[];
}
