/**
 * Accepts the tokens of one external OpenID provider. A user is identified by issuer and subject, and made at
 * the first token, once even if many requests bring it at the same time. Such a viewer has no session: the
 * token's end counts.
 */
import { LRUCache } from 'lru-cache';
import { normalizeDisplayName } from '../domain/display-name.js';
import { normalizeNewHandle } from '../domain/handle.js';
import type { UserCard, Viewer } from '../domain/user.js';

export function createOpenIdSignIn({ verifier, store, newId, monotonic }: OpenIdSignInDeps) {
  /** A handle that nobody is likely to have. */
  const newHandle = (): string => `user_${newId().slice(-12)}`;
  const known = new LRUCache<string, string>({
    max: MAX_IDENTITIES,
    ttl: TTL_MS,
    ttlResolution: 0,
    perf: { now: monotonic },
  });

  async function findOrCreate(identity: OpenIdIdentity): Promise<string> {
    const found = await store.findExternalUser(identity);
    if (found !== null) return found;
    const preferred =
      identity.preferredUsername === null ? null : normalizeNewHandle(identity.preferredUsername);
    for (let handle = preferred ?? newHandle(); ; handle = newHandle()) {
      const displayName = (identity.name === null ? null : normalizeDisplayName(identity.name)) ?? handle;
      const user = { id: newId(), handle, displayName };
      if (await store.createExternalUser(identity, user)) return user.id;
      // Somebody has the handle, or another request has made this user.
      const madeMeanwhile = await store.findExternalUser(identity);
      if (madeMeanwhile !== null) return madeMeanwhile;
    }
  }

  return {
    /** Returns true when the token claims to be the provider's. Verifies nothing. */
    issued: (token: string): boolean => verifier.issued(token),

    /** @throws DomainError 'unauthenticated'; 'unavailable' when the provider's keys cannot be fetched. */
    async authenticate(token: string): Promise<Viewer> {
      const { identity, expiresAtMs } = await verifier.verify(token);
      const key = JSON.stringify([identity.issuer, identity.subject]);
      const userId = known.get(key) ?? (await findOrCreate(identity));
      known.set(key, userId, { noUpdateTTL: true });
      return { userId, sessionId: null, expiresAtMs, keyId: null };
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
  readonly store: ExternalUserStore;
  /** Makes a UUID in lower case. */
  readonly newId: () => string;
  /** Returns milliseconds on a clock that only moves forward. */
  readonly monotonic: () => number;
}

export interface OpenIdIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly preferredUsername: string | null;
  readonly name: string | null;
}

export interface OpenIdVerifier {
  /** Returns true when the token claims to be the provider's. Verifies nothing. */
  issued(token: string): boolean;
  /** @throws DomainError 'unauthenticated'; 'unavailable' when the provider's keys cannot be fetched. */
  verify(token: string): Promise<{ identity: OpenIdIdentity; expiresAtMs: number }>;
}

/** Stores users who come from the external provider. */
export interface ExternalUserStore {
  /** Resolves to the id of the identity's user; null when there is none. */
  findExternalUser(identity: OpenIdIdentity): Promise<string | null>;
  /** Resolves to false when the handle is taken or the identity has a user already. */
  createExternalUser(identity: OpenIdIdentity, user: UserCard): Promise<boolean>;
}

const TTL_MS = 10_000;
const MAX_IDENTITIES = 200_000;
