/** Formats the result of a simulation as a table. */
import type { Latencies } from './latencies.js';
import type { SimulationResult } from './run-simulation.js';

export function reportOf({ statistics, elapsedSeconds }: SimulationResult, users: number): string {
  const { counts, delivery, answer, errors, closes } = statistics;
  const perSecond = (count: number): string => `${(count / elapsedSeconds).toFixed(1)}/s`;
  const rows = [
    ['users', number(users), `${number(counts.connected)} connected`],
    ['seconds', elapsedSeconds.toFixed(1), ''],
    ['updates sent', number(counts.sent), perSecond(counts.sent)],
    ['  answered', number(counts.answered), share(counts.answered, counts.sent)],
    ['  recorded', number(counts.recorded), share(counts.recorded, counts.sent)],
    ['changes delivered', number(counts.changes), perSecond(counts.changes)],
    ['  of friends who left', number(counts.left), ''],
    ['frames received', number(counts.frames), perSecond(counts.frames)],
    ...[...closes].map(([code, count]) => [`connections ended, ${code}`, number(count), '']),
    ...[...errors].map(([code, count]) => [`errors, ${code}`, number(count), '']),
    ...(errors.size === 0 ? [['errors', '0', '']] : []),
  ];
  const lines = rows.map(([label = '', value = '', note = '']) =>
    `${label.padEnd(LABEL_WIDTH)}${value.padStart(VALUE_WIDTH)}   ${note}`.trimEnd(),
  );
  const heads = ['p50', 'p95', 'p99', 'max'].map((head) => head.padStart(VALUE_WIDTH)).join('');
  return [
    ...lines,
    '',
    'latency, ms'.padEnd(LABEL_WIDTH) + heads,
    latencyRow('  update to friend', delivery),
    latencyRow('  update to answer', answer),
  ].join('\n');
}

const LABEL_WIDTH = 24;
const VALUE_WIDTH = 10;

function latencyRow(label: string, latencies: Latencies): string {
  const values = [...[0.5, 0.95, 0.99].map(latencies.percentileMs), latencies.longestMs];
  const cells = values.map((ms) => (ms === null ? '-' : ms.toFixed(1)).padStart(VALUE_WIDTH));
  return label.padEnd(LABEL_WIDTH) + cells.join('');
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}
