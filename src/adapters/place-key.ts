/** One text for each place that a user's location has in the history: its time, and its id among those of that time. */
export const placeKey = ({
  recordedAtMs,
  id,
}: {
  readonly recordedAtMs: number;
  readonly id: string;
}): string => `${recordedAtMs} ${id}`;
