/** Records what a page shows as pictures of their own. */
import type { Page } from 'playwright-core';

/**
 * Chromium sends a picture whenever something has changed; those are taken that are due.
 * @returns PNGs, and for how long each was to be seen.
 */
export async function record(page: Page, durationMs: number, frameMs: number): Promise<Recording> {
  const shots: { readonly png: Buffer; readonly atMs: number }[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
    const atMs = (metadata.timestamp ?? 0) * 1_000;
    const last = shots.at(-1);
    if (last === undefined || atMs - last.atMs >= frameMs)
      shots.push({ png: Buffer.from(data, 'base64'), atMs });
    // Without an answer Chromium sends no more.
    session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
  });
  await session.send('Page.startScreencast', { format: 'png' });
  await page.waitForTimeout(durationMs);
  await session.send('Page.stopScreencast');
  return {
    frames: shots.map(({ png }) => png),
    delaysMs: shots.map(({ atMs }, index) => Math.round((shots[index + 1]?.atMs ?? atMs + frameMs) - atMs)),
  };
}

export interface Recording {
  readonly frames: Buffer[];
  readonly delaysMs: number[];
}
