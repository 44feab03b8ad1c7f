/**
 * Hands messages to push services (RFC 8030), encrypted for the browser (RFC 8291) and signed with the server's key
 * (VAPID, RFC 8292). It calls nothing but the endpoint itself: no redirect is followed, no answer is read, and after
 * ten seconds the call ends. No error holds the endpoint.
 */
import { createHash, ECDH } from 'node:crypto';
import webPush, { type RequestOptions, type VapidKeys } from 'web-push';
import type { PushMessage } from '../domain/push.js';
import type { PushSender } from '../services/push-notifications.js';

export function createWebPush({ subject, publicKey, privateKey }: WebPushOptions): PushSender {
  // Each call has a controller of its own: AbortSignal.any() of a signal that lives as long as the server would keep
  // something of every call on Node 20.
  const calls = new Set<AbortController>();
  const vapidDetails = { subject, publicKey, privateKey };

  return {
    async send({ endpoint, p256dh, auth }, message) {
      // No browser made this key, so none will read what is sent.
      if (!isPoint(p256dh)) return 'gone';
      const target = { endpoint, keys: { p256dh, auth } };
      const details = webPush.generateRequestDetails(target, JSON.stringify(message), {
        vapidDetails,
        ...HEADERS[message.kind],
        topic: topicOf(message, auth),
      });
      const { 'Content-Length': _, ...headers } = details.headers;
      const call = new AbortController();
      const timer = setTimeout(() => {
        call.abort(new DOMException('no answer in time', 'TimeoutError'));
      }, TIMEOUT_MS);
      calls.add(call);
      try {
        const { signal } = call;
        const body = new Uint8Array(details.body);
        const response = await fetch(endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' });
        await response.body?.cancel();
        if (response.ok) return 'sent';
        return GONE.includes(response.status) ? 'gone' : 'refused';
      } catch (error) {
        throw new Error(`${new URL(endpoint).host} does not answer: ${reasonOf(error)}`);
      } finally {
        clearTimeout(timer);
        calls.delete(call);
      }
    },

    close() {
      for (const call of calls) call.abort();
    },
  };
}

interface WebPushOptions extends VapidKeys {
  /** `mailto:` or `https:` of whom push services may ask. */
  readonly subject: string;
}

const TIMEOUT_MS = 10_000;

/** The push service does not know the subscription, or not any more. */
const GONE = [404, 410];

/**
 * A request can wait for a day for a browser that is off, and does not wake a phone that saves its battery. That
 * somebody is near is wrong after some minutes, and worth waking a phone.
 */
const HEADERS: Readonly<Record<PushMessage['kind'], Pick<RequestOptions, 'TTL' | 'urgency'>>> = {
  'friend-request': { TTL: 86_400, urgency: 'normal' },
  near: { TTL: 300, urgency: 'high' },
};

/**
 * Of messages that wait for a browser, the push service keeps the newest of a topic: one of each kind and person. The
 * service reads it, so it is a hash with a secret of the browser.
 */
function topicOf(message: PushMessage, secret: string): string {
  const { id } = message.kind === 'near' ? message.friend : message.from;
  return createHash('sha256').update(`${secret} ${message.kind} ${id}`).digest('base64url').slice(0, 32);
}

/** Whether a key lies on the curve P-256. */
function isPoint(key: string): boolean {
  try {
    ECDH.convertKey(key, 'prime256v1', 'base64url');
    return true;
  } catch {
    return false;
  }
}

/** A code such as ECONNREFUSED. The messages of fetch may hold the URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}
