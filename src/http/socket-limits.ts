/** Limits how many sockets there may be at a time: of this server, of one address, and of one user. */
import { createQuota } from '../services/quota.js';
import type { OperationConnection } from './socket-operation.js';

/** @param onRefused called for each socket that is one too many. */
export function createSocketLimits(options: SocketLimitOptions, onRefused: () => void) {
  const ofAddresses = createQuota(options.socketsPerAddress);
  const ofUsers = createQuota(options.socketsPerUser);

  return {
    /**
     * @param open how many sockets there are.
     * @returns the HTTP status for one more of an address; null when there is room.
     */
    refusalOf(open: number, address: string): string | null {
      const isFull = open >= options.maxSockets;
      if (!isFull && ofAddresses.hasRoom(address)) return null;
      onRefused();
      return isFull ? '503 Service Unavailable' : '429 Too Many Requests';
    },

    /** To be called when a socket is opened. */
    opened({ address }: LimitedSocket): void {
      ofAddresses.take(address);
    },

    /** Counts a socket for the user who has signed in on it, if anybody has. @returns false when it is one too many. */
    takeForUser(socket: LimitedSocket): boolean {
      const { viewer } = socket.session;
      if (viewer === null) return true;
      if (!ofUsers.take(viewer.userId)) {
        onRefused();
        return false;
      }
      socket.userId = viewer.userId;
      return true;
    },

    /** To be called when it is closed. */
    closed({ address, userId }: LimitedSocket): void {
      ofAddresses.release(address);
      if (userId !== null) ofUsers.release(userId);
    },
  };
}

export interface SocketLimitOptions {
  /** Sockets of this server: 1 or more, like the others. */
  readonly maxSockets: number;
  readonly socketsPerAddress: number;
  readonly socketsPerUser: number;
}

export interface LimitedSocket extends Pick<OperationConnection, 'address' | 'session'> {
  /** The user for whom it counts; null before the sign-in and without a token. */
  userId: string | null;
}
