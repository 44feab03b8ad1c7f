/** The manifests are what Kubernetes takes, and agree with each other, the image and the settings. */
import { execFile } from 'node:child_process';
import { BlockList, isIPv6 } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import ts from 'typescript';
import { expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config.js';
import { readImage, SECONDS_AFTER_DRAIN, unknownSettings } from '../support/image.js';

const FOLDER = 'deploy/kubernetes';
/** Folders that are applied by themselves, where a cluster needs what is in them. */
const EXTRAS = ['https-egress', 'pod-monitor'];

interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly configMapGenerator: readonly { readonly name: string; readonly literals: readonly string[] }[];
}

/** A kind that Prometheus Operator brings, so that there is no type for it here. */
interface PodMonitor {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: {
    readonly jobLabel: string;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podMetricsEndpoints: readonly { readonly port: string }[];
  };
}

async function read<T>(file: string): Promise<T> {
  return parse(await readFile(join(FOLDER, file), 'utf8')) as T;
}

/** What TypeScript says of the resources as literals of their types, unknown fields and missing ones included. */
function problemsOf(
  resources: readonly { readonly apiVersion?: string; readonly kind?: string }[],
): string[] {
  const files = new Map(
    resources.map((resource, index) => {
      const { apiVersion = '', kind = '' } = resource;
      const from = `kubernetes-types/${apiVersion === 'v1' ? 'core/v1' : apiVersion.replace('.k8s.io', '')}.js`;
      const source = `import type { ${kind} } from '${from}';\nconst it: ${kind} = ${JSON.stringify(resource)};`;
      return [resolve(`test/deploy/resource-${index}.ts`), source];
    }),
  );
  const options: ts.CompilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, types: [], lib: ['lib.es2023.d.ts'] },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

async function readAll() {
  const { resources, ...kustomization } = await read<Kustomization>('kustomization.yaml');
  const [deployment, service, neighbours, ingress, policy, budget, autoscaler] = await Promise.all([
    read<Deployment>('deployment.yaml'),
    read<Service>('service.yaml'),
    read<Service>('neighbours-service.yaml'),
    read<Ingress>('ingress.yaml'),
    read<NetworkPolicy>('network-policy.yaml'),
    read<PodDisruptionBudget>('pod-disruption-budget.yaml'),
    read<HorizontalPodAutoscaler>('horizontal-pod-autoscaler.yaml'),
  ]);
  const pod = deployment.spec?.template;
  const container = pod?.spec?.containers[0];
  if (container === undefined) throw new Error('The deployment has no container.');
  const [httpsEgress, podMonitor] = await Promise.all([
    read<NetworkPolicy>('https-egress/network-policy.yaml'),
    read<PodMonitor>('pod-monitor/pod-monitor.yaml'),
  ]);
  const network = { service, neighbours, ingress, policy, httpsEgress, podMonitor };
  return { resources, ...kustomization, deployment, ...network, budget, autoscaler, pod, container };
}

async function readSettings(): Promise<Record<string, string>> {
  const { configMapGenerator } = await readAll();
  return Object.fromEntries(
    configMapGenerator.flatMap(({ literals }) => literals).map((literal) => literal.split(/=(.*)/s, 2)),
  ) as Record<string, string>;
}

/** The manifests' annotations for HAProxy's ingress controller. */
const annotation = ({ metadata }: Service | Ingress, name: string): string =>
  metadata?.annotations?.[`haproxy.org/${name}`] ?? '';

/** HAProxy takes it as a configuration. @param lines without timeouts. */
async function checkHaproxy(lines: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-ingress-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'haproxy.cfg');
  const timeouts = ['timeout connect 1s', 'timeout client 1s', 'timeout server 1s'];
  await writeFile(file, `${['defaults', 'mode http', ...timeouts, ...lines].join('\n')}\n`);
  const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await promisify(execFile)('haproxy', ['-c', '-f', file], { env: { PATH } });
}

it('every resource has the fields of its type, and is listed', async () => {
  const { resources, pod, container, ...all } = await readAll();
  const { deployment, service, neighbours, ingress, policy, httpsEgress, budget, autoscaler } = all;
  const files = await readdir(FOLDER);
  const listed = ['kustomization.yaml', ...resources, ...EXTRAS];
  expect(files.sort()).toEqual(listed.sort());
  const network = [service, neighbours, ingress, policy, httpsEgress];
  expect(problemsOf([deployment, ...network, budget, autoscaler])).toEqual([]);

  const { readinessProbe, ...rest } = container;
  const template = {
    ...pod,
    spec: { ...pod?.spec, containers: [{ ...rest, readinesProbe: readinessProbe }] },
  };
  const misspelt = { ...deployment, spec: { ...deployment.spec, template } };
  const unfinished = { ...deployment, spec: { template: pod } };
  expect(problemsOf([misspelt, unfinished])).toEqual([
    expect.stringContaining('"readinesProbe"'),
    expect.stringContaining("Property 'selector' is missing"),
  ]);
});

