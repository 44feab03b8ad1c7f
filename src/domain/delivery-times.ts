/**
 * How soon every server knows of a change, milliseconds. Together these make sure that no position which was sent
 * after the answer to a change is shown later than a second after it: docs/decisions/076-leases.md has the proof.
 */

/** How often a server publishes a heartbeat to itself at each Redis. */
export const HEARTBEAT_MS = 300;
/**
 * For how long a heartbeat that arrived counts, from when it was sent. Frames wait without one, so each frame
 * knows of everything that was published so long before it. A stall of 300 ms must not make them wait.
 */
export const LEASE_MS = 750;

/** How often a server reads the notifications that nobody could publish. */
export const OUTBOX_READ_MS = 400;
/** Younger notifications are being published by those who wrote them. */
export const OUTBOX_MIN_AGE_MS = 200;
/**
 * How long a change that could not be published waits for its answer: until every server has read of it. That leaves
 * PostgreSQL 400 ms for two reads. It is shorter than a socket waits for the answer that ends its own session.
 */
export const READ_BY_ALL_MS = 1_000;

/** How often sessions are checked while notifications that end them may not arrive. */
export const SESSION_RECHECK_MS = 750;
