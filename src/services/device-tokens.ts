/**
 * Tokens with which location apps that know no GraphQL report for their user. Each belongs to one device, allows
 * nothing else, and works until it is revoked. Only the hash of its secret is stored.
 */
import { normalizeDisplayName } from '../domain/display-name.js';
import { DomainError } from '../domain/errors.js';
import { normalizeHandle } from '../domain/handle.js';
import { parseId } from '../domain/id.js';
import type { Viewer } from '../domain/user.js';

export function createDeviceTokens({ store, secrets, newId, now }: DeviceTokensDeps) {
  return {
    /**
     * Makes a token; its secret is told this once.
     * @throws DomainError 'invalid' for a name that is empty, too long or hidden, and when the user has 20 already.
     */
    async create({ userId }: Viewer, name: string): Promise<CreatedDeviceToken> {
      const parsed = normalizeDisplayName(name);
      if (parsed === null) {
        throw new DomainError('invalid', 'name must be 1 to 100 characters that people can see.');
      }
      const { text, hash } = secrets.make();
      const token = { id: newId(), name: parsed, createdAtMs: now(), lastUsedAtMs: null };
      if (!(await store.create(userId, token, hash, MAX_OF_USER))) {
        throw new DomainError('invalid', `There are ${MAX_OF_USER} device tokens already. Revoke one first.`);
      }
      return { token, secret: text };
    },

    /** Returns the viewer's tokens, newest first. */
    list: ({ userId }: Viewer): Promise<DeviceToken[]> => store.listOf(userId),

    /** The token stops working at once. Resolves to whether the viewer had it. */
    async revoke({ userId }: Viewer, id: string): Promise<boolean> {
      return store.remove(userId, parseId(id));
    },

    /**
     * Resolves to the device whose secret it is; null for anything else, and when it is not a device of that user.
     * @param handle of the user, as typed; null when the app does not say.
     */
    async authenticate(handle: string | null, secret: string): Promise<ReportingDevice | null> {
      const device = await store.find(secrets.hash(secret), now());
      if (device === null) return null;
      return handle === null || normalizeHandle(handle) === device.handle ? device : null;
    },
  };
}

export type DeviceTokens = ReturnType<typeof createDeviceTokens>;

export interface DeviceTokensDeps {
  readonly store: DeviceTokenStore;
  readonly secrets: Secrets;
  /** Makes a UUID in lower case. */
  readonly newId: () => string;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface DeviceToken {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  /** To the full minute; null before the first report. */
  readonly lastUsedAtMs: number | null;
}

export interface CreatedDeviceToken {
  readonly token: DeviceToken;
  readonly secret: string;
}

/** A device that has shown its secret. */
export interface ReportingDevice {
  readonly tokenId: string;
  readonly userId: string;
  /** Of the user. */
  readonly handle: string;
}

/** Random texts that nobody guesses. */
export interface Secrets {
  make(): { readonly text: string; readonly hash: Uint8Array<ArrayBuffer> };
  hash(text: string): Uint8Array<ArrayBuffer>;
}

export interface DeviceTokenStore {
  /** Resolves to false when the user has `most` already, or is gone. */
  create(
    userId: string,
    token: Omit<DeviceToken, 'lastUsedAtMs'>,
    secretHash: Uint8Array<ArrayBuffer>,
    most: number,
  ): Promise<boolean>;
  listOf(userId: string): Promise<DeviceToken[]>;
  remove(userId: string, id: string): Promise<boolean>;
  /** Notes the minute in which the token is used. */
  find(secretHash: Uint8Array<ArrayBuffer>, nowMs: number): Promise<ReportingDevice | null>;
}

/** As the schema says. */
const MAX_OF_USER = 20;
