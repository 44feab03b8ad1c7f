/**
 * A file that exists whole or not at all. It is written beside its place, readable by its owner only; keep()
 * moves it to its place, and discard() deletes it if it was not kept.
 */
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError } from '../command-error.js';

/** @throws CommandError when the file cannot be written. */
export async function openOutputFile(path: string): Promise<OutputFile> {
  try {
    const there = await stat(path).catch(() => null);
    if (there !== null && !there.isFile())
      throw new CommandError(`${path} is not a file that can be replaced.`);
    // Replaces the file that a link leads to, not the link.
    const place = there === null ? path : await realpath(path);
    const partial = join(dirname(place), `.seed-${process.pid}.partial`);
    const file = await open(partial, 'w', 0o600);
    return {
      write: (text) => file.writeFile(text),
      async keep() {
        await file.close();
        await rename(partial, place);
      },
      async discard() {
        await file.close();
        await rm(partial, { force: true });
      },
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new CommandError(`${path} cannot be written (${String(error.code)}).`);
    }
    throw error;
  }
}

export interface OutputFile {
  /** Appends the text. */
  write(text: string): Promise<void>;
  keep(): Promise<void>;
  discard(): Promise<void>;
}
