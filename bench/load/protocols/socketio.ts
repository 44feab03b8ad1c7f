/** Socket.IO 4 over a WebSocket: Engine.IO packets (a digit), Socket.IO packets in those of type 4. */
import type { NearbyEntry, Protocol } from './protocol.js';

export const socketio: Protocol = {
  subprotocol: null,
  path: () => '/socket.io/?EIO=4&transport=websocket',
  hello: (user) => `40${JSON.stringify({ user: user.id })}`,
  isWelcome: (text) => text.startsWith('40'),
  subscribe: null,
  snapshots: false,
  update: (latitude, longitude, number) =>
    `42${number}["updateLocation",{"latitude":${latitude},"longitude":${longitude},"accuracyMeters":${number}}]`,
  isAnswer: (text) => text.startsWith('43'),
  isError: (text) => text.startsWith('44'),
  reply: (text) => (text === '2' ? '3' : null),
  parse(text) {
    if (!text.startsWith('42')) return { nearby: [], leftIds: [] };
    const [, entry] = JSON.parse(text.slice(2)) as [string, NearbyEntry];
    return { nearby: [entry], leftIds: [] };
  },
  tellsOwnMoves: false,
};
