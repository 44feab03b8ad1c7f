/** Says in one sentence, without credentials, why a Redis cannot be used. */
export function reasonOf(error: unknown, host: string, overTls: boolean): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Redis repeats the arguments of a command that it does not know, and they may be a password.
  const message = (error instanceof Error ? error.message : String(error)).split(/, with args|\n/)[0] ?? '';
  const text = `${code} ${message}`;
  for (const [pattern, reason] of REASONS) if (pattern.test(text)) return reason(host, message, overTls);
  return `Redis at ${host} cannot be used: ${message}.`;
}

type Reason = (host: string, message: string, overTls: boolean) => string;

/** The first that fits counts. */
const REASONS: readonly (readonly [RegExp, Reason])[] = [
  [/WRONGPASS|NOAUTH|invalid password/i, (host) => `Redis at ${host} refuses the user or the password.`],
  [/ENOTFOUND|EAI_AGAIN/, (host) => `the host of ${host} is not known.`],
  [/ECONNREFUSED|ENOENT/, (host) => `nothing listens at ${host}.`],
  [/EHOSTUNREACH|ENETUNREACH/, (host) => `${host} cannot be reached from here.`],
  [
    /certificate.required|handshake failure/i,
    (host) => `${host} wants a client certificate, which cannot be given: see tls-auth-clients of Redis.`,
  ],
  [/wrong version number|packet length/i, (host) => `${host} does not speak TLS: write redis://.`],
  [/ALTNAME/, (host, message) => `the certificate of ${host} names other hosts (${message.trim()}).`],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|certificate|TLS|SSL/,
    // Newer versions of Node add their own advice after a semicolon.
    (host, message) =>
      `no TLS connection to ${host}: ${message.split(';')[0] ?? ''}. NODE_EXTRA_CA_CERTS names a CA to trust.`,
  ],
  [
    /ETIMEDOUT|timeout|timed out/i,
    (host, _, overTls) => `no Redis answered at ${host} within 5 s${overTls ? ' over TLS' : ''}.`,
  ],
  [
    /ECONNRESET|EPIPE|Connection is closed/,
    // Whether the reason arrives before the end of the connection is a matter of luck.
    (host, _, overTls) =>
      overTls
        ? `${host} closes the connection. It may want a client certificate, which cannot be given: see tls-auth-clients of Redis.`
        : `${host} closes the connection. If it wants TLS, write rediss://.`,
  ],
  [/READONLY|MASTERDOWN/, (host) => `Redis at ${host} is a replica: name its master.`],
  [/LOADING/, (host) => `Redis at ${host} is loading its data: try again.`],
  [/OOM/, (host) => `Redis at ${host} is out of memory (maxmemory).`],
  [/CLUSTERDOWN/, (host) => `the Redis Cluster at ${host} is down.`],
  [/max number of clients/, (host) => `Redis at ${host} has no connection left for us.`],
];
