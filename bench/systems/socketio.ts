/**
 * Socket.IO with its Redis adapter: what one would use without GraphQL. Each user has a room; a mover's new place is
 * sent to the room of each friend who is near, whichever server that friend's sockets are on.
 */
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { distanceMeters } from '../../src/domain/distance.js';
import { createHistory } from './common/history.js';
import { listen } from './common/listen.js';
import { createPeople, type Person } from './common/people.js';
import type { Place, PlaceInput } from './common/place.js';
import { createPool } from './common/pool.js';
import { RADIUS_METERS, setting } from './common/setting.js';
import { createUpdateLocation, positionKey, type Viewer } from './common/update-location.js';

interface Data {
  viewer: SocketViewer;
}

interface SocketViewer extends Viewer {
  readonly friends: readonly Person[];
}

interface FromClient {
  updateLocation(input: PlaceInput, answer: (recorded: boolean) => void): void;
}

interface ToClient {
  friendMoved(nearby: { friend: Person; distanceMeters: number; location: Place; updatedAt: string }): void;
}

const pool = createPool();
const people = createPeople(pool);
const redis = new Redis(setting.redisUrl, { enableAutoPipelining: true });
const publisher = new Redis(setting.redisUrl);
const server = createServer();
const io = new Server<FromClient, ToClient, Record<string, never>, Data>(server, {
  adapter: createAdapter(publisher, publisher.duplicate()),
});

const roomOf = (userId: string): string => `user:${userId}`;

const updateLocation = createUpdateLocation(redis, createHistory(pool), async (viewer, place) => {
  const { person, friends } = viewer as SocketViewer;
  if (friends.length === 0) return;
  const places = await redis.mget(friends.map(({ id }) => positionKey(id)));
  friends.forEach(({ id }, index) => {
    const text = places[index];
    if (text == null) return;
    const distance = distanceMeters(place, JSON.parse(text) as Place);
    if (distance > RADIUS_METERS) return;
    io.to(roomOf(id)).emit('friendMoved', {
      friend: person,
      distanceMeters: distance,
      location: place,
      updatedAt: place.updatedAt,
    });
  });
});

io.use((socket, next) => {
  const userId = String(socket.handshake.auth['user']);
  Promise.all([people.find(userId), people.friendsOf(userId)]).then(([person, friends]) => {
    if (person === null) return next(new Error('unauthorized'));
    socket.data.viewer = { person, friends, place: null };
    next();
  }, next);
});

io.on('connection', (socket) => {
  const { viewer } = socket.data;
  void socket.join(roomOf(viewer.person.id));
  socket.on('updateLocation', (input, answer) => void updateLocation(viewer, input).then(answer));
});
listen(server);
