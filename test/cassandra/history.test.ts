import { historyStoreContract } from '../adapters/contracts/history-store.js';
import { historyWriterContract } from '../adapters/contracts/history-writer.js';
import { openCassandraHistory } from './cassandra-history.js';

historyWriterContract('Cassandra', () => openCassandraHistory());
historyStoreContract('Cassandra', () => openCassandraHistory());
