import { describe, expect, it } from 'vitest';
import { serviceOf } from '../../src/domain/push.js';

const SERVICES = ['https://fcm.googleapis.com', 'https://*.push.apple.com', 'http://127.0.0.1:8080'];

describe('serviceOf', () => {
  it.each([
    ['https://fcm.googleapis.com/fcm/send/x:y', SERVICES[0]],
    ['https://FCM.googleapis.com:443/x', SERVICES[0]],
    ['https://web.push.apple.com/Qx', SERVICES[1]],
    ['https://a.b.push.apple.com/', SERVICES[1]],
    ['http://127.0.0.1:8080/x', SERVICES[2]],
    ['http://127.1:8080/x', SERVICES[2]],
  ])('knows %s', (endpoint, service) => {
    expect(serviceOf(endpoint, SERVICES)).toBe(service);
  });

  it.each([
    'http://fcm.googleapis.com/x',
    'https://fcm.googleapis.com:8443/x',
    'https://fcm.googleapis.com.example.org/x',
    'https://example.org/https://fcm.googleapis.com',
    'https://fcm.googleapis.com@example.org/x',
    'https://user@fcm.googleapis.com/x',
    'https://example.org\\@fcm.googleapis.com/x',
    'https://push.apple.com/x',
    'https://notpush.apple.com/x',
    'https://.push.apple.com/x',
    'https://web.push.apple.com:8443/x',
    'http://127.0.0.1:80/x',
    'http://2130706433/x',
    ' https://fcm.googleapis.com/x',
    'https://fcm.googleapis.com/\n',
    '//fcm.googleapis.com/x',
    '',
  ])('takes %j for nobody’s', (endpoint) => {
    expect(serviceOf(endpoint, SERVICES)).toBeNull();
  });
});
