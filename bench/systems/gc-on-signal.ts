const YOUNG_GENERATION_BYTES = 100_000_000;
const CHUNK_BYTES = 8_000;
const garbage: unknown[] = [];

/**
 * Loaded before a system when memory is measured: SIGUSR2 collects all garbage. Fills the whole young generation first,
 * so that it counts the same whatever the system did so far. Needs --expose-gc.
 */
process.on('SIGUSR2', () => {
  for (let bytes = 0; bytes < YOUNG_GENERATION_BYTES; bytes += CHUNK_BYTES) {
    garbage[0] = new Array<null>(CHUNK_BYTES / 8);
  }
  garbage.length = 0;
  for (let round = 0; round < 3; round++) global.gc?.();
});
