/**
 * Tabs that hold copies of the same tokens, as of a `sessionStorage` that the browser copied with a tab. A refresh
 * token is good for one of them: the one that trades it tells the others, when they ask, what it got.
 */
import type { Tokens } from './tokens.js';

/**
 * @param name the channel's; undefined for no siblings.
 * @param current the tokens of this tab.
 * @returns null without siblings, and where the platform has no BroadcastChannel.
 */
export function createSiblingTabs(
  name: string | undefined,
  current: () => Tokens | null,
): SiblingTabs | null {
  if (name === undefined || typeof BroadcastChannel === 'undefined') return null;
  const channel = new BroadcastChannel(name);
  // On Node it would keep the process alive.
  (channel as { unref?: () => void }).unref?.();
  const traded = new Set<string>();
  const waiting = new Map<string, (tokens: Tokens) => void>();

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if ('tokens' in data) waiting.get(data.inPlaceOf)?.(data.tokens);
    else if (traded.has(data.inPlaceOf)) {
      const tokens = current();
      if (tokens !== null) send({ inPlaceOf: data.inPlaceOf, tokens });
    }
  };

  function send(message: Message): void {
    channel.postMessage(message);
  }

  return {
    traded: (refreshToken) => void traded.add(refreshToken),

    newerThan: (refreshToken) =>
      new Promise((resolve) => {
        const timer = setTimeout(answered, ANSWER_WITHIN_MS, null);
        function answered(tokens: Tokens | null): void {
          clearTimeout(timer);
          waiting.delete(refreshToken);
          resolve(tokens);
        }
        waiting.set(refreshToken, answered);
        send({ inPlaceOf: refreshToken });
      }),
  };
}

export interface SiblingTabs {
  /** To be called with a refresh token that this tab has traded. */
  traded(refreshToken: string): void;
  /** Resolves to the tokens of a tab that has traded this one; null when none says so at once. */
  newerThan(refreshToken: string): Promise<Tokens | null>;
}

/** A question without tokens, an answer with them. */
type Message = { readonly inPlaceOf: string } | { readonly inPlaceOf: string; readonly tokens: Tokens };

const ANSWER_WITHIN_MS = 200;
