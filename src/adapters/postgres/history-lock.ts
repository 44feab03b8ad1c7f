/**
 * Key of the advisory lock between writing history and deleting accounts. A group commit of history takes it shared,
 * before the statement that joins users: see the function record_locations(); a deletion takes it alone before it commits. So a writer that still saw the
 * user has committed when the deletion goes on to erase the user's rows.
 */
export const HISTORY_WRITERS = 7_300_001;
