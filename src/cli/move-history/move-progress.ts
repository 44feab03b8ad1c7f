/** Tells how far a move of the history is: a line for each day, and one every few seconds in between. */
import type { Clock } from '../../time/clock.js';

/** @param print gets a line without its end. */
export function createMoveProgress(print: (line: string) => void, clock: Clock): MoveProgress {
  const startedAtMs = clock.monotonic();
  let printedAtMs = startedAtMs;
  let rowsOfDays: readonly number[] = [];
  let daysDone = 0;
  let rowsMoved = 0;
  let date = '';
  let users = 0;
  let rowsOfDay = 0;
  const usersSeen = { count: 0, last: '' };

  function tell(usersDone: number): void {
    printedAtMs = clock.monotonic();
    const perSecond = Math.round((rowsMoved / Math.max(1, printedAtMs - startedAtMs)) * 1_000);
    const daysLeft = rowsOfDays.slice(daysDone + 1);
    const rowsLeft = daysLeft.reduce((sum, rows) => sum + rows, 0);
    print(
      `${date}: ${usersDone} of ${users} users, ${rowsOfDay} of ${rowsOfDays[daysDone] ?? 0} rows; ` +
        `${perSecond} rows a second; then ${daysLeft.length} days with ${rowsLeft} rows`,
    );
  }

  return {
    start(rows) {
      rowsOfDays = rows;
    },
    day(newDate, usersOfDay) {
      date = newDate;
      users = usersOfDay;
      rowsOfDay = 0;
      usersSeen.count = 0;
      usersSeen.last = '';
    },
    moved(rows, { userIds }) {
      rowsMoved += rows;
      rowsOfDay += rows;
      usersSeen.count += userIds.length - (userIds[0] === usersSeen.last ? 1 : 0);
      usersSeen.last = userIds.at(-1) ?? '';
      // The last user may have more.
      if (clock.monotonic() - printedAtMs >= LINE_INTERVAL_MS) tell(usersSeen.count - 1);
    },
    dayDone() {
      tell(usersSeen.count);
      daysDone++;
    },
    get rowsMoved() {
      return rowsMoved;
    },
  };
}

export interface MoveProgress {
  /** @param rowsOfDays of each day, in the order of the move. */
  start(rowsOfDays: readonly number[]): void;
  day(date: string, users: number): void;
  /** @param portion its users in their order. */
  moved(rows: number, portion: { readonly userIds: readonly string[] }): void;
  dayDone(): void;
  readonly rowsMoved: number;
}

const LINE_INTERVAL_MS = 5_000;
