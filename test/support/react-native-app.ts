/**
 * An app of React Native in an engine of its own: a shell of JavaScriptCore or Hermes, in which native.js and then the
 * app's bundle run. This process is the native side: it has the timers, the network, the storage and the position.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const NATIVE_FILE = fileURLToPath(new URL('../clients/react-native/native.js', import.meta.url));

/** @param storage what AsyncStorage keeps, also for the next start of the app. */
export async function startApp(
  engine: Engine,
  bundle: string,
  launchOptions: object,
  storage: Map<string, string>,
): Promise<RunningApp> {
  const isHermes = engine.name === 'Hermes';
  const child = spawn(engine.program, isHermes ? ['-Xmicrotask-queue'] : [NATIVE_FILE], { stdio: 'pipe' });
  // What an app is told that was killed a moment ago goes nowhere.
  child.stdin.on('error', () => undefined);
  const shown: Shown[] = [];
  const faults: string[] = [];
  const timers = new Map<number, NodeJS.Timeout>();
  const requests = new Map<number, AbortController>();
  const sockets = new Map<number, WebSocket>();
  let position: { readonly timestamp: number } | null = null;
  let isOffline = false;

  function tell(message: object): void {
    if (!child.stdin.writable) return;
    const text = JSON.stringify(message);
    child.stdin.write(isHermes ? `receiveText(${JSON.stringify(text)});\n` : `${text}\n`);
  }
  const emit = (event: string, ...args: unknown[]): void => {
    tell({ event, args });
  };

  async function request({ id, method, url, headers, body, responseType }: Sent<'request'>): Promise<void> {
    const controller = new AbortController();
    requests.set(id, controller);
    try {
      if (isOffline) throw new Error('There is no network.');
      const init = { method, headers, body: body?.string ?? null, signal: controller.signal };
      const response = await fetch(url, init);
      emit('didReceiveNetworkResponse', [
        id,
        response.status,
        Object.fromEntries(response.headers),
        response.url,
      ]);
      const data = Buffer.from(await response.arrayBuffer());
      emit('didReceiveNetworkData', [id, data.toString(responseType === 'base64' ? 'base64' : 'utf8')]);
      emit('didCompleteNetworkResponse', [id, null]);
    } catch (error) {
      emit('didCompleteNetworkResponse', [id, (error as Error).message, false]);
    }
  }

  function openSocket({ id, url, protocols }: Sent<'openSocket'>): void {
    if (isOffline) {
      emit('websocketFailed', { id, message: 'There is no network.' });
      return;
    }
    const socket = new WebSocket(url, protocols);
    sockets.set(id, socket);
    socket.on('open', () => {
      emit('websocketOpen', { id, protocol: socket.protocol });
    });
    socket.on('message', (data: Buffer) => {
      emit('websocketMessage', { id, type: 'text', data: data.toString() });
    });
    socket.on('close', (code, reason) => {
      emit('websocketClosed', { id, code, reason: reason.toString() });
    });
    socket.on('error', ({ message }) => {
      emit('websocketFailed', { id, message });
    });
  }

  const answer = (ask: number, value: unknown = null): void => {
    tell({ answer: ask, value });
  };
  const handlers: { [To in keyof Messages]: (message: Messages[To]) => void } = {
    log({ level, text }) {
      if (level === 0 || level === 1) shown.push(JSON.parse(text) as Shown);
      else faults.push(text);
    },
    exception: ({ text }) => faults.push(text),
    timer({ id, ms, repeats }) {
      const fire = (): void => {
        tell({ timer: id });
      };
      timers.set(id, repeats ? setInterval(fire, ms) : setTimeout(fire, ms));
    },
    clearTimer: ({ id }) => {
      clearTimeout(timers.get(id));
    },
    request: (message) => void request(message),
    abortRequest: ({ id }) => requests.get(id)?.abort(),
    openSocket,
    send: ({ id, data }) => sockets.get(id)?.send(data),
    closeSocket: ({ id, code, reason }) => sockets.get(id)?.close(code, reason),
    getValues: ({ ask, keys }) => {
      answer(
        ask,
        keys.map((key) => ({ key, value: storage.get(key) ?? null })),
      );
    },
    setValues({ ask, entries }) {
      for (const { key, value } of entries) storage.set(key, value);
      answer(ask, entries);
    },
    removeValues({ ask, keys }) {
      for (const key of keys) storage.delete(key);
      answer(ask);
    },
    startObserving: () => {
      if (position !== null) emit('geolocationDidChange', position);
    },
    stopObserving: () => undefined,
    currentPosition: ({ ask }) => {
      if (position !== null) answer(ask, position);
    },
  };

  readLines(child, (line) => {
    const start = line.indexOf('\u0001');
    if (start === -1) return;
    const message = JSON.parse(line.slice(start + 1)) as { to: keyof Messages | 'ready' };
    if (message.to !== 'ready') handlers[message.to](message as never);
  });
  child.stderr.on('data', (text: Buffer) => faults.push(text.toString()));
  if (isHermes) child.stdin.write(`(0, eval)(${JSON.stringify(readFileSync(NATIVE_FILE, 'utf8'))});\n`);
  tell({ options: launchOptions, run: readFileSync(bundle, 'utf8') });

  return {
    shown,
    faults,
    stored(key) {
      const [, text] = [...storage].find(([name]) => key.test(name)) ?? [];
      return text === undefined ? null : JSON.parse(text);
    },
    moveTo({ latitude, longitude }) {
      const coords = {
        latitude,
        longitude,
        accuracy: 5,
        altitude: 100,
        altitudeAccuracy: 5,
        heading: -1,
        speed: -1,
      };
      // A device gives one position at a time.
      position = {
        coords,
        timestamp: Math.max(Date.now(), (position?.timestamp ?? 0) + 1),
      } as typeof position;
      emit('geolocationDidChange', position);
    },
    become(state) {
      emit('appStateDidChange', { app_state: state });
    },
    goOffline() {
      isOffline = true;
      for (const socket of sockets.values()) socket.terminate();
    },
    loseNetworkSilently() {
      for (const socket of sockets.values())
        socket
          .removeAllListeners()
          .on('error', () => undefined)
          .terminate();
      sockets.clear();
    },
    suspend: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    run(code) {
      tell({ options: launchOptions, run: code });
    },
    async kill() {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const socket of sockets.values()) socket.terminate();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

export interface Engine {
  readonly name: 'JavaScriptCore' | 'Hermes';
  /** Its shell. */
  readonly program: string;
}

export type Shown = Readonly<Record<string, unknown>>;

export interface RunningApp {
  /** What the app has printed. */
  readonly shown: readonly Shown[];
  /** What it threw, and its warnings. */
  readonly faults: readonly string[];
  /** What its storage has under a key; null when that is nothing. */
  stored(key: RegExp): unknown;
  moveTo(place: { readonly latitude: number; readonly longitude: number }): void;
  become(state: 'active' | 'inactive' | 'background'): void;
  goOffline(): void;
  /** As when the device slept: nobody tells the app that its sockets are gone. */
  loseNetworkSilently(): void;
  suspend(): void;
  resume(): void;
  run(code: string): void;
  /** Ends the app as a system does that needs its memory. */
  kill(): Promise<void>;
}

/** What native.js says. */
interface Messages {
  log: { level: number; text: string };
  exception: { text: string };
  timer: { id: number; ms: number; repeats: boolean };
  clearTimer: { id: number };
  request: {
    id: number;
    method: string;
    url: string;
    headers: [string, string][];
    body: { string?: string } | null;
    responseType: 'text' | 'base64';
  };
  abortRequest: { id: number };
  openSocket: { id: number; url: string; protocols: string[] };
  send: { id: number; data: string };
  closeSocket: { id: number; code: number; reason: string };
  getValues: { ask: number; keys: string[] };
  setValues: { ask: number; entries: { key: string; value: string }[] };
  removeValues: { ask: number; keys: string[] };
  startObserving: object;
  stopObserving: object;
  currentPosition: { ask: number };
}
type Sent<To extends keyof Messages> = Messages[To];

function readLines(child: ChildProcessWithoutNullStreams, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
