/**
 * Counts what arrives. Each update carries its number as `accuracyMeters`, so that one number in a text tells whose
 * place it is and when it was sent. An entry counts as a change when a client receives the newest number of a friend
 * for the first time. An entry that repeats it, as after the viewer's own move, costs the server but does not count.
 */
import { createHistogram, performance } from 'node:perf_hooks';

const MARKER = '"accuracyMeters":';
const ZERO = 48;
const NINE = 57;

export type Changes = ReturnType<typeof createChanges>;

export function createChanges(clients: number, maxUpdates: number) {
  const moverOf = new Int32Array(maxUpdates);
  const sentAtMs = new Float64Array(maxUpdates);
  /** By client, the newest number of each friend. */
  const newest = Array.from({ length: clients }, () => new Map<number, number>());
  let latency = createHistogram();
  let sent = 0;
  let window = { first: Infinity, end: Infinity };
  const counts = { changes: 0, changesOfWindow: 0, repeated: 0, stale: 0, messages: 0, bytes: 0 };

  function entry(client: number, number: number, nowMs: number): void {
    const known = newest[client];
    const mover = moverOf[number] ?? -1;
    const before = known?.get(mover) ?? -1;
    if (number > before) {
      known?.set(mover, number);
      counts.changes += 1;
      if (number >= window.first && number < window.end) {
        counts.changesOfWindow += 1;
        const micros = Math.round((nowMs - (sentAtMs[number] ?? 0)) * 1_000);
        latency.record(Math.max(1, micros));
      }
    } else if (number === before) counts.repeated += 1;
    else counts.stale += 1;
  }

  return {
    counts,

    /** Numbers a new update by this mover, which is sent now. */
    send(mover: number): number {
      moverOf[sent] = mover;
      sentAtMs[sent] = performance.now();
      return sent++;
    },

    get sent() {
      return sent;
    },

    /** Counts the entries of a message. @returns false when it holds none. */
    receive(client: number, text: string): boolean {
      let at = text.indexOf(MARKER);
      if (at < 0) return false;
      const nowMs = performance.now();
      counts.messages += 1;
      counts.bytes += text.length;
      while (at >= 0) {
        let digit = at + MARKER.length;
        let number = 0;
        for (
          let code = text.charCodeAt(digit);
          code >= ZERO && code <= NINE;
          code = text.charCodeAt(++digit)
        ) {
          number = number * 10 + code - ZERO;
        }
        entry(client, number, nowMs);
        at = text.indexOf(MARKER, digit);
      }
      return true;
    },

    /** Starts the measured window. */
    openWindow(): void {
      window = { first: sent, end: Infinity };
      latency = createHistogram();
      for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] = 0;
    },

    /** Ends the window for updates; changes of its updates still count. @returns how many updates it had. */
    closeWindow(): number {
      window.end = sent;
      return window.end - window.first;
    },

    latencyMs: () => ({
      p50: latency.percentile(50) / 1_000,
      p99: latency.percentile(99) / 1_000,
      max: latency.max / 1_000,
    }),
  };
}