it('kubectl takes the kustomization, where it is installed', async (context) => {
  const run = promisify(execFile);
  const isInstalled = await run('kubectl', ['version', '--client']).then(
    () => true,
    () => false,
  );
  if (!isInstalled) context.skip('kubectl is not on PATH (Debian: apt-get install kubernetes-client)');
  const render = async (folder: string) => {
    const { stdout } = await run('kubectl', ['kustomize', folder]);
    return parseAllDocuments(stdout).map(
      (document) => document.toJS() as { kind: string; apiVersion: string },
    );
  };
  const base = await render(FOLDER);
  expect(problemsOf(base)).toEqual([]);
  // A cluster without Prometheus Operator knows all of it.
  expect(base.filter(({ apiVersion }) => /^monitoring/.test(apiVersion))).toEqual([]);
  const extras = await Promise.all(EXTRAS.map((extra) => render(join(FOLDER, extra))));
  expect(extras.flat().map(({ kind }) => kind)).toEqual(['NetworkPolicy', 'PodMonitor']);
});

it('the resources find each other', async () => {
  const all = await readAll();
  const { pod, container } = all;
  const labels = pod?.metadata?.labels;
  expect(all.deployment.spec?.selector.matchLabels).toEqual(labels);
  expect(all.service.spec?.selector).toEqual(labels);
  expect(all.neighbours.spec).toEqual(all.service.spec);
  const backends = all.ingress.spec?.rules?.flatMap(({ http }) =>
    http?.paths.map(({ backend }) => backend.service),
  );
  expect(backends).toEqual(
    [all.neighbours, all.service].map(({ metadata }) => ({ name: metadata?.name, port: { name: 'http' } })),
  );
  expect(all.budget.spec?.selector?.matchLabels).toEqual(labels);
  expect(pod?.spec?.topologySpreadConstraints?.[0]?.labelSelector?.matchLabels).toEqual(labels);
  const { apiVersion, kind, metadata } = all.deployment;
  expect(all.autoscaler.spec?.scaleTargetRef).toEqual({ apiVersion, kind, name: metadata?.name });
  expect(container.image).toBe(all.images[0]?.name);
  expect(container.envFrom).toEqual([{ configMapRef: { name: all.configMapGenerator[0]?.name } }]);

  const { PORT } = readImage().environment;
  const { METRICS_PORT } = await readSettings();
  expect(container.ports).toEqual([
    { name: 'http', containerPort: Number(PORT) },
    { name: 'metrics', containerPort: Number(METRICS_PORT) },
  ]);
  expect(all.service.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['http']);
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  expect(probes.map((probe) => probe?.httpGet)).toEqual([
    { path: '/health/live', port: 'http' },
    { path: '/health/live', port: 'http' },
    { path: '/health/ready', port: 'http' },
  ]);
});

it('servers have settings that they know and take, and time to drain', async () => {
  const { container, pod } = await readAll();
  const settings = await readSettings();
  const fromSecret = container.env?.map(({ name }) => name) ?? [];
  expect(fromSecret).toEqual(['DATABASE_URL', 'REDIS_CLUSTER_NODES', 'JWT_PRIVATE_KEY']);
  expect(unknownSettings([...Object.keys(settings), ...fromSecret])).toEqual([]);
  const config = readConfig({ ...readImage().environment, ...settings });
  const preStopSeconds = container.lifecycle?.preStop?.sleep?.seconds ?? NaN;
  expect(pod?.spec?.terminationGracePeriodSeconds).toBeGreaterThan(
    preStopSeconds + config.drainSeconds + SECONDS_AFTER_DRAIN,
  );
});

it('the ingress controller may reach the API, Prometheus the metrics, and nobody anything else', async () => {
  const { policy, pod } = await readAll();
  const { podSelector, policyTypes, ingress = [], egress = [] } = policy.spec ?? {};
  expect(podSelector?.matchLabels).toEqual(pod?.metadata?.labels);
  expect(policyTypes).toEqual(['Ingress', 'Egress']);
  // Where nobody is named, everybody may come, and where no port is, to every port.
  for (const { from } of ingress) expect(from).toHaveLength(1);
  for (const { to } of egress) expect(to).toHaveLength(1);
  expect(ingress.map(({ ports }) => ports?.map(({ port }) => port))).toEqual([['http'], ['metrics']]);
  // PostgreSQL, Redis and names.
  expect(egress.map(({ ports }) => ports?.map(({ port }) => port))).toEqual([[5432], [6379], [53, 53]]);
});

