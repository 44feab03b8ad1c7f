/** A dialog over the page, which is inert meanwhile. Escape closes it, and the focus goes back to where it was. */
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import './modal.css';

export function Modal({ title, focusOtherwise, isOver, children, onClose }: ModalProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const newest = useRef(onClose);
  newest.current = onClose;
  useEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    const closed = (): void => {
      newest.current();
    };
    shown?.addEventListener('close', closed);
    shown?.showModal();
    return () => {
      shown?.removeEventListener('close', closed);
      shown?.close();
      // When the page is drawn without the dialog, and perhaps without what had the focus.
      queueMicrotask(() => {
        const isThere = before?.isConnected === true && isOver?.current !== true;
        const next = isThere ? before : focusOtherwise?.current;
        if (next instanceof HTMLElement) next.focus();
      });
    };
  }, []);
  return (
    <dialog ref={dialog} class="modal" aria-labelledby={titleId}>
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ModalProps {
  readonly title: string;
  /** What to focus afterwards when what had the focus is gone. */
  readonly focusOtherwise?: RefObject<HTMLElement | null>;
  /** True when what had the focus is about to go, too. */
  readonly isOver?: RefObject<boolean>;
  readonly children: ComponentChildren;
  /** Called when the user has closed it. */
  onClose(): void;
}
