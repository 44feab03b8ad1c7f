/** Every instrument: name, unit, help, labels. No label and no value tells who or where anybody is. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** The loop is woken so often to be measured, and nodejs_eventloop_lag_* are so much too high. */
const LOOP_DELAY_RESOLUTION_MS = 20;

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_DELAY_RESOLUTION_MS });
  const registers = [registry];

  return {
    locationUpdates: new Counter({
      name: 'nearby_location_updates_total',
      help: 'Location updates answered.',
      labelNames: ['recorded'] as const,
      registers,
    }),
    dependencyFailures: new Counter({
      name: 'nearby_dependency_failures_total',
      help: 'Reads and writes that failed and are tried again or given up, by what failed.',
      labelNames: ['cause'] as const,
      registers,
    }),

    /** A value read when the metrics are scraped. */
    observe(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },

    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
