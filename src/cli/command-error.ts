/** Says in one clear line why a command cannot do what it was asked to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
