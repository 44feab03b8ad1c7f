/** The command-line options of `npm run simulate`. */
import { InvalidArgumentError, Option } from 'commander';
import type { GeoPoint } from '../../domain/distance.js';
import { MAX_RADIUS_METERS } from '../../domain/radius.js';
import { createCommand } from '../run-command.js';

export const DEFAULT_URL = 'http://127.0.0.1:4000';

/**
 * Parses the options.
 * @throws CommanderError when help, or what is wrong with the options, has been printed.
 */
export function parseSimulateOptions(argv: readonly string[]): SimulateOptions {
  return createCommand(
    'npm run simulate --',
    'Simulates many users who walk around a city, over the real API of a running server. Each has one ' +
      'socket with a nearbyFriends subscription and location updates. Prints what was delivered and how ' +
      "fast; latency includes the server's FRAME_INTERVAL_MS. Deletes the accounts it made at the end. An " +
      'update without an answer is a failure. Ctrl-C ends it early, with the report and exit status 130.',
  )
    .option('--url <url>', 'URL of the server', urlOf, DEFAULT_URL)
    .option(
      '--users <count>',
      'number of users; many need --tokens or a higher SIGN_UPS_PER_ADDRESS',
      between(1, 20_000, true),
      100,
    )
    .option(
      '--friends <count>',
      'friends of each user, rounded up to an even number',
      between(0, 5_000, true),
      10,
    )
    .option('--seconds <seconds>', 'duration of the simulation', between(1, 86_400), 60)
    .option(
      '--interval <seconds>',
      'time between two updates of a user, at least 0.1',
      between(0.1, 3_600),
      5,
    )
    .addOption(
      new Option('--city <lat,lon>', 'centre of the city')
        .argParser(pointOf)
        .default(ATHENS, 'Athens, 37.9838,23.7275'),
    )
    .option('--spread <metres>', 'greatest distance from the centre', between(1, 500_000), 8_000)
    .option(
      '--radius <metres>',
      "radius of the subscriptions; the server's default if omitted",
      between(0.001, MAX_RADIUS_METERS),
    )
    .option(
      '--traces <file.csv>',
      'replay trace_id,unix_seconds,latitude,longitude instead of walking, one trace for each user',
    )
    .option(
      '--speed <factor>',
      'how many times faster than recorded to replay traces',
      between(0.01, 10_000),
      10,
    )
    .option('--tokens <file.csv>', 'use the first users in a file of `npm run seed`, with their friends')
    .option('--keep', 'keep the accounts')
    .parse(argv)
    .opts<SimulateOptions>();
}

export interface SimulateOptions {
  /** The server's URL without a path. */
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
