/** An input with its label. What to know of it, or what is wrong with it, is tied to it for screen readers. */
import type { ComponentChildren, JSX, TargetedInputEvent } from 'preact';
import { useId } from 'preact/hooks';

export function Field({ label, hint, error, isSecret, type, children, ...input }: FieldProps): JSX.Element {
  const [id, noteId] = [useId(), useId()];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...(isSecret === true ? TYPES.password : TYPES[type ?? 'text'])}
        required
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={error !== null}
        aria-describedby={noteId}
        {...input}
      />
      <div id={noteId}>
        {error !== null && (
          <p role="alert" class="error">
            {error}
          </p>
        )}
        {hint !== undefined && <p class="hint">{hint}</p>}
      </div>
      {children}
    </div>
  );
}

const TYPES = { text: { type: 'text' }, password: { type: 'password' }, date: { type: 'date' } } as const;

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong; null when nothing is. */
  readonly error: string | null;
  readonly children?: ComponentChildren;
  readonly name?: string;
  /** Whether what is typed is hidden. */
  readonly isSecret?: boolean;
  readonly value?: string;
  /** Default: text. */
  readonly type?: 'date';
  readonly autocomplete: 'username' | 'name' | 'new-password' | 'current-password' | 'off';
  readonly autocapitalize?: 'words';
  readonly required?: boolean;
  readonly onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
}
