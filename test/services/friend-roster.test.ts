import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Friend } from '../../src/domain/friendship.js';
import { FriendRoster } from '../../src/services/friend-roster.js';
import { UserTopic } from '../../src/services/user-topics.js';
import { systemClock } from '../../src/time/clock.js';

const friendNamed = (id: string, displayName: string): Friend => ({
  card: { id, handle: id, displayName },
  sharing: { enabled: true, untilMs: null, maxRadiusMeters: null, precision: 'EXACT' },
  exception: null,
});

test('a roster of any length has those who are watched, each with what was last known of the relation', () => {
  // Around the length from which it keeps an index.
  const id = fc.integer({ min: 0, max: 120 }).map(String);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ watch: id }) },
    { weight: 3, arbitrary: fc.record({ leave: id }) },
    { weight: 4, arbitrary: fc.record({ relation: id, name: fc.constantFrom('Ada', 'Grace', null) }) },
    { weight: 1, arbitrary: fc.record({ all: fc.uniqueArray(id, { maxLength: 130 }) }) },
  );
  const start = fc.uniqueArray(id, { minLength: 90, maxLength: 121 });

  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 60 }), (watchedFirst, steps) => {
      const roster = new FriendRoster(systemClock);
      const expected = new Map<string, { user: UserTopic; name: string | null }>();
      const watch = (friendId: string): void => {
        const user = new UserTopic(friendId);
        roster.watch(user);
        expected.set(friendId, { user, name: expected.get(friendId)?.name ?? null });
      };
      watchedFirst.forEach(watch);

      for (const each of steps) {
        if ('watch' in each) watch(each.watch);
        else if ('leave' in each) {
          roster.delete(each.leave);
          expected.delete(each.leave);
        } else if ('relation' in each) {
          const { relation, name } = each;
          roster.setRelation(relation, name === null ? null : friendNamed(relation, name));
          const known = expected.get(relation);
          if (known !== undefined) known.name = name;
        } else {
          roster.setRelations(each.all.map((friendId) => friendNamed(friendId, 'Alan')));
          for (const [friendId, known] of expected) known.name = each.all.includes(friendId) ? 'Alan' : null;
        }
        for (const friendId of ['0', '60', '120'])
          expect(roster.userOf(friendId)).toBe(expected.get(friendId)?.user ?? null);
      }

      expect(new Set(roster.users())).toEqual(new Set([...expected.values()].map(({ user }) => user)));
      expect(roster.users()).toHaveLength(expected.size);
      for (const { user, name } of expected.values()) {
        expect(roster.userOf(user.userId)).toBe(user);
        expect(roster.visibleCard(user)?.displayName ?? null).toBe(name);
      }
      expect(roster.precision(new UserTopic('nobody'))).toBe(null);
    }),
  );
});
