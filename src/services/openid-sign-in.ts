/**
 * Accepts the tokens of one outside OpenID provider. A user is known by issuer and subject and made at first sight,
 * once, also when first seen by many requests at a time. Such a viewer has no session here: the token's own end is it.
 */
import { LRUCache } from 'lru-cache';
import { normalizeDisplayName } from '../domain/display-name.js';
import { normalizeHandle } from '../domain/handle.js';
import type { UserCard, Viewer } from '../domain/user.js';

export function createOpenIdSignIn({ verifier, store, newId, newHandle, now }: OpenIdSignInDeps) {
  const known = new LRUCache<string, string>({
    max: MAX_IDENTITIES,
    ttl: TTL_MS,
    ttlResolution: 0,
    perf: { now },
  });

  async function findOrCreate(identity: OpenIdIdentity): Promise<string> {
    const found = await store.findOutsider(identity);
    if (found !== null) return found;
    const preferred =
      identity.preferredUsername === null ? null : normalizeHandle(identity.preferredUsername);
    for (let handle = preferred ?? newHandle(); ; handle = newHandle()) {
      const displayName = (identity.name === null ? null : normalizeDisplayName(identity.name)) ?? handle;
      const user = { id: newId(), handle, displayName };
      if (await store.createOutsider(identity, user)) return user.id;
      // Somebody has the handle, or another request made this user.
      const madeMeanwhile = await store.findOutsider(identity);
      if (madeMeanwhile !== null) return madeMeanwhile;
    }
  }

  return {
    /** Whether the token claims to be the provider's; nothing is verified. */
    issued: (token: string): boolean => verifier.issued(token),

    /** @throws DomainError 'unauthenticated'; 'unavailable' when the provider's keys cannot be had. */
    async authenticate(token: string): Promise<Viewer> {
      const { identity, expiresAtMs } = await verifier.verify(token);
      const key = JSON.stringify([identity.issuer, identity.subject]);
      const userId = known.get(key) ?? (await findOrCreate(identity));
      known.set(key, userId, { noUpdateTTL: true });
      return { userId, sessionId: null, expiresAtMs };
    },

    /** Looks the user up again at the next token, as after a deletion. */
    forget(userId: string): void {
      for (const [key, id] of known.entries()) if (id === userId) known.delete(key);
    },
  };
}

export type OpenIdSignIn = ReturnType<typeof createOpenIdSignIn>;

export interface OpenIdSignInDeps {
  readonly verifier: OpenIdVerifier;
  readonly store: OutsiderStore;
  /** Makes a UUID in lower case. */
  readonly newId: () => string;
  /** Makes a valid handle that nobody is likely to have. */
  readonly newHandle: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface OpenIdIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly preferredUsername: string | null;
  readonly name: string | null;
}

export interface OpenIdVerifier {
  issued(token: string): boolean;
  /** @throws DomainError 'unauthenticated', 'unavailable' */
  verify(token: string): Promise<{ identity: OpenIdIdentity; expiresAtMs: number }>;
}

export interface OutsiderStore {
  findOutsider(identity: OpenIdIdentity): Promise<string | null>;
  /** False when the handle is taken or the identity has a user already. */
  createOutsider(identity: OpenIdIdentity, user: UserCard): Promise<boolean>;
}

const TTL_MS = 10_000;
const MAX_IDENTITIES = 200_000;
