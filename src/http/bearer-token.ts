/** The token of `Bearer …` (RFC 6750 section 2.1); null for anything else. */
export function bearerToken(authorization: string | null | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** The token of a connection_init payload, whose key is 'authorization' in any case. */
export function connectionToken(params: Readonly<Record<string, unknown>> | undefined): string | null {
  for (const [key, value] of Object.entries(params ?? {})) {
    if (key.toLowerCase() === 'authorization' && typeof value === 'string') return bearerToken(value);
  }
  return null;
}
