/** What one friend sees of the user, in words and as choices. */
import type { SharingExceptionFieldsFragment } from 'nearby-friends-client';
import type { Choice } from './choices.js';
import type { Wording } from './wording.js';

/** The exception for a friend; null when the friend sees what all others see, undefined while it is not known. */
export type Exception = SharingExceptionFieldsFragment | null | undefined;

/** What one friend is to see. */
export interface SeenByOne {
  readonly enabled: boolean;
  readonly precision: SharingExceptionFieldsFragment['precision'];
  /** Milliseconds; null when it lasts until it is changed. */
  readonly forMs: number | null;
}

/** Says it to go after the friend's name; null while it is not known. */
export function seenBy(exception: Exception, wording: Wording, nowMs: number): string | null {
  if (exception === undefined) return null;
  if (exception === null) return 'sees you as all others do';
  const { enabled, precision, until } = exception;
  const lasting = until === null ? '' : ` until ${wording.instant(Date.parse(until), nowMs)}`;
  if (!enabled) return `does not see you${lasting}`;
  return `sees you ${precision === 'EXACT' ? 'exactly' : 'approximately'}${lasting}`;
}

export function seenByChoices(exception: Exception): readonly Choice<SeenByOne | null>[] {
  const precision = exception?.enabled === true ? exception.precision : null;
  const isTimed = exception?.until != null;
  return [
    { label: 'As all others', value: null, isChosen: exception === null },
    {
      label: 'Exactly',
      value: { enabled: true, precision: 'EXACT', forMs: null },
      isChosen: precision === 'EXACT' && !isTimed,
    },
    {
      label: 'Exactly for an hour',
      value: { enabled: true, precision: 'EXACT', forMs: HOUR_MS },
      isChosen: precision === 'EXACT' && isTimed,
    },
    {
      label: 'Approximately',
      value: { enabled: true, precision: 'APPROXIMATE', forMs: null },
      isChosen: precision === 'APPROXIMATE',
    },
    { label: 'Not at all', value: HIDDEN, isChosen: exception?.enabled === false },
  ];
}

export const HIDDEN: SeenByOne = { enabled: false, precision: 'EXACT', forMs: null };

const HOUR_MS = 3_600_000;
