/** A friend, and what the friend sees of the user where the user has made an exception. One tap opens the choice. */
import type { SharingExceptionFieldsFragment, UserFieldsFragment } from 'nearby-friends-client';
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type Choice, Choices } from './choices.js';
import { NearAlertChoice } from './near-alert-choice.js';
import type { Wording } from './wording.js';

export function FriendItem(props: FriendItemProps): JSX.Element {
  const { friend, exception, wording, nowMs, onChoose, onRemove } = props;
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const [noteId, choicesId] = [useId(), useId()];
  const seen = exception === undefined ? null : seenBy(exception, wording, nowMs);
  const news = useNews(seen && `${friend.displayName} ${seen}.`);

  function close(): void {
    setOpen(false);
    opener.current?.focus();
  }

  return (
    <li>
      <span
        role="group"
        aria-label={`${friend.displayName}, @${friend.handle}`}
        onKeyDown={({ key }) => {
          if (key === 'Escape' && isOpen) close();
        }}
      >
        <button
          ref={opener}
          type="button"
          class="opener"
          aria-expanded={isOpen}
          aria-controls={isOpen ? choicesId : undefined}
          aria-describedby={noteId}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <bdi class="name">{friend.displayName}</bdi> <span class="handle">@{friend.handle}</span>
        </button>
        <span id={noteId} class="note">
          {exception && seen}
        </span>
        <span class="visually-hidden" role="status">
          {news}
        </span>
        <span class="actions">
          <button type="button" onClick={onRemove}>
            Remove
          </button>
        </span>
        {isOpen && (
          <span
            id={choicesId}
            class="exception"
            role="group"
            aria-label={`How ${friend.displayName} sees me`}
          >
            <Choices
              options={optionsFor(exception)}
              isDisabled={exception === undefined}
              onChoose={(next) => {
                close();
                onChoose(next);
              }}
            />
          </span>
        )}
        {isOpen && <NearAlertChoice friend={friend} wording={wording} />}
      </span>
    </li>
  );
}

/** What one friend is to see. */
export interface SeenByOne {
  readonly enabled: boolean;
  readonly precision: SharingExceptionFieldsFragment['precision'];
  /** Milliseconds; null when it lasts until it is changed. */
  readonly forMs: number | null;
}

interface FriendItemProps {
  readonly friend: UserFieldsFragment;
  /** Null when the friend sees what all others see; undefined while it is not known. */
  readonly exception: SharingExceptionFieldsFragment | null | undefined;
  readonly wording: Wording;
  /** The server's time, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Null for the same as all others. */
  onChoose(next: SeenByOne | null): void;
  onRemove(): void;
}

const HOUR_MS = 3_600_000;

/** Returns the text as it changed last, for screen readers: nothing of what was so from the start. */
function useNews(text: string | null): string {
  const before = useRef<string | null>(null);
  const [news, setNews] = useState('');
  useEffect(() => {
    if (text === null) return;
    if (before.current !== null && before.current !== text) setNews(text);
    before.current = text;
  }, [text]);
  return news;
}

function seenBy(exception: SharingExceptionFieldsFragment | null, wording: Wording, nowMs: number): string {
  if (exception === null) return 'sees you as all others do';
  const { enabled, precision, until } = exception;
  const lasting = until === null ? '' : ` until ${wording.instant(Date.parse(until), nowMs)}`;
  if (!enabled) return `does not see you${lasting}`;
  return `sees you ${precision === 'EXACT' ? 'exactly' : 'approximately'}${lasting}`;
}

function optionsFor(exception: FriendItemProps['exception']): readonly Choice<SeenByOne | null>[] {
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
    {
      label: 'Not at all',
      value: { enabled: false, precision: 'EXACT', forMs: null },
      isChosen: exception?.enabled === false,
    },
  ];
}
