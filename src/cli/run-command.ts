import { StartupError } from '../startup-error.js';
import { CommandError } from './command-error.js';

/** Runs a command and ends the process with the status it returns; 1 after an error, told in one line if it is expected. */
export async function runCommand(command: () => Promise<number>): Promise<never> {
  try {
    process.exit(await command());
  } catch (error) {
    const isExpected = error instanceof CommandError || error instanceof StartupError;
    console.error(isExpected ? error.message : error);
    process.exit(1);
  }
}
