/** Origins that browsers may call from, in lower case; '*' is every one. */
export type AllowedOrigins = '*' | readonly string[];

/**
 * Who sends no origin is no browser page and may always call; so may a page of this server's own, by its
 * host.
 */
export function isAllowedOrigin(
  origin: string | null | undefined,
  allowed: AllowedOrigins,
  ownHost?: string,
): boolean {
  if (origin == null || allowed === '*' || allowed.includes(origin.toLowerCase())) return true;
  return URL.canParse(origin) && new URL(origin).host === ownHost;
}
