/**
 * Makes this process the one user of `folder` until it gives the claim back or dies. The claim is a file with our
 * process number in it; one that a dead process left is taken over.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from './process-identity.js';

export async function claim(folder: string): Promise<Claim> {
  const path = join(folder, CLAIM_FILE);
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, identity: await processIdentity(process.pid) }));
  try {
    while (!(await link(own, path).then(() => true, isTaken))) {
      const found = await readFile(path, 'utf8').catch(() => null);
      const holder = await livingHolder(found);
      if (holder !== null) return { holder };
      await takeAway(path, found);
    }
  } finally {
    await rm(own, { force: true });
  }
  return { holder: null, release: () => rm(path, { force: true }) };
}

/** The process that has the claim on `folder` and lives; null when nobody has. */
export async function claimHolder(folder: string): Promise<number | null> {
  return livingHolder(await readFile(join(folder, CLAIM_FILE), 'utf8').catch(() => null));
}

export type Claim =
  | { readonly holder: null; readonly release: () => Promise<void> }
  /** The process that has the claim and lives. */
  | { readonly holder: number };

const CLAIM_FILE = 'server.json';

async function livingHolder(text: string | null): Promise<number | null> {
  if (text === null) return null;
  const { pid, identity } = JSON.parse(text) as { pid: number; identity: string };
  return (await processIdentity(pid)) === identity ? pid : null;
}

/** Of several that find the same dead claim one takes it away; a claim that another just made is put back. */
async function takeAway(path: string, dead: string | null): Promise<void> {
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
