// Loaded into a server before its own code: its clock is off by START_SHIFT_MS, if that is given, and from SIGUSR2 on by
// SHIFT_MS. Clocks that only move forward are right.
const Real = Date;
let shiftMs = Number(process.env.START_SHIFT_MS ?? 0);
const now = () => Real.now() + shiftMs;
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }
  static now = now;
};
process.on('SIGUSR2', () => {
  shiftMs = Number(process.env.SHIFT_MS);
  process.stdout.write('the clock is set\n');
});