it('servers that call push services reach public addresses over HTTPS, and no private ones', async () => {
  const { httpsEgress, policy } = await readAll();
  const { podSelector, policyTypes, ingress, egress = [] } = httpsEgress.spec ?? {};
  expect(podSelector).toEqual(policy.spec?.podSelector);
  expect({ policyTypes, ingress }).toEqual({ policyTypes: ['Egress'], ingress: undefined });
  expect(egress.map(({ ports }) => ports)).toEqual([[{ port: 443 }]]);
  const allowed = egress.flatMap(({ to = [] }) => to.map(({ ipBlock }) => ipBlock));
  const reaches = (address: string): boolean =>
    allowed.some(
      (block) => block !== undefined && isIn([block.cidr], address) && !isIn(block.except ?? [], address),
    );
  const services = ['142.250.74.42', '17.188.1.1', '2a00:1450:400f:80d::200a'];
  expect(services.map(reaches)).toEqual([true, true, true]);
  const inside = [
    '10.1.2.3',
    '172.20.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    'fd00::1',
    'fe80::1',
  ];
  expect(inside.filter(reaches)).toEqual([]);
});

/** Of networks of the address's own kind: BlockList finds every IPv4 address in ::/0. */
function isIn(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits] = network.split('/');
    if (isIPv6(base) === isIPv6(address)) list.addSubnet(base, Number(bits), isIPv6(base) ? 'ipv6' : 'ipv4');
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

it('Prometheus Operator finds the metrics of each pod, under the job name of the alerts', async () => {
  const { podMonitor, pod, container } = await readAll();
  const labels = pod?.metadata?.labels ?? {};
  const { selector, podMetricsEndpoints, jobLabel } = podMonitor.spec;
  expect(selector.matchLabels).toEqual(labels);
  const ports = container.ports?.map(({ name }) => name);
  for (const { port } of podMetricsEndpoints) expect(ports).toContain(port);
  expect(podMetricsEndpoints).toEqual([{ port: 'metrics' }]);
  const alerts = await readFile('deploy/prometheus/alerts.yml', 'utf8');
  const jobs = Array.from(alerts.matchAll(/job="([^"]*)"/g), ([, job]) => job);
  expect(new Set(jobs)).toEqual(new Set([labels[jobLabel]]));
});

it('the ingress speaks TLS for its hosts, and sends plain HTTP there for a year', async () => {
  const { ingress } = await readAll();
  const hosts = ingress.spec?.rules?.map(({ host }) => host);
  expect(ingress.spec?.tls).toEqual([{ hosts, secretName: 'nearby-friends-tls' }]);
  const redirect = `redirect scheme https code ${annotation(ingress, 'ssl-redirect-code')}`;
  expect(annotation(ingress, 'ssl-redirect')).toBe('true');
  expect(annotation(ingress, 'ssl-redirect-port')).toBe('443');
  const header = annotation(ingress, 'response-set-header');
  expect(header).toBe('Strict-Transport-Security "max-age=31536000"');
  // As the controller writes it.
  const rules = [`http-request ${redirect}`, `http-response set-header ${header}`, 'default_backend all'];
  await checkHaproxy(['frontend http', 'bind 127.0.0.1:65535', ...rules, 'backend all']);
});

it('the annotations are what HAProxy takes, and place sockets as haproxy.cfg does', async () => {
  const { service, neighbours } = await readAll();
  const backend = (of: Service): string[] => [
    `balance ${annotation(of, 'load-balance')}`,
    ...annotation(of, 'backend-config-snippet').split('\n').filter(Boolean),
  ];
  const acl = annotation(neighbours, 'route-acl');

  // As the controller writes it.
  await checkHaproxy([
    'frontend http',
    ...['bind 127.0.0.1:65535', `use_backend neighbours if { ${acl} }`, 'default_backend all'],
    ...['backend neighbours', ...backend(neighbours), 'server pod 127.0.0.1:1'],
    ...['backend all', ...backend(service), 'server pod 127.0.0.1:1'],
  ]);

  const config = await readFile('deploy/haproxy/haproxy.cfg', 'utf8');
  const [, ofNeighbours = ''] = /^backend neighbours\n(.*?)\n\n/ms.exec(config) ?? [];
  for (const line of backend(neighbours)) expect(ofNeighbours).toContain(line);
  expect(config).toContain(`{ ${acl} }`);
});
