/** Where HISTORY_CASSANDRA says the cluster is: `user:password@host:port,host:port?datacenter=…&keyspace=…&tls=on`. */

export interface CassandraAddress {
  /** Some nodes, `host:port`; the driver finds the others. */
  readonly contactPoints: readonly string[];
  /** The port of all nodes. */
  readonly port: number;
  /** The data center that requests go to. Default: `datacenter1`. */
  readonly datacenter: string;
  /** Default: `nearby`. */
  readonly keyspace: string;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly tls: boolean;
}

/** Ten years: Cassandra as it is by default lets nothing expire after January 2038. */
export const MAX_RETENTION_DAYS = 3_650;

/** Returns undefined for what is no such address. User and password are percent-encoded. */
export function parseCassandraAddress(text: string): CassandraAddress | undefined {
  const [, user, password, hosts, query] = ADDRESS.exec(text) ?? [];
  const contactPoints = hosts?.split(',').map((host) => host.trim()) ?? [];
  const [port, ...otherPorts] = new Set(contactPoints.map((host) => HOST.exec(host)?.groups?.['port']));
  if (port === undefined || otherPorts.length > 0) return undefined;
  const settings = new URLSearchParams(query);
  const {
    datacenter = 'datacenter1',
    keyspace = 'nearby',
    tls = 'off',
    ...others
  } = Object.fromEntries(settings);
  const areKnown = Object.keys(others).length === 0 && KEYSPACE.test(keyspace) && ['on', 'off'].includes(tls);
  if (!areKnown || datacenter === '') return undefined;
  const credentials = credentialsOf(user, password);
  return credentials === undefined
    ? undefined
    : Object.freeze({
        contactPoints: Object.freeze(contactPoints),
        port: Number(port),
        datacenter,
        keyspace,
        credentials,
        tls: tls === 'on',
      });
}

const ADDRESS = /^(?:([^:@/?]+):([^@/?]*)@)?([^@/?]+)(?:\?(.*))?$/;
const HOST = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):(?<port>\d{1,5})$/i;
const KEYSPACE = /^[a-z][a-z0-9_]{0,47}$/;

function credentialsOf(user?: string, password?: string): CassandraAddress['credentials'] | undefined {
  if (user === undefined || password === undefined) return null;
  try {
    return Object.freeze({ username: decodeURIComponent(user), password: decodeURIComponent(password) });
  } catch {
    return undefined;
  }
}
