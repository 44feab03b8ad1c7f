-- Speed and direction of travel of a location (metres a second and degrees; null when the device did not say). Four bytes
-- are enough for the three decimals that they have.
ALTER TABLE location_history ADD COLUMN speed_meters_per_second real, ADD COLUMN heading_degrees real;

-- As in 20261126000000_record_locations_optimistic, with the two columns. Servers before this migration call it without
-- the last two arrays. It stays one function, so that it can be granted by its name.
DROP FUNCTION record_locations(uuid[], uuid[], bigint[], bigint[], float8[], float8[], float8[], uuid[]);
CREATE FUNCTION record_locations(
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
  WITH input AS (
    SELECT user_id, id, timestamptz 'epoch' + recorded_ms * interval '1 millisecond' AS recorded_at,
           timestamptz 'epoch' + received_ms * interval '1 millisecond' AS received_at,
           latitude, longitude, accuracy_meters, fingerprint, speed, heading
    FROM unnest(user_ids, ids, recorded_ms, received_ms, latitudes, longitudes, accuracies, fingerprints, speeds, headings)
      AS input (user_id, id, recorded_ms, received_ms, latitude, longitude, accuracy_meters, fingerprint, speed, heading)
    WHERE user_id <> ALL (unknown_users)
  ), claim AS (
    INSERT INTO location_ids AS known (user_id, id, recorded_at, fingerprint)
    SELECT user_id, id, recorded_at, fingerprint FROM input WHERE fingerprint IS NOT NULL ORDER BY user_id, id
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
  SELECT user_id, id, (extract(epoch FROM recorded_at) * 1000)::float8, fingerprint FROM claim;
END $$;
