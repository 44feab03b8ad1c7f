import { expect, test } from 'vitest';
import type { Notification } from '../../src/domain/notification.js';
import { settle } from '../support/fake-clock.js';
import { uuidOf } from '../support/uuid.js';
import { createManualTopics } from './manual-topics.js';
import { notificationsOver } from './notifications-over.js';

const relation = (friend: string): Notification => ({ kind: 'relation', friendId: uuidOf(friend) });

test('notifications reach every subscriber of the user that they are addressed to, and nobody else', async () => {
  const topics = createManualTopics();
  const { notifications } = notificationsOver(topics);
  const received: [string, Notification][] = [];
  await notifications.subscribe('ann', {
    onNotification: (notification) => received.push(['first', notification]),
  });
  await notifications.subscribe('ann', {
    onNotification: (notification) => received.push(['second', notification]),
  });
  await notifications.subscribe('bob', {
    onNotification: (notification) => received.push(['bob', notification]),
  });
  await notifications.publish([
    { userId: 'ann', notification: relation('bob') },
    { userId: 'cid', notification: relation('ann') },
    { userId: 'bob', notification: { kind: 'session-ended', sessionId: null } },
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
    onNotification(): void {
      received.push('leaving');
      notifications.unsubscribe('ann', leaving);
    },
  };
  const staying = { onNotification: (): void => void received.push('staying') };
  await notifications.subscribe('ann', leaving);
  await notifications.subscribe('ann', staying);
  await notifications.publish([{ userId: 'ann', notification: relation('bob') }]);
  await notifications.publish([{ userId: 'ann', notification: relation('bob') }]);
  expect(received).toEqual(['leaving', 'staying', 'staying']);
  notifications.unsubscribe('ann', staying);
  await settle();
  expect(topics.live).toBe(0);
});

test('what is no notification is thrown away and counted', async () => {
  const topics = createManualTopics();
  let unread = 0;
  const notifications = notificationsOver(topics, () => void unread++).notifications;
  const received: Notification[] = [];
  await notifications.subscribe('ann', { onNotification: (notification) => received.push(notification) });
  const foreign = [
    null,
    1,
    'relation',
    {},
    { kind: 'unheard-of' },
    { kind: 'request' },
    { kind: 'relation' },
  ];
  for (const message of foreign) await topics.publish('ann', message);
  expect([received, unread]).toEqual([[], foreign.length]);
});

test('a subscriber that throws keeps nothing from the others, and is reported', async () => {
  const failures: unknown[] = [];
  const { notifications } = notificationsOver(createManualTopics(), undefined, (error) =>
    failures.push(error),
  );
  const broken = new Error('broken');
  const received: Notification[] = [];
  await notifications.subscribe('ann', {
    onNotification() {
      throw broken;
    },
  });
  await notifications.subscribe('ann', { onNotification: (notification) => received.push(notification) });
  await notifications.publish([{ userId: 'ann', notification: relation('bob') }]);
  expect([received, failures]).toEqual([[relation('bob')], [broken]]);
});

test('publishing rejects when one notification could not be published', async () => {
  const { notifications } = notificationsOver({
    ...createManualTopics(),
    publish: (userId) => (userId === 'bob' ? Promise.reject(new Error('down')) : Promise.resolve()),
  });
  const to = (userId: string) => ({ userId, notification: relation('cid') });
  await expect(notifications.publish([to('ann'), to('bob')])).rejects.toThrow('down');
  await notifications.publish([to('ann')]);
  await notifications.publish([]);
});
