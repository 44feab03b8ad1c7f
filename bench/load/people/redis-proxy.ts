/**
 * Stands between one server and its Redis, hands on every byte, and tells what goes by. It reads the protocol with
 * ioredis' own decoder, so it knows nothing of the server but what any build of it says to Redis.
 */
import { connect, type AddressInfo, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { Decoder } from 'ioredis/built/resp/decoder.js';

/** @param redisUrl of the Redis, without TLS. */
export async function startRedisProxy(redisUrl: string, observer: RedisObserver): Promise<RedisProxy> {
  const target = new URL(redisUrl);
  const server = createServer((socket) => {
    observer.onConnection();
    const redis = connect(Number(target.port), target.hostname);
    relay(
      socket,
      redis,
      decoder((command) => observeCommand(command, observer)),
    );
    const replies = decoder((reply) => observeReply(reply, observer));
    relay(redis, socket, (bytes) => {
      observer.onBytes(bytes.length);
      replies(bytes);
    });
  });
  server.listen(0, target.hostname);
  await once(server, 'listening');
  const url = new URL(redisUrl);
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, close: () => void server.close() };
}

export interface RedisProxy {
  /** What the server is given as REDIS_URL. */
  readonly url: string;
  /** Takes no more connections. */
  close(): void;
}

export interface RedisObserver {
  /** A new connection of the server's. */
  onConnection(): void;
  /** Bytes to the server. */
  onBytes(count: number): void;
  /** A message to the server. */
  onMessage(channel: string, message: string): void;
  /** Channels that the server joins and leaves. */
  onJoin(channels: readonly string[]): void;
  onLeave(channels: readonly string[]): void;
}

function relay(from: Socket, to: Socket, observe: (bytes: Buffer) => void): void {
  from.setNoDelay();
  from.on('data', observe);
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

/** Reads values of RESP2 or RESP3, as commands and replies are, from bytes that come in pieces. */
function decoder(onValue: (value: unknown) => void): (bytes: Buffer) => void {
  const parser = new Decoder({
    onReply: onValue,
    onErrorReply: onValue,
    onPush: onValue,
    getTypeMapping: () => ({}),
  });
  return (bytes) => parser.write(bytes);
}

function observeCommand(command: unknown, observer: RedisObserver): void {
  const [name = '', ...args] = textsOf(command);
  switch (name.toLowerCase()) {
    case 'subscribe':
    case 'ssubscribe':
      return observer.onJoin(args);
    case 'unsubscribe':
    case 'sunsubscribe':
      return observer.onLeave(args);
  }
}

function observeReply(reply: unknown, observer: RedisObserver): void {
  const [kind, channel = '', message = ''] = textsOf(reply);
  if (kind === 'message' || kind === 'smessage') observer.onMessage(channel, message);
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
