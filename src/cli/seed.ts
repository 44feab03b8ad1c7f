/** `npm run seed -- --graph FILE.csv --out TOKENS.csv`: see --help. */
import { Command } from 'commander';
import { readConfig } from '../config.js';
import { runCommand } from './run-command.js';
import { type SeedOptions, seedDatabase } from './seed/seed-database.js';

async function main(): Promise<number> {
  const startedAtMs = performance.now();
  const options = new Command('npm run seed --')
    .description(
      'Makes users and friendships in the database that DATABASE_URL names, or in the embedded one, whether a server ' +
        'runs on it or not. Give it the environment of the server. Run again, it adds what is missing and makes the ' +
        'tokens anew.',
    )
    .requiredOption(
      '--graph <file.csv>',
      'pairs of friends: user_a,user_b under a header; number 7 is user u007',
    )
    .requiredOption('--out <tokens.csv>', 'where to write user,userId,accessToken; a token is good for a day')
    .parse()
    .opts<SeedOptions>();
  const { users, friendships } = await seedDatabase(options, readConfig(process.env));
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`Added in ${seconds} s: users ${users}, friendships ${friendships}. Tokens: ${options.out}`);
  return 0;
}

await runCommand(main);
