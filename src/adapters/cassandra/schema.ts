/**
 * The tables in Cassandra, made and changed step by step. A step that was released never changes: what comes later is
 * another one. Each can be run again, as one that was interrupted is.
 */
export const STEPS: readonly Step[] = [
  {
    name: '001_history',
    statements: [
      // What is written together expires together, so that whole files are dropped. A window of three days makes some
      // thirty of them of the default retention.
      `CREATE TABLE IF NOT EXISTS locations (
         user_id uuid, day date, recorded_at timestamp, id uuid, received_at timestamp,
         latitude double, longitude double, accuracy_meters double,
         speed_meters_per_second float, heading_degrees float,
         PRIMARY KEY ((user_id, day), recorded_at, id)
       ) WITH CLUSTERING ORDER BY (recorded_at DESC, id DESC)
          AND compaction = {'class': 'TimeWindowCompactionStrategy',
                            'compaction_window_unit': 'DAYS', 'compaction_window_size': 3}`,
      // The ids that clients chose.
      `CREATE TABLE IF NOT EXISTS location_ids (
         user_id uuid, id uuid, recorded_at timestamp, fingerprint uuid,
         PRIMARY KEY ((user_id, id))
       ) WITH compaction = {'class': 'TimeWindowCompactionStrategy',
                            'compaction_window_unit': 'DAYS', 'compaction_window_size': 3}`,
      // The days of which a user may have locations.
      `CREATE TABLE IF NOT EXISTS location_days (
         user_id uuid, day date, PRIMARY KEY (user_id, day)
       ) WITH CLUSTERING ORDER BY (day DESC)`,
    ],
  },
  {
    name: '002_ids_for_days',
    statements: [
      // Ids are remembered for days, not as long as locations.
      `ALTER TABLE location_ids WITH compaction = {'class': 'TimeWindowCompactionStrategy',
                                                   'compaction_window_unit': 'HOURS', 'compaction_window_size': 6}`,
    ],
  },
];

export interface Step {
  readonly name: string;
  readonly statements: readonly string[];
}
