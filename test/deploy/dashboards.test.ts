/** What is made for Grafana and Prometheus asks for nothing that a server does not expose. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { parser } from '@prometheus-io/lezer-promql';
import { expect, it, onTestFinished, vi } from 'vitest';
import { parse } from 'yaml';
import { move, signUpFriends } from '../support/api.js';
import { follow } from '../support/nearby-list.js';
import { startTestCluster } from '../support/nodes.js';

const DASHBOARD = 'deploy/grafana/nearby-friends.json';
const ALERTS = 'deploy/prometheus/alerts.yml';
const ALERT_TESTS = 'test/deploy/alerts.promtool.yml';
/** What Prometheus itself puts on every series, also on its own `up`. */
const TARGET_LABELS = ['instance', 'job'];

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

interface Alerts {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
}

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

/** Label names by series name, as Prometheus reads them. */
async function exposedBy(url: string): Promise<Map<string, Set<string>>> {
  const labels = new Map([['up', new Set(TARGET_LABELS)]]);
  for (const line of (await (await fetch(`${url}/metrics`)).text()).split('\n')) {
    const [, name = '', inBraces = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    const known = labels.get(name) ?? new Set(TARGET_LABELS);
    for (const [, label = ''] of inBraces.matchAll(/(\w+)="/g)) known.add(label);
    labels.set(name, known);
  }
  return labels;
}

/** What is wrong with an expression. */
function problemsOf(expr: string, exposed: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const problems: string[] = [];
  const text = expr.replaceAll('$__rate_interval', '5m');
  /** Labels of all series in the expression, and what it groups by. */
  const available = new Set<string>();
  const grouped: string[] = [];
  let series = '';
  parser.parse(text).iterate({
    enter({ name, type, from, to, node }) {
      const part = text.slice(from, to);
      if (type.isError) problems.push(`does not parse at ${from}: ${text}`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') {
        series = part;
        if (!exposed.has(series)) problems.push(`no series ${series}`);
        for (const label of exposed.get(series) ?? []) available.add(label);
      }
      if (name !== 'LabelName') return;
      if (node.parent?.name === 'GroupingLabels') grouped.push(part);
      else if (exposed.get(series)?.has(part) !== true) problems.push(`no label ${part} on ${series}`);
    },
  });
  if (series === '') problems.push(`no series in ${text}`);
  for (const label of grouped) if (!available.has(label)) problems.push(`no label ${label} to group by`);
  return problems;
}

it('dashboard and alerts use series and labels that a server exposes', async () => {
  const cluster = await startTestCluster(1);
  onTestFinished(() => cluster.close());
  const url = cluster.urls[0] as string;
  const [ann, bob] = await signUpFriends(url);
  await move(url, ann, { latitude: 1, longitude: 1 });
  const list = follow(url, ann);
  await list.next();
  await move(url, bob, { latitude: 1, longitude: 1 });
  await list.next();
  const exposed = await vi.waitFor(
    async () => {
      const labels = await exposedBy(url);
      // Exposed from the first collection on.
      expect(labels.has('nodejs_gc_duration_seconds_sum')).toBe(true);
      return labels;
    },
    { timeout: 10_000 },
  );

  const { panels, templating } = JSON.parse(await readFile(DASHBOARD, 'utf8')) as Dashboard;
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
  const queries = panels.flatMap(({ targets }) => targets?.map(({ expr }) => expr) ?? []);
  const rules = (parse(await readFile(ALERTS, 'utf8')) as Alerts).groups.flatMap((group) => group.rules);
  expect([queries.length > 20, rules.length > 5]).toEqual([true, true]);
  for (const expr of [...queries, ...rules.map((rule) => rule.expr)])
    expect(problemsOf(expr, exposed), expr).toEqual([]);
  for (const rule of rules) {
    expect(rule.for, rule.alert).toMatch(/^\d+m$/);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary.length).toBeGreaterThan(40);
  }

  // The check itself sees what is wrong.
  expect(problemsOf('rate(nearby_unheard_of_total[5m])', exposed)).toEqual([
    'no series nearby_unheard_of_total',
  ]);
  expect(problemsOf('sum by (user) (nearby_drops_total{where="x"})', exposed)).toEqual([
    'no label where on nearby_drops_total',
    'no label user to group by',
  ]);
  expect(problemsOf('sum(nearby_ready', exposed)).not.toEqual([]);
});

it('docs/operations.md explains every metric and every alert', async () => {
  const cluster = await startTestCluster(1);
  onTestFinished(() => cluster.close());
  const text = await (await fetch(`${cluster.urls[0] ?? ''}/metrics`)).text();
  const metrics = Array.from(text.matchAll(/^# TYPE (nearby_\w+)/gm), ([, name = '']) => name);
  const rules = (parse(await readFile(ALERTS, 'utf8')) as Alerts).groups.flatMap((group) => group.rules);
  expect(metrics.length).toBeGreaterThan(20);
  const docs = await readFile('docs/operations.md', 'utf8');
  const explained = new Set(Array.from(docs.matchAll(/`(\w+)(?:\{[^`]*\})?`/g), ([, name = '']) => name));
  expect([...metrics, ...rules.map(({ alert }) => alert)].filter((name) => !explained.has(name))).toEqual([]);
  const named = [...explained].filter((name) => /^Nearby[A-Z]/.test(name));
  expect(named.filter((name) => rules.every(({ alert }) => alert !== name))).toEqual([]);
});

it(
  'promtool takes the alerts, where it is installed, and they fire when they should',
  { timeout: 120_000 },
  async (context) => {
    const run = promisify(execFile);
    const isInstalled = await run('promtool', ['--version']).then(
      () => true,
      () => false,
    );
    if (!isInstalled) context.skip('promtool is not on PATH (Debian: apt-get install prometheus)');
    expect((await run('promtool', ['check', 'rules', ALERTS])).stdout).toContain('SUCCESS');
    expect((await run('promtool', ['test', 'rules', ALERT_TESTS])).stdout).toContain('SUCCESS');
  },
);
