/** Origins that browsers may call from, in lower case; '*' is every one. */
export type AllowedOrigins = '*' | readonly string[];

/** Who sends no origin is no browser page and may always call. */
export function isAllowedOrigin(origin: string | null | undefined, allowed: AllowedOrigins): boolean {
  return origin == null || allowed === '*' || allowed.includes(origin.toLowerCase());
}
