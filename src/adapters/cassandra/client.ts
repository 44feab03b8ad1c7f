/**
 * The connections to Cassandra. Statements are prepared, may be sent twice, go to a node that has the rows, and count
 * when a majority of the local data center has answered. What the start can't use is said in one line.
 */
import { auth, Client, errors, policies, types } from 'cassandra-driver';
import { StartupError } from '../../startup-error.js';
import type { CassandraAddress } from './address.js';
import { causesOf, wordsOf } from './failures.js';

/** @throws StartupError when nobody answers, or nothing can be done there. */
export async function connectCassandra(address: CassandraAddress): Promise<Client> {
  const { contactPoints, port, datacenter, keyspace, credentials, tls } = address;
  const { ConstantSpeculativeExecutionPolicy } = policies.speculativeExecution;
  const client = new Client({
    contactPoints: [...contactPoints],
    // The driver takes the nodes that it finds to listen at this port.
    protocolOptions: { port },
    localDataCenter: datacenter,
    keyspace,
    applicationName: 'nearby-friends',
    ...(credentials && {
      authProvider: new auth.PlainTextAuthProvider(credentials.username, credentials.password),
    }),
    // The driver's default takes any certificate.
    ...(tls && { sslOptions: { rejectUnauthorized: true } }),
    encoding: { useBigIntAsLong: true },
    socketOptions: { readTimeout: ANSWER_TIMEOUT_MS },
    policies: {
      retry: new ClaimsAgain(),
      // A node that has stopped answering must not hold up an update. The driver's own choice of nodes, which asks those
      // that have the rows, turns to it last while ten requests wait for it.
      speculativeExecution: new ConstantSpeculativeExecutionPolicy(ASK_ANOTHER_AFTER_MS, 1),
    },
    queryOptions: {
      consistency: CONSISTENCY,
      serialConsistency: types.consistencies.localSerial,
      prepare: true,
      isIdempotent: true,
    },
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.shutdown();
    throw new StartupError(`HISTORY_CASSANDRA: ${reasonOf(error, address)}`);
  }
}

/**
 * Sends a conditional write again whose outcome is not known, as when another one for the same row came between: if it was
 * done, it finds itself.
 */
class ClaimsAgain extends policies.retry.RetryPolicy {
  override onWriteTimeout(...args: WriteTimeout): policies.retry.DecisionInfo {
    const [{ nbRetry }, , , , writeType] = args;
    if (writeType === 'CAS' && nbRetry < CLAIMS_AGAIN_AT_MOST) return this.retryResult(CONSISTENCY, true);
    return super.onWriteTimeout(...args);
  }
}

type WriteTimeout = Parameters<policies.retry.RetryPolicy['onWriteTimeout']>;

const CONSISTENCY = types.consistencies.localQuorum;
const CLAIMS_AGAIN_AT_MOST = 8;
const ANSWER_TIMEOUT_MS = 5_000;
const ASK_ANOTHER_AFTER_MS = 250;

function reasonOf(error: unknown, { contactPoints, datacenter, keyspace }: CassandraAddress): string {
  const at = contactPoints.join(', ');
  const causes = causesOf(error);
  const words = wordsOf(error);
  if (/keyspace .* does not exist/i.test(words)) {
    return (
      `Cassandra at ${at} has no keyspace ${keyspace}. Make it, with as many replicas as you want: ` +
      `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${datacenter}': 3};`
    );
  }
  if (causes.some((cause) => cause instanceof errors.AuthenticationError)) {
    return `Cassandra at ${at} refuses the user or the password.`;
  }
  return `Cassandra at ${at} cannot be used: ${words}.`;
}
