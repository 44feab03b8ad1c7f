/**
 * The frame of all programs, and the one place that decides exit statuses: 0 for success, 1 for a failure, 2
 * for a wrong option, value or setting, 130 when Ctrl-C ended the program and 143 when SIGTERM did.
 */
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.js';
import { StartupError } from '../startup-error.js';
import { CommandError } from './command-error.js';
import { onStopSignal } from './stop-signals.js';

export const SUCCEEDED = 0;
export const FAILED = 1;

/**
 * Runs a command and ends the process.
 * @param run resolves to SUCCEEDED or FAILED. The first Ctrl-C or SIGTERM aborts its signal, so that it can
 * clean up; the second one ends the process at once.
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
    return error === interruption.signal.reason ? FAILED : printFailure(error);
  });
  process.exit(interruptedStatus ?? status);
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

const USAGE_ERROR = 2;
