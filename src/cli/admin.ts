/** `npm run admin -- find ada` and the other commands of operators; see --help. */
import type pg from 'pg';
import { openCassandra } from '../adapters/cassandra/history.js';
import { checkDatabase } from '../adapters/postgres/check-database.js';
import { createPool } from '../adapters/postgres/pool.js';
import { createPrisma } from '../adapters/postgres/prisma.js';
import { readDatabaseMicros, whileUsersStay } from '../adapters/postgres/while-users-stay.js';
import { type Config, readConfig, settingsHelp } from '../config.js';
import { findEmbeddedPostgres } from '../embedded/postgres.js';
import { createLogger } from '../log.js';
import { StartupError } from '../startup-error.js';
import { systemClock } from '../time/clock.js';
import { type AccountsAdmin, createAccountsAdmin, type WaysIn } from './admin/accounts-admin.js';
import { CommandError } from './command-error.js';
import { createCommand, runCommand, SUCCEEDED } from './run-command.js';

type Print = (value: object, text: string) => void;

async function main(): Promise<number> {
  const program = createCommand(
    'npm run admin --',
    'Looks after accounts in the database of DATABASE_URL, or in the embedded one of a server that runs. USER is a handle or an id. ' +
      'Servers that run hear of it within seconds. Nobody is told where anybody is.',
    settingsHelp(['DATABASE_URL', 'DATA_DIR', 'HISTORY_CASSANDRA']),
  );

  function define(
    name: string,
    description: string,
    run: (admin: AccountsAdmin, print: Print) => (who: string, options: Options) => Promise<void>,
  ) {
    return program
      .command(`${name} <user>`)
      .description(description)
      .option('--json', 'prints one JSON object')
      .action(async (who: string, options: Options) => {
        const print: Print = (value, text) => {
          console.log(options.json === true ? JSON.stringify(value) : text);
        };
        await withAdmin((admin) => run(admin, print)(who, options));
      });
  }

  define(
    'find',
    'shows an account: names, age, and how many sessions, device tokens and friends it has',
    (admin, print) => async (who) => {
      const user = await admin.find(who);
      print(
        user,
        Object.entries(user)
          .map(([name, value]) => `${name.padEnd(14)}${value ?? ''}`)
          .join('\n'),
      );
    },
  );
  define('sessions', 'lists its sessions and device tokens, newest first', (admin, print) => async (who) => {
    const ways = await admin.waysInOf(who);
    print(ways, linesOf(ways).join('\n') || 'none');
  });
  define('sign-out', 'ends all its sessions and device tokens', (admin, print) => async (who) => {
    const ended = await admin.signOut(who);
    print(ended, `Ended: ${ended.sessions} sessions, ${ended.deviceTokens} device tokens.`);
  });
  define(
    'delete',
    'deletes the account, its friendships and its history for good',
    (admin, print) =>
      async (who, { yes }) => {
        if (yes !== true) throw new CommandError('This cannot be undone. Say --yes to go on.');
        await admin.delete(who);
        print({ deleted: who }, `Deleted: ${who}.`);
      },
  ).option('--yes', 'it is meant');

  await program.parseAsync();
  return SUCCEEDED;
}

interface Options {
  readonly json?: boolean;
  readonly yes?: boolean;
}

async function withAdmin(run: (admin: AccountsAdmin) => Promise<void>): Promise<void> {
  const config = readConfig(process.env);
  const databaseUrl = config.databaseUrl ?? (await findEmbeddedPostgres(config.dataDir));
  if (databaseUrl === null) {
    throw new StartupError('DATABASE_URL must be set, or a server with the embedded PostgreSQL must run.');
  }
  const pool = createPool(databaseUrl, {
    log: createLogger('error'),
    maxConnections: 2,
    applicationName: 'nearby-friends admin',
  });
  try {
    const { schema } = await checkDatabase(pool, systemClock);
    const prisma = createPrisma(pool, schema);
    await run(createAccountsAdmin(prisma, (userId) => eraseElsewhere(config, pool, userId)));
    await prisma.$disconnect();
  } finally {
    await pool.end();
  }
}

/** Deletes what Cassandra has of the history of a user whose account is deleted. */
async function eraseElsewhere(config: Config, pool: pg.Pool, userId: string): Promise<void> {
  if (config.historyCassandra === null) return;
  const cassandra = await openCassandra({
    address: config.historyCassandra,
    migrate: null,
    whileUsersStay: (userIds, work) => whileUsersStay(pool, userIds, work),
    readMicros: () => readDatabaseMicros(pool),
    retentionDays: config.historyRetentionDays,
    clock: systemClock,
  });
  try {
    await cassandra.store.eraseUser(userId);
  } finally {
    await cassandra.close();
  }
}

function linesOf({ sessions, deviceTokens }: WaysIn): string[] {
  const at = (ms: number | null): string => (ms === null ? 'never' : new Date(ms).toISOString());
  return [
    ...sessions.map(
      ({ id, createdAtMs, lastUsedAtMs }) =>
        `session ${id}  made ${at(createdAtMs)}  used ${at(lastUsedAtMs)}`,
    ),
    ...deviceTokens.map(
      ({ id, name, createdAtMs, lastUsedAtMs }) =>
        `device  ${id}  made ${at(createdAtMs)}  used ${at(lastUsedAtMs)}  ${name}`,
    ),
  ];
}

await runCommand(main);
