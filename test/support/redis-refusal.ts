import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/log.js';
import { openRealtimeBackend } from '../../src/realtime-backend.js';
import { systemClock } from '../../src/time/clock.js';

/** Opens what a server's settings name, and closes it again. @returns what ends the start, or that nothing does. */
export async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
  const closing: (() => unknown)[] = [];
  const lifecycle = { onClose: (_name: string, close: () => unknown) => void closing.unshift(close) };
  try {
    const config = readConfig(env);
    await openRealtimeBackend(config, 'nearby:test', createLogger('silent'), systemClock, lifecycle);
    return 'it started';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } finally {
    for (const close of closing) close();
  }
}
