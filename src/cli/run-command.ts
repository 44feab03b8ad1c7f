/**
 * What the programs have in common, and the one place where exit statuses are decided: 0 when all went well, 1 when
 * something failed, 2 when it was asked wrongly (an option, a value, a setting), 130 when Ctrl-C ended it, 143 when
 * SIGTERM did.
 */
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.js';
import { StartupError } from '../startup-error.js';
import { CommandError } from './command-error.js';
import { onStopSignal } from './stop-signals.js';

export const SUCCEEDED = 0;
export const FAILED = 1;
const ASKED_WRONGLY = 2;

/**
 * Runs a command and ends the process.
 * @param run resolves to SUCCEEDED or FAILED. Its signal is aborted by the first Ctrl-C or SIGTERM, for it to clean up;
 * the second one ends the process at once.
 */
export async function runCommand(run: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const interruption = new AbortController();
  let interruptedStatus: number | null = null;
  onStopSignal((name) => {
    if (interruptedStatus !== null) process.exit(interruptedStatus);
    interruptedStatus = 128 + constants.signals[name];
    interruption.abort();
  });
  const status = await run(interruption.signal).catch((error: unknown) => {
    return error === interruption.signal.reason ? FAILED : tellFailure(error);
  });
  process.exit(interruptedStatus ?? status);
}

/**
 * The options of a program: --help, and in one line what is wrong with how it was called. Parsing throws where there is
 * no more to do, see tellFailure().
 * @param environment the settings that the program reads, as settingsHelp() gives them.
 */
export function createCommand(name: string, description: string, environment = ''): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${text.trimEnd().replaceAll('\n', ' ')}\n`) })
    .addHelpText('after', environment === '' ? '' : `\nEnvironment, all optional:\n${environment}`)
    .addHelpText(
      'after',
      `\nExit status: ${SUCCEEDED} when all went well, ${FAILED} when something failed, ${ASKED_WRONGLY} for a wrong ` +
        'option, value or setting.',
    );
}

/** Prints why a program ends, in one line if that was to be expected, and gives its exit status. */
export function tellFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? SUCCEEDED : ASKED_WRONGLY; // It has been printed.
  const isExpected = error instanceof CommandError || error instanceof StartupError;
  console.error(isExpected ? error.message : error);
  return error instanceof ConfigError ? ASKED_WRONGLY : FAILED;
}
