/**
 * A row of buttons, of which the pressed one says what holds. Radio buttons would choose whatever the arrow keys pass,
 * and somebody would be seen by that.
 */
import type { JSX } from 'preact';

export function Choices<T>({ options, primary, isDisabled, onChoose }: ChoicesProps<T>): JSX.Element {
  return (
    <span class="choices">
      {options.map((option) => (
        <button
          key={option.label}
          type="button"
          class={option === primary ? 'primary' : ''}
          aria-pressed={option.isChosen}
          disabled={isDisabled}
          onClick={() => {
            onChoose(option.value);
          }}
        >
          {option.label}
        </button>
      ))}
    </span>
  );
}

export interface Choice<T> {
  readonly label: string;
  readonly value: T;
  readonly isChosen: boolean;
}

interface ChoicesProps<T> {
  readonly options: readonly Choice<T>[];
  /** The one that most people want next, if any. */
  readonly primary?: Choice<T> | undefined;
  readonly isDisabled: boolean;
  onChoose(value: T): void;
}
