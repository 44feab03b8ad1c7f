/**
 * Names of statements that each connection prepares once. A pooler may hand every transaction another
 * connection, on which the name means nothing or something else, so behind one statements have no names and
 * are planned at each use.
 */
export type NameStatement = (name: string) => string | undefined;

/** For connections to PostgreSQL itself. */
export const named: NameStatement = (name) => name;

/** For connections to a pooler. */
export const unnamed: NameStatement = () => undefined;
