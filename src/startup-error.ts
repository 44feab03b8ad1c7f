/**
 * Why the server cannot start, told in the message to whoever starts it: one line for each problem, no stack needed,
 * no credentials in it. main.ts prints the message and exits with status 1; anything else thrown is a defect.
 */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}
