/** Runs a mutation that is not sent again when the connection is lost, and that can be taken back. */
import type { Connection } from './connection.js';
import { unreachable } from './errors.js';
import type { TypedDocumentString } from './generated/operations.js';

/**
 * Runs a mutation over the socket that is open now.
 * @param signal its abort takes the mutation back, unless it has left already.
 * @throws NearbyFriendsError with the server's code; 'UNREACHABLE' when no socket is open or it is lost, and
 *   when `signal` aborts; 'SIGNED_OUT' when the session ends.
 */
export function requestOnce<Result, Variables>(
  { state, onState, subscribe }: Pick<Connection, 'state' | 'onState' | 'subscribe'>,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (state.state !== 'live' || signal.aborted) {
      reject(unreachable('No connection is open.'));
      return;
    }
    const settle = (): void => {
      removeListener();
      signal.removeEventListener('abort', takeBack);
    };
    const takeBack = (): void => {
      settle();
      stop();
      reject(unreachable('The connection was lost.'));
    };
    const removeListener = onState(takeBack);
    signal.addEventListener('abort', takeBack);
    const stop = subscribe(document, variables, {
      next(result) {
        settle();
        resolve(result);
      },
      end(error) {
        settle();
        reject(error ?? unreachable('The connection was closed.'));
      },
    });
  });
}
