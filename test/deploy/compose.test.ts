/** compose.yaml is what Compose takes, and agrees with the image, the settings and HAProxy's configuration. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config.js';
import { readImage, SECONDS_AFTER_DRAIN, unknownSettings } from '../support/image.js';

const FILE = 'deploy/compose.yaml';
const SERVERS = ['nearby-1', 'nearby-2', 'nearby-3'];
const REDIS = ['redis-1', 'redis-2', 'redis-3', 'redis-4', 'redis-5', 'redis-6'];
/** In the order that explains most, which is not that of the alphabet. */
const ORDER_RULES = ['services-alphabetical-order', 'service-keys-order', 'top-level-properties-order'];

interface Service {
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly networks?: { readonly default: { readonly ipv4_address: string } };
  readonly ports?: readonly string[];
  readonly command?: string | readonly string[];
  readonly stop_grace_period?: string;
}

interface LintResult {
  readonly messages: readonly { readonly rule: string }[];
}

async function readServices(): Promise<Readonly<Record<string, Service>>> {
  return (parse(await readFile(FILE, 'utf8'), { merge: true }) as { services: Record<string, Service> })
    .services;
}

/** A service's environment with what the shell or deploy/.env would put in. */
function environmentOf(service: Service | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service?.environment ?? {}).map(([name, value]) => {
      return [name, String(value).replace(/\$\{\w+:\?[^}]*\}/, 'secret')];
    }),
  );
}

/** @returns the names of the rules that are broken, `invalid-schema` where it is not even a Compose file. */
function problemsOf(file: string): string[] {
  const rules = Object.fromEntries(ORDER_RULES.map((name) => [name, 0 as const]));
  const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
  // The declarations that it ships are lost on module resolution as Node has it.
  const results: readonly LintResult[] = linter.lintFiles([file], false);
  return results.flatMap(({ messages }) => messages.map(({ rule }) => rule));
}

it('the linter of Compose files finds nothing', async () => {
  expect(problemsOf(FILE)).toEqual([]);

  const folder = await mkdtemp(join(tmpdir(), 'nearby-friends-compose-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const spoilt = join(folder, 'compose.yaml');
  const text = await readFile(FILE, 'utf8');
  await writeFile(spoilt, text.replace('healthcheck:', 'healtcheck:'));
  expect(problemsOf(spoilt)).toEqual(['invalid-schema']);
  await writeFile(spoilt, text.replace('127.0.0.1:8080:8080', '8080:8080'));
  expect(problemsOf(spoilt)).toEqual(['no-unbound-port-interfaces']);
});

it('servers have settings that they know and take, and time to drain', async () => {
  const services = await readServices();
  for (const name of SERVERS) {
    const environment = environmentOf(services[name]);
    expect(unknownSettings(Object.keys(environment)), name).toEqual([]);
    const config = readConfig({ ...readImage().environment, ...environment });
    expect(environment.REDIS_CLUSTER_NODES).toBe(REDIS.map((redis) => `${redis}:6379`).join(','));
    const [, graceSeconds] = /^(\d+)s$/.exec(services[name]?.stop_grace_period ?? '') ?? [];
    expect(Number(graceSeconds)).toBeGreaterThan(config.drainSeconds + SECONDS_AFTER_DRAIN);
  }
});

it('the Redis Cluster is made of all that there are, by the addresses that they keep', async () => {
  const services = await readServices();
  const addresses = REDIS.map((name) => services[name]?.networks?.default.ipv4_address);
  const script = services['redis-cluster']?.command?.at(-1) ?? '';
  expect(Array.from(script.matchAll(/([\d.]+):6379/g), ([, address]) => address)).toEqual(addresses);
  expect(new Set(addresses).size).toBe(REDIS.length);
});

it('servers believe HAProxy, by the address that it keeps, and nobody else', async () => {
  const services = await readServices();
  const address = services.haproxy?.networks?.default.ipv4_address;
  for (const name of SERVERS) expect(environmentOf(services[name]).TRUST_PROXY).toBe(address);
});

it('HAProxy is told of every server, and of nothing that its configuration does not ask for', async () => {
  const services = await readServices();
  const environment = environmentOf(services.haproxy);
  const { LISTEN = '', ...servers } = environment;
  const { PORT } = readImage().environment;
  expect(Object.values(servers)).toEqual(SERVERS.map((name) => `${name}:${PORT}`));
  expect(services.haproxy?.ports).toEqual([expect.stringMatching(new RegExp(`:${LISTEN.split(':')[1]}$`))]);

  const config = await readFile('deploy/haproxy/haproxy.cfg', 'utf8');
  const asked = Array.from(config.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g), ([, name = '']) => name);
  expect([...new Set(asked)].sort()).toEqual(Object.keys(environment).sort());
});
