/**
 * The key of the advisory lock between writing history and deleting accounts. A group commit of history takes
 * it shared, before the statement that joins users (see the function record_locations()). A deletion takes it
 * exclusively before it commits. So when the deletion goes on to erase the user's rows, every writer that
 * still saw the user has committed.
 */
export const HISTORY_WRITERS = 7_300_001;
