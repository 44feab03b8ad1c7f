import { InvalidArgumentError, Option } from 'commander';
import type { GeoPoint } from '../../domain/distance.js';
import { MAX_RADIUS_METERS } from '../../domain/radius.js';
import { createCommand } from '../run-command.js';

export const DEFAULT_URL = 'http://127.0.0.1:4000';

/** @throws CommanderError where there is no more to do, when help or what is wrong has been printed. */
export function parseSimulateOptions(argv: readonly string[]): SimulateOptions {
  return createCommand(
    'npm run simulate --',
    'Lets many users walk around a city over the real API of a running server: each on one socket, with a ' +
      'nearbyFriends subscription and location updates. Prints what was delivered and how fast; latency includes ' +
      "the server's FRAME_INTERVAL_MS. The accounts that it made are deleted at the end. An update that is " +
      'not answered is a failure. Ctrl-C ends it early, with the report and exit status 130.',
  )
    .option('--url <url>', 'the server', urlOf, DEFAULT_URL)
    .option('--users <count>', 'how many users', between(1, 20_000, true), 100)
    .option('--friends <count>', 'friends of each, rounded up to an even number', between(0, 5_000, true), 10)
    .option('--seconds <seconds>', 'how long', between(1, 86_400), 60)
    .option('--interval <seconds>', 'between two updates of one user, 0.1 at least', between(0.1, 3_600), 5)
    .addOption(
      new Option('--city <lat,lon>', 'where they walk')
        .argParser(pointOf)
        .default(ATHENS, 'Athens, 37.9838,23.7275'),
    )
    .option('--spread <metres>', 'how far from there at most', between(1, 500_000), 8_000)
    .option(
      '--radius <metres>',
      'of the subscriptions; the default of the server',
      between(0.001, MAX_RADIUS_METERS),
    )
    .option(
      '--traces <file.csv>',
      'replay trace_id,unix_seconds,latitude,longitude instead, a trace for each user',
    )
    .option('--speed <factor>', 'how much faster than recorded', between(0.01, 10_000), 10)
    .option('--tokens <file.csv>', 'use the first users of what `npm run seed` wrote, with their friends')
    .option('--keep', 'keep the accounts that were made')
    .parse(argv)
    .opts<SimulateOptions>();
}

export interface SimulateOptions {
  /** Without a path. */
  readonly url: string;
  readonly users: number;
  readonly friends: number;
  readonly seconds: number;
  readonly interval: number;
  readonly city: GeoPoint;
  readonly spread: number;
  readonly radius?: number;
  readonly traces?: string;
  readonly speed: number;
  readonly tokens?: string;
  readonly keep?: true;
}

const ATHENS: GeoPoint = { latitude: 37.9838, longitude: 23.7275 };

function between(min: number, max: number, whole = false) {
  return (text: string): number => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`Must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`);
  };
}

function pointOf(text: string): GeoPoint {
  const [latitude = NaN, longitude = NaN, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && more.length === 0)
    return { latitude, longitude };
  throw new InvalidArgumentError('Must be a latitude and a longitude in degrees, like 37.9838,23.7275.');
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError(`Must be a URL like ${DEFAULT_URL}.`);
  }
  return (url.origin + url.pathname).replace(/\/+$/, '').replace(/\/graphql$/, '');
}
