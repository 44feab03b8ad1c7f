/** What every system under comparison is given by the benchmark, by environment. */
export const setting = {
  databaseUrl: required('DATABASE_URL'),
  redisUrl: required('REDIS_URL'),
} as const;

/** What the project's server keeps and shows by default; the same for all. */
export const LOCATION_TTL_SECONDS = 600;
export const RADIUS_METERS = 8046.72;

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start the systems with npm run bench`);
  return value;
}
