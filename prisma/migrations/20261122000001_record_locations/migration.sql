-- One group commit of the location history, in one round trip. The lock (see src/adapters/postgres/history-lock.ts) is
-- taken by a statement of its own: the insert after it gets a new snapshot and does not see a user deleted meanwhile.
-- A client's id is claimed first; a row is written only under its claim. Answers the claims as they stand, and a row
-- without an id for every user who does not exist.
CREATE FUNCTION record_locations(
  user_ids uuid[], ids uuid[], recorded_ms bigint[], received_ms bigint[],
  latitudes float8[], longitudes float8[], accuracies float8[], fingerprints uuid[]
) RETURNS TABLE (user_id uuid, id uuid, recorded_at_ms float8, fingerprint uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  RETURN QUERY
  WITH input AS (
    SELECT user_id, id, to_timestamp(recorded_ms / 1000.0)::timestamptz(3) AS recorded_at,
           to_timestamp(received_ms / 1000.0)::timestamptz(3) AS received_at,
           latitude, longitude, accuracy_meters, fingerprint
    FROM unnest(user_ids, ids, recorded_ms, received_ms, latitudes, longitudes, accuracies, fingerprints)
      AS input (user_id, id, recorded_ms, received_ms, latitude, longitude, accuracy_meters, fingerprint)
  ), living AS (
    SELECT input.* FROM input JOIN users ON users.id = input.user_id
  ), claim AS (
    INSERT INTO location_ids AS known (user_id, id, recorded_at, fingerprint)
    SELECT user_id, id, recorded_at, fingerprint FROM living WHERE fingerprint IS NOT NULL ORDER BY user_id, id
    ON CONFLICT (user_id, id) DO UPDATE SET fingerprint = known.fingerprint
    RETURNING user_id, id, recorded_at, fingerprint
  ), written AS (
    INSERT INTO location_history (user_id, recorded_at, id, received_at, latitude, longitude, accuracy_meters)
    SELECT living.user_id, living.recorded_at, living.id, received_at, latitude, longitude, accuracy_meters
    FROM living LEFT JOIN claim USING (user_id, id)
    WHERE living.fingerprint IS NULL
       OR (claim.fingerprint = living.fingerprint AND claim.recorded_at = living.recorded_at)
    ORDER BY living.user_id, living.recorded_at, living.id -- in one order on all servers: no deadlock
    ON CONFLICT DO NOTHING
  )
  SELECT user_id, id, (extract(epoch FROM recorded_at) * 1000)::float8, fingerprint FROM claim
  UNION ALL
  SELECT user_id, NULL, NULL, NULL
  FROM input WHERE NOT EXISTS (SELECT FROM living WHERE living.user_id = input.user_id);
END $$;
