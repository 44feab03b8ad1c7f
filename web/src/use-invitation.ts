/** The handle in the page's address that somebody was invited to add. It leaves the address when it is answered. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { invitedBy } from './invitation.js';

export function useInvitation(): Invitation {
  const [handle, setHandle] = useState(() => invitedBy(location.hash));
  useEffect(() => {
    const follow = (): void => {
      setHandle(invitedBy(location.hash));
    };
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, []);
  const answer = useCallback(() => {
    history.replaceState(null, '', location.pathname + location.search);
    setHandle(null);
  }, []);
  return { handle, answer };
}

export interface Invitation {
  /** Null when nobody has invited. */
  readonly handle: string | null;
  /** Ends it. */
  answer(): void;
}
