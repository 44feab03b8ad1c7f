import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** `npm run admin -- …` over a database, as operators type it. */
export async function admin(
  databaseUrl: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, DATABASE_URL: databaseUrl, ...settings };
  const command = ['--import', 'tsx', 'src/cli/admin.ts', ...args];
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, command, { env })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}
