/** What `npm run test:faults` runs: a fault or an attack against a real server, and figures of what became of it. */
export interface Scenario {
  /** As it is named on the command line, e.g. `wire-fuzz`. */
  readonly name: string;
  /** What happens and what has to hold, in a sentence. */
  readonly description: string;
  run(setup: ScenarioSetup): Promise<readonly Figure[]>;
}

export interface ScenarioSetup {
  /** How long the fault lasts, apart from what it takes to begin and to end. */
  readonly seconds: number;
  /** Whatever is random comes from here, so that a run can be repeated. */
  readonly seed: number;
  /** PostgreSQL and Redis of the server, by the server's settings; none to let it start its own. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Figure {
  readonly name: string;
  readonly value: string | number;
  /** Null for a figure that nothing is asked of. */
  readonly holds: boolean | null;
}

/** The figures of a scenario in columns, and whether all hold. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, holds }) => [
    name,
    String(value),
    holds === null ? '' : holds ? 'holds' : 'FAILS',
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(([name = '', value = '', verdict = '']) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${verdict}`.trimEnd(),
    )
    .join('\n');
}

/** The figures of a fault in a row of a table for all. @param cell what stands in it; as wide as its name at least. */
export function rowOf(title: string, figures: readonly Figure[], cell: (figure: Figure) => string): string {
  const cells = figures.map((figure) => cell(figure).padStart(Math.max(figure.name.length, 6)));
  return [title.padEnd(18), ...cells].join('  ');
}
