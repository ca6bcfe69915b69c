import { describe, expect, it } from 'vitest';
import { phoneSearchPrefixes } from '../../../src/shared/phone.ts';

describe('the numbers a typed text may begin', () => {
  it.each([
    ['06 12', ['+33612']],
    ['+33 6 12', ['+33612']],
    ['0033612', ['+33612']],
    ['06 39 98', ['+262639' + '98', '+33639' + '98']],
    ['0690', ['+590690', '+33690']],
    ['+262 639', ['+262639']],
    ['00262639', ['+262639']],
    ['Martin', []],
    ['06', []],
    ['', []],
  ])('of %j are %j', (text, expected) => {
    expect(phoneSearchPrefixes(text)).toEqual(expected);
  });
});
