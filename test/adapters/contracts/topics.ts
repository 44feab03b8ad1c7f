import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Listening } from './listening.js';

export interface TopicsUnderTest {
  /** Two servers' ends of the same topics; one and the same object where there can be only one. */
  readonly topics: readonly [Listening, Listening];
  close(): Promise<void>;
}

/** What every carrier of messages between servers holds to. */
export function topicsContract(name: string, open: () => Promise<TopicsUnderTest>): void {
  describe(`topics: ${name}`, () => {
    let opened: TopicsUnderTest;
    let here: Listening;
    let there: Listening;
    let topicNumber = 0;
    const newTopic = (): string => `test:topic:${++topicNumber}`;
    beforeAll(async () => {
      opened = await open();
      [here, there] = opened.topics;
    });
    afterAll(() => opened.close());

    let markNumber = 0;
    const isMark = (message: unknown): boolean => typeof message === 'string' && message.startsWith('mark ');

    /** Publishes a mark and waits until it has come: all before it have come too. Gives what came, without the marks. */
    async function flushed(topic: string, heard: unknown[]): Promise<unknown[]> {
      const mark = `mark ${++markNumber}`;
      await there.publish(topic, mark);
      await expect.poll(() => heard.at(-1), { interval: 5 }).toBe(mark);
      return withoutMarks(heard);
    }
    const withoutMarks = (heard: unknown[]): unknown[] => heard.filter((message) => !isMark(message));

    test('what is published once subscribe has resolved arrives, in order, as it was', async () => {
      const [topic, heard]: [string, unknown[]] = [newTopic(), []];
      const subscription = await here.subscribe(topic, ({ message }) => heard.push(message));
      const messages = [
        [1_763_812_800_123, 'c0ffee00-0000-4000-8000-000000000001', 5, -89.999999999, 180, null],
        { kind: 'relation', friendId: 'ö\u0000"\\\u2028' },
        0,
        '',
        null,
        false,
        [],
      ];
      for (const message of messages) await there.publish(topic, message);
      expect(await flushed(topic, heard)).toEqual(messages);
      here.unsubscribe(subscription);
    });

    test('many published at once arrive in the order of the calls, each once', async () => {
      const [topic, heard]: [string, unknown[]] = [newTopic(), []];
      const subscription = await here.subscribe(topic, ({ message }) => heard.push(message));
      const numbers = Array.from({ length: 500 }, (_, index) => index);
      await Promise.all(numbers.map((number) => there.publish(topic, number)));
      expect(await flushed(topic, heard)).toEqual(numbers);
      here.unsubscribe(subscription);
    });

    test('topics do not mix, and who publishes hears it too', async () => {
      const [one, other]: [string, string] = [newTopic(), newTopic()];
      const [heard, heardOfOther]: [unknown[], unknown[]] = [[], []];
      const subscriptions = [
        await there.subscribe(one, ({ message }) => heard.push(message)),
        await there.subscribe(other, ({ message }) => heardOfOther.push(message)),
      ];
      await there.publish(one, 'to one');
      await there.publish(other, 'to the other');
      await here.publish(newTopic(), 'to nobody');
      expect(await flushed(one, heard)).toEqual(['to one']);
      expect(await flushed(other, heardOfOther)).toEqual(['to the other']);
      for (const subscription of subscriptions) there.unsubscribe(subscription);
    });

    test('every subscriber of a topic hears, until it ends and no longer', async () => {
      const topic = newTopic();
      const [first, second, elsewhere]: [unknown[], unknown[], unknown[]] = [[], [], []];
      const firstSubscription = await here.subscribe(topic, ({ message }) => first.push(message));
      const secondSubscription = await here.subscribe(topic, ({ message }) => second.push(message));
      const subscriptionElsewhere = await there.subscribe(topic, ({ message }) => elsewhere.push(message));
      await there.publish(topic, 1);
      await flushed(topic, first);
      here.unsubscribe(firstSubscription);
      await there.publish(topic, 2);
      expect(await flushed(topic, second)).toEqual([1, 2]);
      expect(withoutMarks(first)).toEqual([1]);
      here.unsubscribe(secondSubscription);
      await there.publish(topic, 3);
      expect(await flushed(topic, elsewhere)).toEqual([1, 2, 3]);
      expect(withoutMarks(second)).toEqual([1, 2]);
      there.unsubscribe(subscriptionElsewhere);
    });

    test('a topic that was left can be joined again, also while it is being left', async () => {
      const topic = newTopic();
      for (let round = 0; round < 20; round++) {
        const heard: unknown[] = [];
        const subscription = await here.subscribe(topic, ({ message }) => heard.push(message));
        await there.publish(topic, round);
        expect(await flushed(topic, heard)).toEqual([round]);
        here.unsubscribe(subscription);
      }
    });

    test('subscribing many times at once makes each of them live', async () => {
      const topic = newTopic();
      const heard: unknown[][] = [[], [], []];
      const subscriptions = await Promise.all(
        heard.map((messages) => here.subscribe(topic, ({ message }) => messages.push(message))),
      );
      await there.publish(topic, 1);
      for (const messages of heard) expect(await flushed(topic, messages)).toContain(1);
      for (const subscription of subscriptions) here.unsubscribe(subscription);
    });
  });
}
