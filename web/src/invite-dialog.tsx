/** An invitation to show, copy or send: as a link, and as a QR code for who stands beside. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { invitationTo } from './invitation.js';
import { Modal } from './modal.js';
import { QrCode } from './qr-code.js';
import './invite-dialog.css';

export function InviteDialog({ handle, onClose }: InviteDialogProps): JSX.Element {
  const link = invitationTo(handle, location.href);
  const input = useRef<HTMLInputElement>(null);
  const inputId = useId();
  const [news, setNews] = useState('');
  const data: ShareData = { title: 'Nearby Friends', text: `Add @${handle} on Nearby Friends`, url: link };

  async function copy(): Promise<void> {
    input.current?.select();
    try {
      // Pages without HTTPS have no clipboard.
      await (navigator as Partial<Navigator>).clipboard?.writeText(link);
      setNews(
        'clipboard' in navigator ? 'Copied.' : 'The link is selected: copy it with your keyboard or menu.',
      );
    } catch {
      setNews('The link is selected: copy it with your keyboard or menu.');
    }
  }

  async function share(): Promise<void> {
    try {
      await navigator.share(data);
    } catch {
      // The user may have changed their mind. Otherwise the link is still here to copy.
    }
  }

  return (
    <Modal title="Invite a friend" onClose={onClose}>
      <p>Whoever opens this link or scans the code is asked whether to send you a friend request.</p>
      <QrCode text={link} label="QR code of this invitation" />
      <label for={inputId}>Link</label>
      <input
        ref={input}
        id={inputId}
        readOnly
        value={link}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
      />
      <p role="status">{news}</p>
      <div class="actions">
        <button type="button" onClick={onClose}>
          Close
        </button>
        {'share' in navigator && (
          <button type="button" onClick={() => void share()}>
            Share
          </button>
        )}
        <button type="button" class="primary" onClick={() => void copy()}>
          Copy link
        </button>
      </div>
    </Modal>
  );
}

interface InviteDialogProps {
  /** The user's own. */
  readonly handle: string;
  onClose(): void;
}
