/** The commands and settings of docs/cassandra.md, as tests run them. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Client } from 'cassandra-driver';
import type { TestCassandraNode } from '../support/cassandra-node.js';

/** The blocks of a section, in their order, without those of the sections below it. */
export async function documented(heading: string, language = 'sh'): Promise<readonly string[]> {
  const text = await readFile('docs/cassandra.md', 'utf8');
  const sections = text.split(/^#+ (?=.*\n)/m);
  const section = sections.find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const blocks = section.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'));
  return Array.from(blocks, ([, , block = '']) => block);
}

/** Runs commands as on the node's own machine. Resolves to what they print; rejects when one fails. */
export async function runOn(
  { bin, home }: TestCassandraNode,
  commands: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const here = commands.replaceAll('/var/lib/cassandra', home);
  const { stdout } = await promisify(execFile)('sh', ['-euc', here], {
    cwd: home,
    env: { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, ...env },
  });
  return stdout;
}

/** Runs statements as `cqlsh` does. */
export async function runCql(client: Client, statements: string): Promise<void> {
  for (const statement of statements.split(/;\s*$/m)) {
    if (statement.trim() !== '') await client.execute(statement);
  }
}
