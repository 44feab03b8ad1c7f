/**
 * Makes the capacity page: a Markdown template whose tables hold formulas, which are shown beside their results.
 *
 * `{{name = formula; unit}}` becomes three cells, name, formula and result, `{{name}}` a measured cost with its range,
 * `{{source of servers}}` where the costs of servers were measured, and `{{name; unit; input = value, …}}` the result of a
 * formula with other inputs. Units: `bytes`, or none.
 * `{{world: input = value, …}}` shows inputs that others may then name as `world` among their own.
 */
import { createContext, runInContext } from 'node:vm';
import type { Spread } from '../run/statistics.js';
import { type Measured, PARTS } from './measured.js';

const PLACEHOLDER = /\{\{(.+?)\}\}/g;
const DEFINITION = /^(\w+) = (.+)$/;
const WORLD = /^(\w+): (.+)$/;

/** @throws Error for a formula that names something undefined, and for a result that is not a number. */
export function pageOf(template: string, measured: Measured): string {
  const costs = Object.assign({}, ...PARTS.map((part) => measured[part].costs)) as Record<string, Spread>;
  const placeholders = Array.from(template.matchAll(PLACEHOLDER), ([, text = '']) => text.split('; '));
  const definitions = placeholders
    .map(([text = '']) => DEFINITION.exec(text))
    .filter((found) => found !== null);
  const medians = Object.fromEntries(Object.entries(costs).map(([name, { median }]) => [name, median]));

  const worlds = new Map(
    placeholders.flatMap(([text = '']) => {
      const [, name = '', inputs] = WORLD.exec(text) ?? [];
      return inputs === undefined ? [] : [[name, inputs] as const];
    }),
  );

  /** Computes all formulas in the order of the page, with some of the names defined otherwise. */
  function resultOf(name: string, inputs?: string): number {
    const each = inputs?.split(', ').flatMap((input) => (worlds.get(input) ?? input).split(', ')) ?? [];
    const given = new Map(each.map((input) => input.split(' = ') as [string, string]));
    for (const input of given.keys()) {
      if (!definitions.some(([, defined]) => defined === input)) throw new Error(`${input} is no input`);
    }
    const context = createContext({ ceil: Math.ceil, max: Math.max, min: Math.min, ...medians });
    for (const [, defined = '', formula = ''] of definitions) {
      runInContext(`${defined} = ${given.get(defined) ?? formula}`, context);
    }
    const result: unknown = runInContext(name, context);
    if (typeof result !== 'number' || Number.isNaN(result)) throw new Error(`${name} is not a number`);
    return result;
  }

  return template.replaceAll(PLACEHOLDER, (_, text: string) => {
    const [what = '', unit = '', inputs] = text.split('; ');
    const show = unit === 'bytes' ? bytes : amount;
    const part = PARTS.find((part) => what === `source of ${part}`);
    if (part !== undefined) return measured[part].source;
    const world = WORLD.exec(what)?.[2];
    if (world !== undefined) return `\`${world}\``;
    const cost = costs[what];
    if (cost !== undefined) return `${show(cost.median)} | ${show(cost.min)} to ${show(cost.max)}`;
    const [, name = what, formula] = DEFINITION.exec(what) ?? [];
    const result = show(resultOf(name, inputs));
    return formula === undefined ? result : `\`${name}\` | \`${formula}\` | ${result}`;
  });
}

/** Puts the page's chart into another page, between the marks for it. @throws Error for a page without one. */
export function withChart(other: string, page: string): string {
  const [chart] = CHART.exec(page) ?? [];
  if (chart === undefined || !PLACE_OF_CHART.test(other))
    throw new Error('There is no chart, or no place for it');
  return other.replace(PLACE_OF_CHART, `$1${chart}$2`);
}

const CHART = /```mermaid\n[^]*?```/;
const PLACE_OF_CHART = /(<!-- chart of docs\/capacity.md -->\n)[^]*?(\n<!-- end of chart -->)/;

const amount = (value: number): string => scaled(value, [1e9, ' billion'], [1e6, ' million']);

const bytes = (value: number): string =>
  scaled(value, [1e15, ' PB'], [1e12, ' TB'], [1e9, ' GB'], [1e6, ' MB'], [1e3, ' kB'], [1, ' B']);

/** Writes three digits in the largest unit that fits, and ∞ where no number is enough. */
function scaled(value: number, ...units: (readonly [number, string])[]): string {
  if (value === Infinity) return '∞';
  const [size, name] = units.find(([size]) => value >= 0.9995 * size) ?? [1, ''];
  return (
    Number((value / size).toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 }) + name
  );
}
