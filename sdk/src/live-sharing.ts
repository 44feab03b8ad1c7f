/** What friends may see of the user, live, and whether that is up to date. */
import { whenThere } from './awaitable.js';
import type { Connection, ConnectionState } from './connection.js';
import type { DeviceNames } from './device-name.js';
import { SharingChangesDocument, type SharingStateFieldsFragment } from './generated/operations.js';
import { type Live, liveEvents } from './live.js';
import type { ShareLocationOptions } from './share-location.js';

export function liveSharing(
  connection: Connection,
  deviceNames: DeviceNames,
  { device, storage }: SharingOptions,
): Live<SharingState> {
  return liveEvents((sink) => {
    let known: SharingStateFieldsFragment | null = null;
    const removeListener = connection.onState((current) => {
      // A new connection sends the state anew; until then the old one is as stale as it was.
      if (known !== null && current.state === 'reconnecting')
        sink.next({ ...known, friendsChanged: [], exceptionsChanged: [], connection: current });
    });
    let isOver = false;
    let stop = (): void => undefined;
    void whenThere(device ?? deviceNames(storage), (name) => {
      if (isOver) return;
      stop = connection.subscribe(
        SharingChangesDocument,
        { device: name },
        {
          next({ sharing }) {
            known = sharing;
            sink.next({ ...sharing, connection: connection.state });
          },
          end(error) {
            removeListener();
            sink.end(error);
          },
        },
      );
    });
    return () => {
      isOver = true;
      removeListener();
      stop();
    };
  });
}

/** Options of `sharing`: the name of this device, as in `shareLocation`. */
export type SharingOptions = Pick<ShareLocationOptions, 'device' | 'storage'>;

/** What friends may see of the user, and the connection, which says whether that is up to date. */
export interface SharingState extends SharingStateFieldsFragment {
  readonly connection: ConnectionState;
}
