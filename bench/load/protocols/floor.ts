/** Bare JSON over a WebSocket, as bench/systems/floor.ts speaks it. */
import type { NearbyEntry, Protocol } from './protocol.js';

interface Message {
  readonly nearby?: readonly NearbyEntry[];
  readonly left?: readonly string[];
}

export const floor: Protocol = {
  subprotocol: null,
  path: (user) => `/?user=${user.id}`,
  hello: () => null,
  isWelcome: () => true,
  subscribe: null,
  snapshots: true,
  update: (latitude, longitude, number) =>
    `{"latitude":${latitude},"longitude":${longitude},"accuracyMeters":${number}}`,
  isAnswer: (text) => text === '{"recorded":true}',
  isError: () => false,
  reply: () => null,
  parse(text) {
    const { nearby = [], left = [] } = JSON.parse(text) as Message;
    return { nearby, leftIds: left };
  },
  tellsOwnMoves: true,
};
