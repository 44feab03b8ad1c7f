import { expect, test } from 'vitest';
import type { Notice } from '../../src/domain/notice.js';
import { settle } from '../support/fake-clock.js';
import { createManualTopics } from './manual-topics.js';
import { notificationsOver } from './notifications-over.js';

const relation = (friendId: string): Notice => ({ kind: 'relation', friendId });

test('notices reach every subscriber of the user that they are addressed to, and nobody else', async () => {
  const topics = createManualTopics();
  const { notifications } = notificationsOver(topics);
  const received: [string, Notice][] = [];
  await notifications.subscribe('ann', { onNotice: (notice) => received.push(['first', notice]) });
  await notifications.subscribe('ann', { onNotice: (notice) => received.push(['second', notice]) });
  await notifications.subscribe('bob', { onNotice: (notice) => received.push(['bob', notice]) });
  await notifications.publish([
    { userId: 'ann', notice: relation('bob') },
    { userId: 'cid', notice: relation('ann') },
    { userId: 'bob', notice: { kind: 'session-ended', sessionId: null } },
  ]);
  expect(received).toEqual([
    ['first', relation('bob')],
    ['second', relation('bob')],
    ['bob', { kind: 'session-ended', sessionId: null }],
  ]);
  expect(topics.live).toBe(2);
});

test('a subscriber that leaves while it is called gets no more, the others do', async () => {
  const topics = createManualTopics();
  const { notifications } = notificationsOver(topics);
  const received: string[] = [];
  const leaving = {
    onNotice(): void {
      received.push('leaving');
      notifications.unsubscribe('ann', leaving);
    },
  };
  const staying = { onNotice: (): void => void received.push('staying') };
  await notifications.subscribe('ann', leaving);
  await notifications.subscribe('ann', staying);
  await notifications.publish([{ userId: 'ann', notice: relation('bob') }]);
  await notifications.publish([{ userId: 'ann', notice: relation('bob') }]);
  expect(received).toEqual(['leaving', 'staying', 'staying']);
  notifications.unsubscribe('ann', staying);
  await settle();
  expect(topics.live).toBe(0);
});

test('what a server of another version sends is passed over', async () => {
  const topics = createManualTopics();
  let unread = 0;
  const notifications = notificationsOver(topics, () => void unread++).notifications;
  const received: Notice[] = [];
  await notifications.subscribe('ann', { onNotice: (notice) => received.push(notice) });
  for (const odd of [null, 1, 'relation', {}, { kind: 'unheard-of' }, { kind: 7 }]) {
    await topics.publish('ann', odd);
  }
  expect([received, unread]).toEqual([[], 6]);
});

test('publishing rejects when one notice could not be published', async () => {
  const { notifications } = notificationsOver({
    ...createManualTopics(),
    publish: (userId) => (userId === 'bob' ? Promise.reject(new Error('down')) : Promise.resolve()),
  });
  const to = (userId: string) => ({ userId, notice: relation('cid') });
  await expect(notifications.publish([to('ann'), to('bob')])).rejects.toThrow('down');
  await notifications.publish([to('ann')]);
  await notifications.publish([]);
});
