/**
 * Shows whether the page is up to date. A screen reader reads changes of the state, not the seconds since
 * then.
 */
import type { ConnectionState } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { age } from './wording.js';

export function ConnectionBadge({ connection, nowMs }: ConnectionBadgeProps): JSX.Element {
  return (
    <p class={`connection ${connection.state}`}>
      <span role="status">{STATES[connection.state]}</span>
      {connection.state === 'reconnecting' && (
        <span> · as of {age(connection.staleSince.getTime(), nowMs)} ago</span>
      )}
    </p>
  );
}

interface ConnectionBadgeProps {
  readonly connection: ConnectionState;
  readonly nowMs: number;
}

const STATES: Readonly<Record<ConnectionState['state'], string>> = {
  idle: 'Connecting …',
  connecting: 'Connecting …',
  live: 'Live',
  reconnecting: 'Reconnecting …',
};
