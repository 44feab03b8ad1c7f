/** `npm run seed -- --graph FILE.csv --out TOKENS.csv` makes users and friendships; see --help. */
import { readConfig, settingsHelp } from '../config.js';
import { createCommand, runCommand, SUCCEEDED } from './run-command.js';
import { type SeedOptions, seedDatabase } from './seed/seed-database.js';

async function main(signal: AbortSignal): Promise<number> {
  const startedAtMs = performance.now();
  const options = createCommand(
    'npm run seed --',
    'Makes users and friendships in the database of DATABASE_URL, or in the embedded one, whether a server ' +
      'runs on it or not. Needs the same environment as the server. A second run adds what is missing and ' +
      'makes new tokens. A failure or Ctrl-C (exit status 130) changes nothing.',
    settingsHelp(['DATABASE_URL', 'DATA_DIR', 'JWT_PRIVATE_KEY']),
  )
    .requiredOption(
      '--graph <file.csv>',
      'pairs of friends, user_a,user_b with a header line; number 7 is user u007',
    )
    .requiredOption('--out <tokens.csv>', 'file for user,userId,accessToken; a token is valid for a day')
    .parse()
    .opts<SeedOptions>();
  const { users, friendships } = await seedDatabase(options, readConfig(process.env), signal);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`Added in ${seconds} s: users ${users}, friendships ${friendships}. Tokens: ${options.out}`);
  return SUCCEEDED;
}

await runCommand(main);
