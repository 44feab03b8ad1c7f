-- The ids of clients are remembered for some days instead of as long as the history, and without a log of them: it was
-- half of what a row cost the log, and the ids two fifths of what a row took on the disk. A location that comes again with
-- the same id and time meets its row in the history all the same. See docs/decisions/008-history-ids.md.
--
-- Emptied first, so that nobody waits for the table to be written anew. It stays the same table, with who may use it.
TRUNCATE location_ids;
ALTER TABLE location_ids SET UNLOGGED;

-- As in 20261129000000_speed_and_heading, but what came before under an id that is forgotten is still a conflict.
CREATE OR REPLACE FUNCTION record_locations(
  user_ids uuid[], ids uuid[], recorded_ms bigint[], received_ms bigint[],
  latitudes float8[], longitudes float8[], accuracies float8[], fingerprints uuid[],
  speeds real[] DEFAULT NULL, headings real[] DEFAULT NULL
) RETURNS TABLE (user_id uuid, id uuid, recorded_at_ms float8, fingerprint uuid)
LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
  unknown_users uuid[];
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7300001);
  unknown_users := ARRAY(
    SELECT DISTINCT user_id FROM unnest(user_ids) AS user_id
    WHERE NOT EXISTS (SELECT FROM users WHERE users.id = user_id)
  );
  RETURN QUERY SELECT user_id, NULL::uuid, NULL::float8, NULL::uuid FROM unnest(unknown_users) AS user_id;
  BEGIN
    -- Everywhere in one order, of tables and of rows: no deadlock between servers.
    INSERT INTO location_ids (user_id, id, recorded_at, fingerprint)
    SELECT user_id, id, timestamptz 'epoch' + recorded_ms * interval '1 millisecond', fingerprint
    FROM unnest(user_ids, ids, recorded_ms, fingerprints) AS input (user_id, id, recorded_ms, fingerprint)
    WHERE fingerprint IS NOT NULL AND user_id <> ALL (unknown_users)
    ORDER BY user_id, id;
    INSERT INTO location_history (user_id, recorded_at, id, received_at, latitude, longitude, accuracy_meters,
                                  speed_meters_per_second, heading_degrees)
    SELECT user_id, timestamptz 'epoch' + recorded_ms * interval '1 millisecond' AS recorded_at, id,
           timestamptz 'epoch' + received_ms * interval '1 millisecond', latitude, longitude, accuracy_meters,
           speed, heading
    FROM unnest(user_ids, ids, recorded_ms, received_ms, latitudes, longitudes, accuracies, speeds, headings)
      AS input (user_id, id, recorded_ms, received_ms, latitude, longitude, accuracy_meters, speed, heading)
    WHERE user_id <> ALL (unknown_users)
    ORDER BY user_id, recorded_at, id;
    RETURN;
  EXCEPTION WHEN unique_violation THEN
    NULL; -- Go on below.
  END;
  RETURN QUERY
  WITH sent AS (
    SELECT user_id, id, timestamptz 'epoch' + recorded_ms * interval '1 millisecond' AS recorded_at,
           timestamptz 'epoch' + received_ms * interval '1 millisecond' AS received_at,
           latitude, longitude, accuracy_meters, fingerprint, speed, heading
    FROM unnest(user_ids, ids, recorded_ms, received_ms, latitudes, longitudes, accuracies, fingerprints, speeds, headings)
      AS input (user_id, id, recorded_ms, received_ms, latitude, longitude, accuracy_meters, fingerprint, speed, heading)
    WHERE user_id <> ALL (unknown_users)
  ), input AS (
    -- An id that is forgotten, at the same time with other contents.
    SELECT sent.*, fingerprint IS NOT NULL AND EXISTS (
      SELECT FROM location_history AS known
      WHERE known.user_id = sent.user_id AND known.recorded_at = sent.recorded_at AND known.id = sent.id
        AND (known.latitude, known.longitude, known.accuracy_meters,
             known.speed_meters_per_second, known.heading_degrees)
          IS DISTINCT FROM (sent.latitude, sent.longitude, sent.accuracy_meters, sent.speed, sent.heading)
    ) AS is_taken
    FROM sent
  ), claim AS (
    INSERT INTO location_ids AS known (user_id, id, recorded_at, fingerprint)
    SELECT user_id, id, recorded_at, fingerprint FROM input
    WHERE fingerprint IS NOT NULL AND NOT is_taken ORDER BY user_id, id
    ON CONFLICT (user_id, id) DO UPDATE SET fingerprint = known.fingerprint
    RETURNING user_id, id, recorded_at, fingerprint
  ), written AS (
    INSERT INTO location_history (user_id, recorded_at, id, received_at, latitude, longitude, accuracy_meters,
                                  speed_meters_per_second, heading_degrees)
    SELECT input.user_id, input.recorded_at, input.id, received_at, latitude, longitude, accuracy_meters, speed, heading
    FROM input LEFT JOIN claim USING (user_id, id)
    WHERE input.fingerprint IS NULL
       OR (claim.fingerprint = input.fingerprint AND claim.recorded_at = input.recorded_at)
    ORDER BY input.user_id, input.recorded_at, input.id
    ON CONFLICT DO NOTHING
  )
  SELECT user_id, id, (extract(epoch FROM recorded_at) * 1000)::float8, fingerprint FROM claim
  UNION ALL
  SELECT user_id, id, (extract(epoch FROM recorded_at) * 1000)::float8, NULL FROM input WHERE is_taken;
END $$;
