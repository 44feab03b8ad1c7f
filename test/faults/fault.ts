/** Runs a fault under the traffic of a crowd, and tells in figures what users noticed of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createCrowd } from '../support/crowd.js';
import { type Deployment, type DeploymentOptions, startDeployment } from './deployment.js';
import type { Figure } from './scenario.js';
import { LATE_MS, startTraffic, type Traffic } from './traffic.js';

/** @param size of the crowd. Default: 150 clients who send 50 updates a second. */
export async function runFault(fault: Fault, size: CrowdSize = { clients: 150, perSecond: 50 }) {
  const deployment = await startDeployment(fault);
  try {
    const crowd = await createCrowd(deployment.postgres.url, size.clients);
    const traffic = await startTraffic(deployment, crowd, size.perSecond);
    try {
      return await measure(fault, { deployment, traffic });
    } finally {
      await traffic.close();
    }
  } finally {
    await deployment.close();
  }
}

export interface Fault extends DeploymentOptions {
  /** As it is named on the command line. */
  readonly name: string;
  readonly bar: Bar;
  /** Returns when it is over. */
  readonly inflict: (scene: Scene) => Promise<void>;
}

/**
 * What has to hold beside what always has to: what was acknowledged is in the history once, all lists are right at last,
 * nobody is shown a second after it was answered that they may not be seen, and nothing but UNAVAILABLE is answered.
 */
export interface Bar {
  /** How long after the fault no list is wrong any more. */
  readonly healMs: number;
  /** The longest time until an update is answered. Any where the server that has it is away itself. */
  readonly answerMs?: number;
  /** From sending an update to seeing it, for 99 of 100. Any where lists have to stand still. */
  readonly fanOutMs?: number;
  /** That no update is answered `recorded: false`. */
  readonly allRecorded?: boolean;
  /** Rows that were answered `recorded: false` may be lost, as their server was killed. */
  readonly mayLoseHeld?: boolean;
}

export interface Scene {
  readonly deployment: Deployment;
  readonly traffic: Traffic;
}

export interface CrowdSize {
  /** More than 80. */
  readonly clients: number;
  /** Updates of all of them. */
  readonly perSecond: number;
}

/** The name of the figure that tells how busy the machine is: how long lists took before the fault. */
export const CALM = 'calm p99, ms';

const CALM_MS = 3_000;
const LOOK_EVERY_MS = 100;
const WRITTEN_WITHIN_MS = 5_000;

async function measure({ bar, inflict }: Fault, scene: Scene): Promise<Figure[]> {
  const { deployment, traffic } = scene;
  let lastWrongAtMs = -Infinity;
  let healsAtMs = Infinity;
  let wrongAfter = 0;
  const looking = setInterval(() => {
    const [wrong, nowMs] = [traffic.wrongEntries(), performance.now()];
    if (wrong > 0) lastWrongAtMs = nowMs;
    if (nowMs > healsAtMs) wrongAfter = Math.max(wrongAfter, wrong);
  }, LOOK_EVERY_MS);

  await sleep(CALM_MS);
  const [beganAtMs, seenBefore] = [performance.now(), traffic.fanOutMs.length];
  await inflict(scene);
  const endedAtMs = performance.now();
  healsAtMs = endedAtMs + bar.healMs;
  await sleep(LATE_MS);
  const seenMs = [traffic.fanOutMs.slice(0, seenBefore), traffic.fanOutMs.slice(seenBefore)] as const;
  const isCalm = (): boolean => performance.now() > Math.max(lastWrongAtMs, endedAtMs + LATE_MS) + CALM_MS;
  while (!isCalm() && performance.now() < healsAtMs + CALM_MS) await sleep(LOOK_EVERY_MS);
  clearInterval(looking);
  wrongAfter += await traffic.end();

  const { updates } = traffic.ledger;
  const tookMs = updates.flatMap((update) => (update.sentAtMs >= beganAtMs ? (update.tookMs ?? []) : []));
  const heldCount = updates.filter(({ outcome, isLate }) => outcome === 'held' && !isLate).length;
  const recordedCount = updates.filter(({ outcome }) => outcome === 'recorded').length;
  const missing = await missingRows(scene, bar.mayLoseHeld === true);
  const crashed = deployment.servers.filter(({ isUp, hasEnded }) => isUp && hasEnded()).length;
  const defects = [...traffic.defects, ...Array.from({ length: crashed }, () => 'a server has ended')];
  for (const defect of new Set(defects)) console.error(`  ${defect}`);

  const atMost = (limit: number | undefined, value: number): boolean | null =>
    limit === undefined ? null : value <= limit;
  const [calmMs, p50Ms, p99Ms] = [
    percentile(seenMs[0], 0.99),
    percentile(seenMs[1], 0.5),
    percentile(seenMs[1], 0.99),
  ];
  const healMs = Math.max(0, lastWrongAtMs - endedAtMs);
  const longestMs = Math.round(Math.max(...tookMs));
  return [
    { name: 'acknowledged', value: recordedCount + heldCount, holds: recordedCount + heldCount > 0 },
    { name: 'held', value: heldCount, holds: bar.allRecorded === true ? heldCount === 0 : null },
    { name: 'lost', value: missing, holds: missing === 0 },
    { name: 'wrong after', value: wrongAfter, holds: wrongAfter === 0 },
    { name: 'healed, s', value: (healMs / 1_000).toFixed(1), holds: healMs <= bar.healMs },
    { name: CALM, value: calmMs, holds: null },
    { name: 'seen p50, ms', value: p50Ms, holds: null },
    { name: 'seen p99, ms', value: p99Ms, holds: atMost(bar.fanOutMs, p99Ms) },
    { name: 'answer max, ms', value: longestMs, holds: atMost(bar.answerMs, longestMs) },
    { name: 'forbidden', value: traffic.forbidden(), holds: traffic.forbidden() === 0 },
    { name: 'defects', value: defects.length, holds: defects.length === 0 },
  ];
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length * part)] ?? NaN);
}

/** Rows that were acknowledged and are not in the history once, when what was held has had its time. */
async function missingRows({ deployment, traffic }: Scene, mayLoseHeld: boolean): Promise<number> {
  const giveUpAtMs = performance.now() + WRITTEN_WITHIN_MS;
  for (;;) {
    const { lost, held } = await traffic.ledger.missing(deployment.postgres.url);
    const missing = lost + (mayLoseHeld ? 0 : held);
    if (missing === 0 || performance.now() > giveUpAtMs) return missing;
    await sleep(200);
  }
}
