/** The manifests are what Kubernetes takes, and agree with each other, the image and the settings. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Ingress } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import ts from 'typescript';
import { expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config.js';
import { readImage, SECONDS_AFTER_DRAIN, unknownSettings } from '../support/image.js';

const FOLDER = 'deploy/kubernetes';

interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly configMapGenerator: readonly { readonly name: string; readonly literals: readonly string[] }[];
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
  const [deployment, service, neighbours, ingress, budget, autoscaler] = await Promise.all([
    read<Deployment>('deployment.yaml'),
    read<Service>('service.yaml'),
    read<Service>('neighbours-service.yaml'),
    read<Ingress>('ingress.yaml'),
    read<PodDisruptionBudget>('pod-disruption-budget.yaml'),
    read<HorizontalPodAutoscaler>('horizontal-pod-autoscaler.yaml'),
  ]);
  const pod = deployment.spec?.template;
  const container = pod?.spec?.containers[0];
  if (container === undefined) throw new Error('The deployment has no container.');
  const services = { service, neighbours, ingress };
  return { resources, ...kustomization, deployment, ...services, budget, autoscaler, pod, container };
}

it('every resource has the fields of its type, and is listed', async () => {
  const { resources, pod, container, ...all } = await readAll();
  const { deployment, service, neighbours, ingress, budget, autoscaler } = all;
  const files = await readdir(FOLDER);
  expect(files.filter((file) => file !== 'kustomization.yaml').sort()).toEqual([...resources].sort());
  expect(problemsOf([deployment, service, neighbours, ingress, budget, autoscaler])).toEqual([]);

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
  const { stdout } = await run('kubectl', ['kustomize', FOLDER]);
  expect(problemsOf(parseAllDocuments(stdout).map((document) => document.toJS()))).toEqual([]);
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
  expect(container.ports).toEqual([{ name: 'http', containerPort: Number(PORT) }]);
  expect(all.service.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['http']);
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  expect(probes.map((probe) => probe?.httpGet)).toEqual([
    { path: '/health/live', port: 'http' },
    { path: '/health/live', port: 'http' },
    { path: '/health/ready', port: 'http' },
  ]);
});

it('servers have settings that they know and take, and time to drain', async () => {
  const { configMapGenerator, container, pod } = await readAll();
  const settings = Object.fromEntries(
    configMapGenerator.flatMap(({ literals }) => literals).map((literal) => literal.split(/=(.*)/s, 2)),
  ) as Record<string, string>;
  const fromSecret = container.env?.map(({ name }) => name) ?? [];
  expect(fromSecret).toEqual(['DATABASE_URL', 'REDIS_CLUSTER_NODES', 'JWT_PRIVATE_KEY']);
  expect(unknownSettings([...Object.keys(settings), ...fromSecret])).toEqual([]);
  const config = readConfig({ ...readImage().environment, ...settings });
  const preStopSeconds = container.lifecycle?.preStop?.sleep?.seconds ?? NaN;
  expect(pod?.spec?.terminationGracePeriodSeconds).toBeGreaterThan(
    preStopSeconds + config.drainSeconds + SECONDS_AFTER_DRAIN,
  );
});

it('the annotations are what HAProxy takes, and place sockets as haproxy.cfg does', async () => {
  const { service, neighbours } = await readAll();
  const annotation = ({ metadata }: Service, name: string): string =>
    metadata?.annotations?.[`haproxy.org/${name}`] ?? '';
  const backend = (of: Service): string[] => [
    `balance ${annotation(of, 'load-balance')}`,
    ...annotation(of, 'backend-config-snippet').split('\n').filter(Boolean),
  ];
  const acl = annotation(neighbours, 'route-acl');

  // As the controller writes it.
  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-ingress-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'haproxy.cfg');
  const lines = [
    'defaults',
    ...['mode http', 'timeout connect 1s', 'timeout client 1s', 'timeout server 1s'],
    'frontend http',
    ...['bind 127.0.0.1:65535', `use_backend neighbours if { ${acl} }`, 'default_backend all'],
    ...['backend neighbours', ...backend(neighbours), 'server pod 127.0.0.1:1'],
    ...['backend all', ...backend(service), 'server pod 127.0.0.1:1'],
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await promisify(execFile)('haproxy', ['-c', '-f', file], { env: { PATH } });

  const config = await readFile('deploy/haproxy/haproxy.cfg', 'utf8');
  const [, ofNeighbours = ''] = /^backend neighbours\n(.*?)\n\n/ms.exec(config) ?? [];
  for (const line of backend(neighbours)) expect(ofNeighbours).toContain(line);
  expect(config).toContain(`{ ${acl} }`);
});
