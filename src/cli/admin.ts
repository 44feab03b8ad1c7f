/** `npm run admin -- find ada` and the other commands of operators; see --help. */
import type pg from 'pg';
import { openCassandra } from '../adapters/cassandra/history.js';
import { checkDatabase } from '../adapters/postgres/check-database.js';
import { createPool } from '../adapters/postgres/pool.js';
import { createPrisma, type PrismaClient } from '../adapters/postgres/prisma.js';
import { readDatabaseMicros, whileUsersStay } from '../adapters/postgres/while-users-stay.js';
import { type Config, readConfig, settingsHelp } from '../config.js';
import { findEmbeddedPostgres } from '../embedded/postgres.js';
import { createLogger } from '../log.js';
import { StartupError } from '../startup-error.js';
import { systemClock } from '../time/clock.js';
import { type AccountsAdmin, createAccountsAdmin, type WaysIn } from './admin/accounts-admin.js';
import { rotateKeys } from './admin/keys-admin.js';
import { CommandError } from './command-error.js';
import { createCommand, runCommand, SUCCEEDED } from './run-command.js';

type Print = (value: object, text: string) => void;

async function main(): Promise<number> {
  const program = createCommand(
    'npm run admin --',
    'Looks after accounts and keys in the database of DATABASE_URL, or in the embedded one of a server that runs. USER is a handle or an id. ' +
      'Servers that run hear of it within seconds. Nobody is told where anybody is.',
    settingsHelp(['DATABASE_URL', 'DATA_DIR', 'HISTORY_CASSANDRA', 'JWT_PRIVATE_KEY']),
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
        const config = readConfig(process.env);
        await withDatabase(config, ({ pool, prisma }) => {
          const admin = createAccountsAdmin(prisma, (userId) => eraseElsewhere(config, pool, userId));
          return run(admin, printer(options))(who, options);
        });
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

  program
    .command('rotate-keys')
    .description('makes a new key that signs access tokens; those of the old keys hold until they expire')
    .option('--revoke-old', 'ends the old keys and all their tokens now, as when one has leaked')
    .option('--json', 'prints one JSON object')
    .action(async (options: Options) => {
      const config = readConfig(process.env);
      if (config.jwtPrivateKeyPem !== null) throw new CommandError(KEY_BY_SETTING);
      const { revokeOld = false } = options;
      await withDatabase(config, async ({ pool }) => {
        const keys = await rotateKeys(pool, revokeOld);
        const old = revokeOld
          ? 'No server accepts tokens of the old keys after ten seconds.'
          : 'Tokens of the old keys hold until they expire.';
        printer(options)(keys, `The new key is ${keys.newKey}. ${old}`);
      });
    });

  await program.parseAsync();
  return SUCCEEDED;
}

interface Options {
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly revokeOld?: boolean;
}

const KEY_BY_SETTING =
  'JWT_PRIVATE_KEY gives the key: put another one there, on all servers, and restart them. ' +
  'Tokens of the old key end with that, and clients get others by themselves.';

const printer =
  ({ json }: Options): Print =>
  (value, text) => {
    console.log(json === true ? JSON.stringify(value) : text);
  };

async function withDatabase(
  config: Config,
  run: (database: { pool: pg.Pool; prisma: PrismaClient }) => Promise<void>,
): Promise<void> {
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
    await run({ pool, prisma });
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
