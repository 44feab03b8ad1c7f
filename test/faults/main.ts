/**
 * Runs faults under traffic and attacks, and prints tables of figures; ends with 1 if something does not hold.
 *
 *   npm run test:faults [-- --seconds 300 --seed 1 [name...]]     default: all
 */
import { parseArgs } from 'node:util';
import { FRAME_INTERVAL_MS } from './deployment.js';
import { CALM, runFault } from './fault.js';
import { FAULTS } from './faults.js';
import { type Figure, rowOf, type Scenario, tableOf } from './scenario.js';
import { wireFuzz } from './wire-fuzz.js';

/** A new attack is a module beside this one, and a line here; a new fault is an entry in faults.ts. */
const ATTACKS: readonly Scenario[] = [wireFuzz];

const { values, positionals } = parseArgs({
  options: {
    /** How long an attack lasts. Faults last as long as they are described. */
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
  allowPositionals: true,
});
const names = [...FAULTS, ...ATTACKS].map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(2);
}
const isChosen = ({ name }: { readonly name: string }): boolean =>
  positionals.length === 0 || positionals.includes(name);
let allHold = true;
let wasBusy = false;
const note = (figures: readonly Figure[]): void => {
  allHold &&= figures.every(({ holds }) => holds !== false);
};

for (const [nth, fault] of FAULTS.filter(isChosen).entries()) {
  const figures = await runFault(fault);
  if (nth === 0) console.log(rowOf('fault', figures, ({ name }) => name));
  console.log(rowOf(fault.name, figures, ({ value, holds }) => `${value}${holds === false ? ' FAILS' : ''}`));
  note(figures);
  wasBusy ||= figures.some(({ name, value }) => name === CALM && Number(value) > 2 * FRAME_INTERVAL_MS);
}
if (wasBusy)
  console.log('The machine was busy: lists were slow before some faults, so the times tell of that, too.');
const setup = { seconds: Number(values.seconds), seed: Number(values.seed), settings: {} };
for (const { name, description, run } of ATTACKS.filter(isChosen)) {
  console.log(`\n${name} (${setup.seconds} s, seed ${setup.seed}): ${description}`);
  const figures = await run(setup);
  console.log(tableOf(figures));
  note(figures);
}
process.exit(allHold ? 0 : 1);
