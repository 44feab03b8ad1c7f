/**
 * Push messages to users' browsers, and what a browser says of where it takes them. An endpoint is a URL that the
 * server will call: it is of a push service that the operator allows, or refused.
 */
import { DomainError } from './errors.js';
import type { UserCard } from './user.js';

/** What is sent, encrypted for the browser. It holds no place and no distance. */
export type PushMessage =
  | { readonly kind: 'friend-request'; readonly from: PushedCard }
  | { readonly kind: 'near'; readonly friend: PushedCard };

/** What a notification names somebody by. */
export type PushedCard = Pick<UserCard, 'id' | 'displayName'>;

/** A browser, as the Push API describes it. */
export interface PushSubscription {
  /** A secret: whoever knows it may call it. */
  readonly endpoint: string;
  /** The browser's public key, an uncompressed point of P-256, base64url. */
  readonly p256dh: string;
  /** 16 bytes, base64url. */
  readonly auth: string;
}

/**
 * @param services origins, in which `*.` stands for any names of at least one label.
 * @throws DomainError 'invalid'
 */
export function parsePushSubscription(
  { endpoint, p256dh, auth }: PushSubscription,
  services: readonly string[],
): PushSubscription {
  if (endpoint.length > MAX_ENDPOINT_LENGTH || serviceOf(endpoint, services) === null) {
    throw new DomainError('invalid', 'endpoint must be a URL of a push service that this server sends to.');
  }
  if (!POINT.test(p256dh)) throw new DomainError('invalid', 'p256dh must be a point of P-256, base64url.');
  if (!SIXTEEN_BYTES.test(auth)) throw new DomainError('invalid', 'auth must be 16 bytes, base64url.');
  return { endpoint, p256dh, auth };
}

/** The push service of an endpoint, by scheme, host and port; null for a URL of anybody else, or that names a user. */
export function serviceOf(endpoint: string, services: readonly string[]): string | null {
  if (!/^[\x21-\x7e]+$/.test(endpoint) || !URL.canParse(endpoint)) return null;
  const { protocol, host, username, password } = new URL(endpoint);
  if (username !== '' || password !== '') return null;
  const isOf = (service: string): boolean => {
    const [scheme = '', allowed = ''] = service.split('//');
    if (protocol !== scheme) return false;
    if (!allowed.startsWith('*.')) return host === allowed;
    return host.endsWith(allowed.slice(1)) && host.length >= allowed.length;
  };
  return services.find(isOf) ?? null;
}

/** An index entry of PostgreSQL holds 2,700 bytes. */
const MAX_ENDPOINT_LENGTH = 2_000;

/** 65 bytes of which the first is 4, with or without padding. */
const POINT = /^B[A-P][\w-]{85}=?$/;
const SIXTEEN_BYTES = /^[\w-]{22}(==)?$/;
