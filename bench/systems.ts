/** The systems that are compared: what runs, how it is spoken to, what it is called in the report. */
import type { ProtocolName } from './load/commands.js';
import type { Program } from './run/build.js';

export interface System {
  readonly name: SystemName;
  readonly label: string;
  readonly program: Program | 'server';
  readonly protocol: ProtocolName;
  readonly env: Record<string, string>;
}

export type SystemName = 'ours-0' | 'ours-1000' | 'floor' | 'yoga' | 'graphql-ws' | 'mercurius' | 'socketio';

const OURS = { program: 'server', protocol: 'nearby' } as const;
const OURS_ENV = { PORT: '0', LOG_LEVEL: 'warn', DRAIN_SECONDS: '0' };

export const systems: readonly System[] = [
  {
    name: 'ours-1000',
    label: 'Nearby Friends, 1 s frames',
    ...OURS,
    env: { ...OURS_ENV, FRAME_INTERVAL_MS: '1000' },
  },
  {
    name: 'ours-0',
    label: 'Nearby Friends, every change',
    ...OURS,
    env: { ...OURS_ENV, FRAME_INTERVAL_MS: '0' },
  },
  { name: 'floor', label: 'floor: bare ws, ioredis', program: 'floor', protocol: 'floor', env: {} },
  { name: 'socketio', label: 'Socket.IO', program: 'socketio', protocol: 'socketio', env: {} },
  { name: 'mercurius', label: 'Mercurius', program: 'mercurius', protocol: 'graphql', env: {} },
  {
    name: 'graphql-ws',
    label: 'graphql-ws, graphql-js',
    program: 'graphql-ws',
    protocol: 'graphql',
    env: {},
  },
  { name: 'yoga', label: 'Yoga, graphql-ws', program: 'yoga', protocol: 'graphql', env: {} },
];

export function systemNamed(name: SystemName): System {
  const system = systems.find((candidate) => candidate.name === name);
  if (system === undefined) throw new Error(`No system ${name}`);
  return system;
}
