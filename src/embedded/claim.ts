/**
 * Claims a folder for one process until it releases the claim or dies. The claim is a file with the number
 * and identity of the process. The claim of a dead process is taken over.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from './process-identity.js';

/** Claims `folder` for this process, or returns the living process that has it. */
export async function claim(folder: string): Promise<Claim> {
  const path = join(folder, CLAIM_FILE);
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, identity: await processIdentity(process.pid) }));
  try {
    while (!(await link(own, path).then(() => true, isTaken))) {
      const found = await readFile(path, 'utf8').catch(() => null);
      const holder = await livingHolder(found);
      if (holder !== null) return { holder };
      await removeDead(path, found);
    }
  } finally {
    await rm(own, { force: true });
  }
  return { holder: null, release: () => rm(path, { force: true }) };
}

/** Resolves to the living process that has the claim on `folder`; null when there is none. */
export async function claimHolder(folder: string): Promise<number | null> {
  return livingHolder(await readFile(join(folder, CLAIM_FILE), 'utf8').catch(() => null));
}

export type Claim =
  | { readonly holder: null; readonly release: () => Promise<void> }
  /** The living process that has the claim. */
  | { readonly holder: number };

const CLAIM_FILE = 'server.json';

async function livingHolder(text: string | null): Promise<number | null> {
  if (text === null) return null;
  const { pid, identity } = JSON.parse(text) as { pid: number; identity: string };
  return (await processIdentity(pid)) === identity ? pid : null;
}

/**
 * Removes a dead claim. Several processes may try, so a claim that another process has just made is put back.
 */
async function removeDead(path: string, dead: string | null): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  if (
    !(await rename(path, aside).then(
      () => true,
      () => false,
    ))
  )
    return;
  if ((await readFile(aside, 'utf8')) !== dead) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function isTaken(error: NodeJS.ErrnoException): false {
  if (error.code !== 'EEXIST') throw error;
  return false;
}
