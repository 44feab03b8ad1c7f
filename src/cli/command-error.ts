/** Why a command cannot do what it was asked for, in one clear line for whoever typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
