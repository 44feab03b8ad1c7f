/** The systems that are compared: what runs, how it is spoken to, what the report calls it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { LocationPrecision } from '../src/domain/sharing.js';
import type { ProtocolName } from './load/protocols.js';
import { pathOf } from './run/build.js';

export interface System {
  /** As `--system` takes it. */
  readonly name: string;
  /** The name without a checkout: workloads are stated for kinds. */
  readonly kind: SystemKind;
  readonly label: string;
  /** The JavaScript file that runs. */
  readonly program: string;
  readonly protocol: ProtocolName;
  readonly env: Readonly<Record<string, string>>;
  /** How exactly everybody is shown. */
  readonly precision: LocationPrecision;
}

export type SystemKind = 'ours-1000' | 'ours-0' | 'ours-1000-approximate' | 'floor' | 'yoga';

const SERVER = 'dist/main.js';
const OURS_ENV = { PORT: '0', LOG_LEVEL: 'warn', DRAIN_SECONDS: '0' };

export const systems: readonly System[] = [
  ours('ours-1000', 'Nearby Friends, 1 s frames', '1000'),
  ours('ours-0', 'Nearby Friends, every change', '0'),
  ours('ours-1000-approximate', 'Nearby Friends, 1 s frames, approximate', '1000', 'APPROXIMATE'),
  peer('floor', 'floor: bare ws, ioredis', 'floor'),
  peer('yoga', 'Yoga, graphql-ws', 'graphql'),
];

/** @throws InvalidArgumentError for a name that is neither a system nor `ours-…@DIR` with a built server in DIR. */
export function systemNamed(name: string): System {
  const [kind = '', ...rest] = name.split('@');
  const directory = rest.join('@');
  const system = systems.find((candidate) => candidate.name === kind);
  if (system === undefined || (directory !== '' && !kind.startsWith('ours'))) {
    const names = systems.map((each) => each.name).join(', ');
    throw new InvalidArgumentError(`Allowed choices are ${names}, and those of ours with @DIR.`);
  }
  if (directory === '') return system;
  const program = resolve(directory, SERVER);
  if (!existsSync(program))
    throw new InvalidArgumentError(`There is no ${program}: build that checkout first.`);
  return { ...system, name, program, label: `${system.label}, ${directory}` };
}

function ours(
  kind: SystemKind,
  label: string,
  frameIntervalMs: string,
  precision: LocationPrecision = 'EXACT',
): System {
  const env = { ...OURS_ENV, FRAME_INTERVAL_MS: frameIntervalMs };
  return { name: kind, kind, label, program: resolve(SERVER), protocol: 'nearby', env, precision };
}

function peer(kind: 'floor' | 'yoga', label: string, protocol: ProtocolName): System {
  return { name: kind, kind, label, program: pathOf(kind), protocol, env: {}, precision: 'EXACT' };
}
