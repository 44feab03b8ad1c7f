/** `npm run seed -- --graph FILE.csv --out TOKENS.csv`: see --help. */
import { readConfig, settingsHelp } from '../config.js';
import { createCommand, runCommand, SUCCEEDED } from './run-command.js';
import { type SeedOptions, seedDatabase } from './seed/seed-database.js';

async function main(signal: AbortSignal): Promise<number> {
  const startedAtMs = performance.now();
  const options = createCommand(
    'npm run seed --',
    'Makes users and friendships in the database that DATABASE_URL names, or in the embedded one, whether a server ' +
      'runs on it or not. Give it the environment of the server. Run again, it adds what is missing and makes the ' +
      'tokens anew. Everything is made or, after a failure or Ctrl-C (exit status 130), nothing.',
    settingsHelp(['DATABASE_URL', 'DATA_DIR', 'JWT_PRIVATE_KEY']),
  )
    .requiredOption(
      '--graph <file.csv>',
      'pairs of friends: user_a,user_b under a header; number 7 is user u007',
    )
    .requiredOption('--out <tokens.csv>', 'where to write user,userId,accessToken; a token is good for a day')
    .parse()
    .opts<SeedOptions>();
  const { users, friendships } = await seedDatabase(options, readConfig(process.env), signal);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`Added in ${seconds} s: users ${users}, friendships ${friendships}. Tokens: ${options.out}`);
  return SUCCEEDED;
}

await runCommand(main);
