import { describe, expect, test } from '@jest/globals';

import {
  checkPinFormat,
  refuseLocked,
  refuseTries,
  requirePerson,
} from '../../src/eid/pin-rules.js';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

describe('the form of a PIN', () => {
  test.each(['1234', '12345', '123456789012'])('%s may go to the card', (text) => {
    expect(() => {
      checkPinFormat(bytes(text));
    }).not.toThrow();
  });

  test.each(['', '123', '1234567890123', '12 34', '1234\n', '12a4', '１２３４'])(
    '%j may not',
    (text) => {
      expect(() => {
        checkPinFormat(bytes(text));
      }).toThrow(expect.objectContaining({ code: 'E_PIN_FORMAT', exitCode: 5 }));
    },
  );
});

describe('tries left', () => {
  test.each<[number | undefined, 'refuse' | 'allow', string | undefined]>([
    [undefined, 'refuse', undefined],
    [3, 'refuse', undefined],
    [2, 'refuse', undefined],
    [1, 'refuse', 'E_PIN_LAST_TRY'],
    [1, 'allow', undefined],
    [0, 'refuse', 'E_PIN_LOCKED'],
    [0, 'allow', 'E_PIN_LOCKED'],
  ])('%s with the last try %sd: %s', (left, lastTry, code) => {
    const check = (): void => {
      refuseTries(left, lastTry);
    };
    if (code === undefined) {
      expect(check).not.toThrow();
    } else {
      expect(check).toThrow(expect.objectContaining({ code }));
    }
  });

  test('a locked card is refused for every key', () => {
    expect(() => {
      refuseLocked(0);
    }).toThrow(expect.objectContaining({ code: 'E_PIN_LOCKED', triesLeft: 0 }));
  });
});

describe('who answers the window', () => {
  test.each<[NodeJS.Platform, Record<string, string>, boolean, boolean, boolean]>([
    ['linux', { DISPLAY: ':0' }, false, false, true],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, false, false, true],
    ['linux', {}, false, false, false],
    ['linux', { DISPLAY: '' }, false, false, false],
    ['linux', {}, true, false, true],
    ['linux', {}, true, true, false],
    ['linux', { DISPLAY: ':0' }, false, true, false],
    ['win32', {}, false, false, true],
    ['darwin', {}, false, false, true],
    ['darwin', {}, false, true, false],
  ])('%s %j, pinpad %s, no input %s: %s', (platform, env, pinpad, noInput, answered) => {
    const check = (): void => {
      requirePerson({ platform, env, pinpad, noInput });
    };
    if (answered) {
      expect(check).not.toThrow();
    } else {
      expect(check).toThrow(expect.objectContaining({ code: 'E_INPUT_REQUIRED', exitCode: 2 }));
    }
  });
});
