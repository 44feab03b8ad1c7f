import fc from 'fast-check';
import { expect, test } from 'vitest';
import { invitationTo, invitedBy } from '../../web/src/invitation.js';

const handles = fc.stringMatching(/^[a-z0-9_.]{3,30}$/);

test.each([
  ['https://example.org/', 'https://example.org/#add='],
  ['https://example.org/friends/?utm=1#add=somebody', 'https://example.org/friends/#add='],
])('a link from %s leads back to its handle, and has nothing else in it', (page, begin) => {
  fc.assert(
    fc.property(handles, (handle) => {
      const link = invitationTo(handle, page);
      expect(link).toBe(begin + handle);
      expect(invitedBy(new URL(link).hash)).toBe(handle);
    }),
  );
});

test.each([
  '',
  '#',
  '#add=',
  '#add=ab',
  '#add=<script>',
  '#other=ada',
  `#add=${'a'.repeat(31)}`,
  '#add=%E0%A4%A',
])('%j invites nobody', (fragment) => {
  expect(invitedBy(fragment)).toBeNull();
});
