/**
 * Runs fault scenarios and prints a table of figures for each; ends with 1 if one does not hold.
 *
 *   npm run test:faults [-- --seconds 300 --seed 1 [scenario...]]     default: all scenarios
 */
import { parseArgs } from 'node:util';
import { type Scenario, tableOf } from './scenario.js';
import { wireFuzz } from './wire-fuzz.js';

/** A new scenario is a module beside this one, and a line here. */
const SCENARIOS: readonly Scenario[] = [wireFuzz];

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(
    `No scenario ${unknown.join(', ')}. There are: ${SCENARIOS.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const setup = { seconds: Number(values.seconds), seed: Number(values.seed), settings: {} };
let allHold = true;
for (const { name, description, run } of SCENARIOS) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`${name} (${setup.seconds} s, seed ${setup.seed}): ${description}`);
  const figures = await run(setup);
  console.log(`${tableOf(figures)}\n`);
  allHold &&= figures.every(({ holds }) => holds !== false);
}
process.exit(allHold ? 0 : 1);
