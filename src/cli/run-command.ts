/**
 * The frame of all programs, and the one place that decides exit statuses: 0 for success, 1 for a failure, 2
 * for a wrong option, value or setting, and 130 when Ctrl-C ended the program.
 */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.js';
import { StartupError } from '../startup-error.js';
import { CommandError } from './command-error.js';

export const SUCCEEDED = 0;
export const FAILED = 1;

/**
 * Runs a command and ends the process.
 * @param run resolves to SUCCEEDED or FAILED. The first Ctrl-C aborts its signal, so that it can clean up;
 * the second one ends the process at once.
 */
export async function runCommand(run: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const signal = interruption();
  let status: number;
  try {
    status = await run(signal);
  } catch (error) {
    status = error === signal.reason ? INTERRUPTED : printFailure(error);
  }
  process.exit(signal.aborted ? INTERRUPTED : status);
}

/**
 * Makes the parser of a program's options, which prints --help, or one line about a wrong option. Parsing
 * then throws a CommanderError, which printFailure() knows.
 * @param environment the settings that the program reads, as settingsHelp() gives them. Default: none.
 */
export function createCommand(name: string, description: string, environment = ''): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${text.trimEnd().replaceAll('\n', ' ')}\n`) })
    .addHelpText('after', environment === '' ? '' : `\nEnvironment, all optional:\n${environment}`)
    .addHelpText(
      'after',
      `\nExit status: ${SUCCEEDED} for success, ${FAILED} for a failure, ${USAGE_ERROR} for a wrong ` +
        'option, value or setting.',
    );
}

/** Prints why a program failed, an expected error in one line, and returns the exit status. */
export function printFailure(error: unknown): number {
  // Commander has printed it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? SUCCEEDED : USAGE_ERROR;
  const isExpected = error instanceof CommandError || error instanceof StartupError;
  console.error(isExpected ? error.message : error);
  return error instanceof ConfigError ? USAGE_ERROR : FAILED;
}

/** npm, tsx and the terminal may each pass on the same Ctrl-C. */
const SAME_SIGNAL_MS = 500;

const USAGE_ERROR = 2;
const INTERRUPTED = 130;

function interruption(): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = 0;
  process.on('SIGINT', () => {
    if (!controller.signal.aborted) firstAtMs = performance.now();
    else if (performance.now() - firstAtMs > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
    controller.abort();
  });
  return controller.signal;
}
