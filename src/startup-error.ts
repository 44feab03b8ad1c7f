/**
 * Says why the server cannot start, in one line for each problem, without credentials. main.ts prints the
 * message alone and exits with status 1. Any other error that ends the start is a defect.
 */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}
