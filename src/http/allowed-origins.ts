/** Origins that browsers may call from, in lower case; '*' is every one. */
export type AllowedOrigins = '*' | readonly string[];

/**
 * Clients that send no origin are not browser pages and may always call, as may pages of this server itself.
 */
export function isAllowedOrigin(
  origin: string | null | undefined,
  allowed: AllowedOrigins,
  ownHost?: string,
): boolean {
  if (origin == null || allowed === '*' || allowed.includes(origin.toLowerCase())) return true;
  return URL.canParse(origin) && new URL(origin).host === ownHost;
}
