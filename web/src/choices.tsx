/**
 * A row of buttons, of which the pressed one says what holds. Radio buttons would choose whatever the arrow keys pass,
 * and somebody would be seen by that.
 */
import type { JSX } from 'preact';

export function Choices<T>({ options, isDisabled, onChoose }: ChoicesProps<T>): JSX.Element {
  return (
    <span class="choices">
      {options.map(({ label, value, isChosen }) => (
        <button
          key={label}
          type="button"
          aria-pressed={isChosen}
          disabled={isDisabled}
          onClick={() => {
            onChoose(value);
          }}
        >
          {label}
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
  readonly isDisabled: boolean;
  onChoose(value: T): void;
}
