/** Bar charts as SVG for the README and the docs: readable on a light and on a dark page. */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { microsPerChange, microsPerUpdate, type Results, runsOf } from '../results.js';
import { spreadOf } from '../run/statistics.js';
import { type SystemName, systems } from '../systems.js';
import type { SteadyRun } from '../workloads/steady.js';
import { digits } from './table.js';

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly ours: boolean;
}

const FOLDER = resolve('docs/images');
const WIDTH = 760;
const LABEL_WIDTH = 230;
const BAR_HEIGHT = 22;
const GAP = 10;
const TOP = 48;

/** Writes a chart for each workload that was measured; returns the files. */
export async function writeCharts(results: Results): Promise<string[]> {
  const charts = [
    chart(
      'dense',
      'Server CPU per delivered change, every friend near (µs, less is better)',
      steadyBars(results, 'dense', microsPerChange),
    ),
    chart(
      'sparse',
      'Server CPU per update, a tenth of the friends near (µs, less is better)',
      steadyBars(results, 'sparse', microsPerUpdate),
    ),
    chart(
      'memory',
      'Memory per subscribed connection, 40 friends online (kB, less is better)',
      memoryBars(results),
    ),
  ].filter(({ bars }) => bars.length > 1);
  await mkdir(FOLDER, { recursive: true });
  return Promise.all(
    charts.map(async ({ name, title, bars }) => {
      const file = resolve(FOLDER, `bench-${name}.svg`);
      await writeFile(file, svgOf(title, bars));
      return file;
    }),
  );
}

const chart = (name: string, title: string, bars: readonly Bar[]) => ({ name, title, bars });

function steadyBars(results: Results, workload: string, value: (run: SteadyRun) => number): Bar[] {
  return barsOf((name) => runsOf(results, workload, name).map(value));
}

function memoryBars({ memory }: Results): Bar[] {
  return barsOf((name) =>
    memory
      .filter((run) => run.system === name && run.population === 'present_friends')
      .map((run) => run.kilobytesPerClient),
  );
}

function barsOf(valuesOf: (name: SystemName) => readonly number[]): Bar[] {
  return systems.flatMap(({ name, label }) => {
    const values = valuesOf(name);
    return values.length === 0
      ? []
      : [{ label, value: spreadOf(values).median, ours: name.startsWith('ours') }];
  });
}

function svgOf(title: string, bars: readonly Bar[]): string {
  const height = TOP + bars.length * (BAR_HEIGHT + GAP);
  const longest = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, ours }, index) => {
    const y = TOP + index * (BAR_HEIGHT + GAP);
    const width = Math.max(1, (value / longest) * (WIDTH - LABEL_WIDTH - 70));
    const middle = y + BAR_HEIGHT / 2 + 5;
    return (
      `  <text x="${LABEL_WIDTH - 10}" y="${middle}" text-anchor="end">${escape(label)}</text>\n` +
      `  <rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="3" class="${ours ? 'ours' : 'other'}"/>\n` +
      `  <text x="${(LABEL_WIDTH + width + 8).toFixed(1)}" y="${middle}">${digits(value)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>${escape(title)}</title>
  <style>
    text { font: 14px system-ui, sans-serif; fill: #333 }
    .title { font-weight: 600 }
    .ours { fill: #1a7f5a }
    .other { fill: #9aa5b1 }
    @media (prefers-color-scheme: dark) { text { fill: #ddd } .ours { fill: #3fb68b } .other { fill: #6b7682 } }
  </style>
  <text x="10" y="24" class="title">${escape(title)}</text>
${rows.join('\n')}
</svg>
`;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
