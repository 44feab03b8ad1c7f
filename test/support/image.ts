/** What deploy/Dockerfile says, for the tests of what is deployed. */
import { readFileSync } from 'node:fs';
import { DockerfileParser } from 'dockerfile-ast';
import { settingsHelp } from '../../src/config.js';

export function readImage(text = readFileSync('deploy/Dockerfile', 'utf8')): Image {
  const dockerfile = DockerfileParser.parse(text);
  const last = dockerfile.getFROMs().at(-1)?.getRange();
  const stage = last === undefined ? null : dockerfile.getContainingImage(last.start);
  if (stage === null) throw new Error('The Dockerfile has no stage.');
  const properties = stage.getENVs().flatMap((line) => line.getProperties());
  return {
    bases: dockerfile.getFROMs().map((from) => from.getImage() ?? ''),
    copies: stage.getCOPYs().map((copy) => {
      const paths = copy.getArguments().map((argument) => argument.getValue());
      return {
        from: copy.getFromFlag()?.getValue() ?? null,
        sources: paths.slice(0, -1),
        target: paths.at(-1) ?? '',
      };
    }),
    environment: Object.fromEntries(properties.map((each) => [each.getName(), each.getValue() ?? ''])),
    healthcheck: execForm(stage.getHEALTHCHECKs().at(-1)?.getArgumentsContent()),
    command: execForm(stage.getCMDs().at(-1)?.getArgumentsContent()),
  };
}

export interface Image {
  /** Of every stage, e.g. node:20.20-bookworm-slim. */
  readonly bases: readonly string[];
  /** The rest is of the last stage. */
  readonly copies: readonly {
    readonly from: string | null;
    readonly sources: readonly string[];
    readonly target: string;
  }[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: readonly string[];
  readonly command: readonly string[];
}

/** How long after DRAIN_SECONDS a server is gone at the latest, whatever hangs. */
export const SECONDS_AFTER_DRAIN = 10;

/** Those of the names that no server reads. */
export function unknownSettings(names: readonly string[]): string[] {
  const known = new Set(Array.from(settingsHelp().matchAll(/^ {2}(\w+)/gm), ([, name]) => name));
  return names.filter((name) => !known.has(name));
}

/** `["node", "x"]`, whatever stands before it; the form without a shell is the only one that gets signals. */
function execForm(text: string | null | undefined): readonly string[] {
  return JSON.parse(/\[.*\]$/s.exec(text ?? '')?.[0] ?? '[]') as string[];
}
