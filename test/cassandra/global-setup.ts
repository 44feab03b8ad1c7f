import type { TestProject } from 'vitest/node';
import { startCassandraCluster } from '../support/cassandra-cluster.js';

/** One cluster for all tests, each of which has a keyspace of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCassandraCluster();
  project.provide('cassandraContactPoints', cluster.contactPoints);
  return () => cluster.close();
}

declare module 'vitest' {
  interface ProvidedContext {
    cassandraContactPoints: string;
  }
}
