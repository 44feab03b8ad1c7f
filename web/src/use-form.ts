/** A form that does one thing at a time. What is wrong with a field is said there, and the field is focused. */
import { NearbyFriendsError } from 'nearby-friends-client';
import type { RefObject, TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { failureText, PageError } from './failure-text.js';

/**
 * @param submit does what the form is for. `textOf` returns what is in a field, `button` is the value of the button.
 * @param fieldOf tells which field an error of the server is about; null when it is about none.
 */
export function useForm<Name extends string>(
  submit: (textOf: (field: Name) => string, button: string) => Promise<void>,
  fieldOf: (error: NearbyFriendsError) => Name | null,
): Form<Name> {
  const ref = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault<Name> | null>(null);

  useEffect(() => {
    if (fault?.field != null) ref.current?.querySelector<HTMLElement>(`[name=${fault.field}]`)?.focus();
  }, [fault]);

  async function run(form: HTMLFormElement, button: string): Promise<void> {
    const data = new FormData(form);
    setBusy(true);
    setFault(null);
    try {
      await submit((field) => {
        const value = data.get(field);
        return typeof value === 'string' ? value : '';
      }, button);
    } catch (error) {
      setFault({ field: fieldAt(error, fieldOf), text: failureText(error) });
    } finally {
      setBusy(false);
    }
  }

  return {
    ref,
    busy,
    failure: fault?.field === null ? fault.text : null,
    errorOf: (field) => (fault?.field === field ? fault.text : null),
    onSubmit(event) {
      event.preventDefault();
      const { submitter } = event as SubmitEvent;
      if (!busy) void run(event.currentTarget, submitter instanceof HTMLButtonElement ? submitter.value : '');
    },
  };
}

export interface Form<Name extends string> {
  readonly ref: RefObject<HTMLFormElement | null>;
  readonly busy: boolean;
  /** What went wrong, when it is about no field; null when nothing did. */
  readonly failure: string | null;
  /** What is wrong with a field; null when nothing is. */
  errorOf(field: Name): string | null;
  onSubmit(event: TargetedSubmitEvent<HTMLFormElement>): void;
}

/** A sentence for the user about what is in a field. */
export class FieldError extends PageError {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

interface Fault<Name extends string> {
  readonly field: Name | null;
  readonly text: string;
}

function fieldAt<Name extends string>(
  error: unknown,
  fieldOf: (error: NearbyFriendsError) => Name | null,
): Name | null {
  if (error instanceof FieldError) return error.field as Name;
  return error instanceof NearbyFriendsError ? fieldOf(error) : null;
}
