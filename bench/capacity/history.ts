/** What the history needs, and up to where one PostgreSQL is enough for it. */
import type { Constants } from './constants.js';
import { type Choices, type Load, updatesPerSecond } from './load.js';

export const DAY_SECONDS = 86_400;

export interface HistoryNeeds {
  readonly rowsPerSecond: number;
  readonly bytesPerDay: number;
  /** Of the rows that are kept. */
  readonly bytes: number;
  readonly logBytesPerSecond: number;
  /** How many PostgreSQLs share it, each with an equal part of the users. */
  readonly nodesByRate: number;
  readonly nodesByDisk: number;
}

export function historyNeeds(load: Load, constants: Constants, choices: Choices): HistoryNeeds {
  const rowsPerSecond = updatesPerSecond(load);
  const bytesPerDay = rowsPerSecond * DAY_SECONDS * constants.row;
  const bytes = bytesPerDay * choices.retentionDays;
  return {
    rowsPerSecond,
    bytesPerDay,
    bytes,
    logBytesPerSecond: rowsPerSecond * constants.rowLog,
    nodesByRate: Math.ceil(rowsPerSecond / (constants.rowsPerSecond * choices.historyShare)),
    nodesByDisk: Math.ceil(bytes / choices.historyDiskBytes),
  };
}

/** Online users, all day, up to whom one PostgreSQL is enough. */
export function onePostgres(
  { secondsBetweenUpdates }: Pick<Load, 'secondsBetweenUpdates'>,
  constants: Constants,
  choices: Choices,
): { usersByRate: number; usersByDisk: number } {
  const bytesPerUser = (DAY_SECONDS / secondsBetweenUpdates) * choices.retentionDays * constants.row;
  return {
    usersByRate: constants.rowsPerSecond * choices.historyShare * secondsBetweenUpdates,
    usersByDisk: choices.historyDiskBytes / bytesPerUser,
  };
}
