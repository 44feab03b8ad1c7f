/** Reads small CSV files with a fixed header. Whatever is malformed is a CommandError that names the line. */
import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { CommandError } from './command-error.js';

/**
 * Reads the rows below the header. Empty lines are left out.
 * @throws CommandError when the file cannot be read, its header is not `columns`, or a row has more or fewer
 * cells.
 */
export async function readCsv(path: string, columns: readonly string[]): Promise<CsvRow[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      error.code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${error.code}).`,
    );
  });
  const [header, ...rows] = parseRows(path, text);
  if (header?.cells.join(',') !== columns.join(',')) {
    throw new CommandError(`${path} must begin with the header ${columns.join(',')}.`);
  }
  for (const { line, cells } of rows) {
    if (cells.length !== columns.length) {
      throw badRow(path, line, `${cells.length} values instead of ${columns.length} (${columns.join(',')})`);
    }
  }
  return rows;
}

/** Makes the error for a row, which names the file and the line. */
export function badRow(path: string, line: number, problem: string): CommandError {
  return new CommandError(`${path}, line ${line}: ${problem}.`);
}

/** The trimmed cells of a row and its line in the file, where the header is line 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseRows(path: string, text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record(cells: string[], { lines }) {
        rows.push({ line: lines, cells });
        return null;
      },
    });
  } catch (error) {
    if (error instanceof CsvError) throw new CommandError(`${path}: ${error.message}.`);
    throw error;
  }
  return rows;
}
