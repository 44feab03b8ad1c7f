import { expect, it } from 'vitest';
import { createLogger } from '../src/log.js';

it('blots out credentials and coordinates', () => {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  const motion = { speedMetersPerSecond: 41.23, headingDegrees: 271.5 };
  const secret = {
    password: 'hunter2',
    refreshToken: 'hunter2',
    latitude: 37.97,
    longitude: 23.72,
    ...motion,
  };
  log.info({ ...secret, authorization: 'Bearer hunter2', userId: 'u1' }, 'one');
  log.info({ input: secret, request: { headers: { authorization: 'Bearer hunter2' } } }, 'two');
  log.debug('not at this level');
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toMatch(/hunter2|37\.97|23\.72|41\.23|271\.5/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 30,
    userId: 'u1',
    msg: 'one',
    password: '[redacted]',
  });
});
