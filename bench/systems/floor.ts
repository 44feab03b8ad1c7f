/**
 * The floor: what the same job costs with raw sockets and strings built by hand. One Redis connection subscribes to one
 * channel per user; each channel knows its watchers. A friend's change is one string plus the viewer's distance; a
 * viewer who moves receives all distances in one message. No protocol, no schema, no checks, no recovery.
 */
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { type WebSocket, WebSocketServer } from 'ws';
import { distanceMeters } from '../../src/domain/distance.js';
import { roundMeters } from '../../src/domain/rounding.js';
import {
  findPerson,
  friendsOf,
  listen,
  LOCATION_TTL_SECONDS,
  type Person,
  RADIUS_METERS,
  redisUrl,
} from './common.js';
import { record } from './history.js';

const SWEEP_MS = 1_000;

/** A user somebody watches, with the newest place as text: the part of a change that is the same for every viewer. */
interface Watched {
  readonly watchers: Set<Session>;
  readonly userId: string;
  latitude: number;
  longitude: number;
  receivedAtMs: number;
  /** Null while the user is inactive. */
  text: string | null;
}

interface Session {
  readonly socket: WebSocket;
  readonly own: Watched;
  readonly friends: readonly Watched[];
  /** The friends on the client's list. */
  readonly near: Set<Watched>;
}

interface FromClient {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMeters: number;
}

// Automatic pipelines would cost more than they save: each lives on until V8 collects the old generation.
const redis = new Redis(redisUrl);
const subscriber = new Redis(redisUrl);
const watchedByChannel = new Map<string, Watched>();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

sockets.on('connection', (socket, request) => {
  void serve(socket, new URLSearchParams(request.url?.split('?')[1]).get('user') ?? '');
});

async function serve(socket: WebSocket, userId: string): Promise<void> {
  const [person, friends] = await Promise.all([findPerson(userId), friendsOf(userId)]);
  if (person === null) return socket.close();
  const session = await open(socket, person, friends);
  socket.on(
    'message',
    (data: Buffer) => void update(session, person, JSON.parse(data.toString()) as FromClient),
  );
  socket.on('close', () => close(session));
  sendAll(session);
}

/** Subscribes first and reads the cache afterwards, so that no change is lost in between. */
async function open(socket: WebSocket, person: Person, friends: readonly Person[]): Promise<Session> {
  const [own, ...others] = await watch([person.id, ...friends.map(({ id }) => id)]);
  if (own === undefined) throw new Error('Nobody is watched');
  const session: Session = { socket, own, friends: others, near: new Set() };
  for (const watched of [own, ...others]) watched.watchers.add(session);
  return session;
}

async function watch(userIds: readonly string[]): Promise<Watched[]> {
  const opened: string[] = [];
  const all = userIds.map((userId) => {
    const channel = channelOf(userId);
    let watched = watchedByChannel.get(channel);
    if (watched === undefined) {
      watched = { watchers: new Set(), userId, latitude: 0, longitude: 0, receivedAtMs: 0, text: null };
      watchedByChannel.set(channel, watched);
      opened.push(channel);
    }
    return watched;
  });
  if (opened.length > 0) {
    await subscriber.subscribe(...opened);
    const newest = await redis.mget(opened);
    newest.forEach((message, index) => {
      if (message !== null) receive(opened[index] ?? '', message);
    });
  }
  return all;
}

function close(session: Session): void {
  for (const watched of [session.own, ...session.friends]) {
    watched.watchers.delete(session);
    if (watched.watchers.size > 0) continue;
    watchedByChannel.delete(channelOf(watched.userId));
    void subscriber.unsubscribe(channelOf(watched.userId));
  }
}

const channelOf = (userId: string): string => `floor:${userId}`;

/** Does the job of an update: keeps the place with a TTL, publishes it, records it, answers when all is done. */
async function update({ socket, own }: Session, person: Person, input: FromClient): Promise<void> {
  const { latitude, longitude, accuracyMeters } = input;
  const now = new Date();
  const at = now.toISOString();
  const text =
    `"friend":{"id":"${person.id}","handle":"${person.handle}","displayName":${JSON.stringify(person.displayName)}},` +
    `"location":{"latitude":${latitude},"longitude":${longitude},"accuracyMeters":${accuracyMeters},` +
    `"recordedAt":"${at}"},"updatedAt":"${at}"`;
  const channel = channelOf(own.userId);
  const message = `${latitude},${longitude}|${text}`;
  await Promise.all([
    redis.set(channel, message, 'EX', LOCATION_TTL_SECONDS),
    redis.publish(channel, message),
    record(person.id, input, now),
  ]);
  socket.send('{"recorded":true}');
}

subscriber.on('message', receive);

function receive(channel: string, message: string): void {
  const watched = watchedByChannel.get(channel);
  if (watched === undefined) return;
  const comma = message.indexOf(',');
  const bar = message.indexOf('|', comma);
  watched.latitude = Number(message.slice(0, comma));
  watched.longitude = Number(message.slice(comma + 1, bar));
  watched.text = message.slice(bar + 1);
  watched.receivedAtMs = Date.now();
  for (const session of watched.watchers) {
    if (session.own === watched) sendAll(session);
    else sendOne(session, watched);
  }
}

function sendOne(session: Session, friend: Watched): void {
  const change = changeOf(session, friend);
  if (change !== null) session.socket.send(`{"nearby":[${change}]}`);
  else if (session.near.delete(friend)) session.socket.send(`{"left":["${friend.userId}"]}`);
}

/** Sends all distances, since the viewer moved. */
function sendAll(session: Session): void {
  const nearby: string[] = [];
  const left: string[] = [];
  for (const friend of session.friends) {
    const change = changeOf(session, friend);
    if (change !== null) nearby.push(change);
    else if (session.near.delete(friend)) left.push(`"${friend.userId}"`);
  }
  session.socket.send(`{"nearby":[${nearby.join(',')}],"left":[${left.join(',')}]}`);
}

/** Writes what the client receives about a near friend; null for all others. */
function changeOf({ own, near }: Session, friend: Watched): string | null {
  if (friend.text === null || own.text === null) return null;
  const distance = distanceMeters(own, friend);
  if (distance > RADIUS_METERS) return null;
  near.add(friend);
  return `{${friend.text},"distanceMeters":${roundMeters(distance)}}`;
}

setInterval(() => {
  const oldestMs = Date.now() - LOCATION_TTL_SECONDS * 1_000;
  for (const watched of watchedByChannel.values()) {
    if (watched.text === null || watched.receivedAtMs > oldestMs) continue;
    watched.text = null;
    for (const session of watched.watchers) {
      if (session.own === watched) sendAll(session);
      else sendOne(session, watched);
    }
  }
}, SWEEP_MS);

listen(server);
