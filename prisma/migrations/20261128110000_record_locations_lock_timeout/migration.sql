-- A commit gives up when somebody locks what it needs, such as the partition of one day, and its other rows are written
-- without those of that day. While it waited it would also hold the lock of src/adapters/postgres/history-lock.ts, behind
-- which a deleted account, and then all other commits, would wait.
ALTER FUNCTION record_locations(uuid[], uuid[], bigint[], bigint[], float8[], float8[], float8[], uuid[])
  SET lock_timeout = '1s';
