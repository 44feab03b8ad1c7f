import { expect, test } from 'vitest';
import type { Notice } from '../../src/domain/notice.js';
import { createInbox } from '../../src/services/inbox.js';
import { createUserTopics } from '../../src/services/user-topics.js';
import { settle } from '../support/fake-clock.js';
import { createManualTopics } from './manual-topics.js';

const relation = (friendId: string): Notice => ({ kind: 'relation', friendId });

test('notices reach every watcher of the user that they are addressed to, and nobody else', async () => {
  const topics = createManualTopics();
  const inbox = createInbox(createUserTopics(topics));
  const heard: [string, Notice][] = [];
  await inbox.watch('ann', { onNotice: (notice) => heard.push(['first', notice]) });
  await inbox.watch('ann', { onNotice: (notice) => heard.push(['second', notice]) });
  await inbox.watch('bob', { onNotice: (notice) => heard.push(['bob', notice]) });
  await inbox.publish([
    { userId: 'ann', notice: relation('bob') },
    { userId: 'cid', notice: relation('ann') },
    { userId: 'bob', notice: { kind: 'session-ended', sessionId: null } },
  ]);
  expect(heard).toEqual([
    ['first', relation('bob')],
    ['second', relation('bob')],
    ['bob', { kind: 'session-ended', sessionId: null }],
  ]);
  expect(topics.live).toBe(2);
});

test('a watcher that leaves while it is told hears no more, the others do', async () => {
  const topics = createManualTopics();
  const inbox = createInbox(createUserTopics(topics));
  const heard: string[] = [];
  const leaving = {
    onNotice(): void {
      heard.push('leaving');
      inbox.unwatch('ann', leaving);
    },
  };
  const staying = { onNotice: (): void => void heard.push('staying') };
  await inbox.watch('ann', leaving);
  await inbox.watch('ann', staying);
  await inbox.publish([{ userId: 'ann', notice: relation('bob') }]);
  await inbox.publish([{ userId: 'ann', notice: relation('bob') }]);
  expect(heard).toEqual(['leaving', 'staying', 'staying']);
  inbox.unwatch('ann', staying);
  await settle();
  expect(topics.live).toBe(0);
});

test('what a server of another version sends is passed over', async () => {
  const topics = createManualTopics();
  let unread = 0;
  const inbox = createInbox(createUserTopics(topics), () => void unread++);
  const heard: Notice[] = [];
  await inbox.watch('ann', { onNotice: (notice) => heard.push(notice) });
  for (const odd of [null, 1, 'relation', {}, { kind: 'unheard-of' }, { kind: 7 }]) {
    await topics.publish('ann', odd);
  }
  expect([heard, unread]).toEqual([[], 6]);
});

test('publishing rejects when one notice could not be published', async () => {
  const topics = createUserTopics({
    ...createManualTopics(),
    publish: (userId) => (userId === 'bob' ? Promise.reject(new Error('down')) : Promise.resolve()),
  });
  const inbox = createInbox(topics);
  const to = (userId: string) => ({ userId, notice: relation('cid') });
  await expect(inbox.publish([to('ann'), to('bob')])).rejects.toThrow('down');
  await inbox.publish([to('ann')]);
  await inbox.publish([]);
});
