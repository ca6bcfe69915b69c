import { describe, expect, it } from 'vitest';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { formatPhone, parsePhoneCell, parseSinglePhone, phoneSearchPrefix } from '../../../src/shared/phone.ts';

describe('parsePhoneCell', () => {
  it.each<[string, string | null, string | null]>([
    ['', null, null],
    [' \u00a0 ', null, null],
    ['0612345678', '+33612345678', null],
    ['612345678', '+33612345678', null],
    ['0612345678 0199001234', '+33612345678', '+33199001234'],
    ['612345678 199001234', '+33612345678', '+33199001234'],
    ['06.12.34.56.78 01-99-00-12-34', '+33612345678', '+33199001234'],
    ['06/12/34/56/78', '+33612345678', null],
    ['+33612345678 0033199001234', '+33612345678', '+33199001234'],
    ['+33.6.12.34.56.78', '+33612345678', null],
    ['+33(0)612345678', '+33612345678', null],
    ['0033(0)612345678', '+33612345678', null],
    ['06–12–34–56–78', '+33612345678', null],
    ['\u202a0612345678\u202c', '+33612345678', null],
    ['+442079460958', '+442079460958', null],
    ['0612345678 +32475123456', '+33612345678', '+32475123456'],
  ])('reads %j without a warning', (cell, personal, professional) => {
    expect(parsePhoneCell(cell)).toEqual({ ok: true, personal, professional, warnings: [] });
  });

  it.each<[string, string, string | null]>([
    ['06 12 34 56 78', '+33612345678', null],
    ['6 12 34 56 78', '+33612345678', null],
    ['06 12 34 56 78 01 99 00 12 34', '+33612345678', '+33199001234'],
    ['0612345678 01 99 00 12 34', '+33612345678', '+33199001234'],
    ['06 12 34 56 78 0199001234', '+33612345678', '+33199001234'],
    ['+33 6 12 34 56 78', '+33612345678', null],
    ['+33 (0)6 12 34 56 78', '+33612345678', null],
    ['+33 (0) 6 12 34 56 78 01 99 00 12 34', '+33612345678', '+33199001234'],
    ['00 33 6 12 34 56 78', '+33612345678', null],
    ['0612345678/0199001234', '+33612345678', '+33199001234'],
    ['0612345678 / 0199001234', '+33612345678', '+33199001234'],
    ['06.12.34.56.78/01.99.00.12.34', '+33612345678', '+33199001234'],
    ['06 12 34 56 78 / 01 99 00 12 34', '+33612345678', '+33199001234'],
    ['06 12 34 56 78/01 99 00 12 34', '+33612345678', '+33199001234'],
    ['02 62 24 84 25', '+262262248425', null],
    ['05 94 30 30 43 05 96 60 78 90', '+594594303043', '+596596607890'],
    ['+44 20 7946 0958', '+442079460958', null],
    ['+49 30 123456 78', '+493012345678', null],
    ['0612345678 -', '+33612345678', null],
  ])('joins the groups of %j and says so', (cell, personal, professional) => {
    expect(parsePhoneCell(cell)).toEqual({ ok: true, personal, professional, warnings: ['PHONE_REGROUPED'] });
  });

  it.each([
    ['0690541789', '+590690541789'],
    ['0590827606', '+590590827606'],
    ['0594309888', '+594594309888'],
    ['0696206442', '+596696206442'],
    ['06.92.95.05.40', '+262692950540'],
    ['0269616869', '+262269616869'],
    ['0639234401', '+262639234401'],
    ['690541789', '+590690541789'],
    ['+262692950540', '+262692950540'],
  ])('gives %j the code of its territory', (cell, personal) => {
    expect(parsePhoneCell(cell)).toEqual({ ok: true, personal, professional: null, warnings: [] });
  });

  it('reads the short numbers of a territory only beside its postcode', () => {
    expect(parsePhoneCell('411234', { postcode: '97500' })).toMatchObject({ ok: true, personal: '+508411234' });
    expect(parsePhoneCell('411234', { postcode: '75001' })).toEqual({ ok: false, code: 'PHONE_FORMAT' });
    expect(parsePhoneCell('411234')).toEqual({ ok: false, code: 'PHONE_FORMAT' });
  });

  it.each([
    'néant',
    'liste rouge',
    '0612345678 poste 12',
    '06842386897',
    '064818448',
    '0687125013 01990080',
    '06 80 09 11',
    '07 75 10 91 06 02 61 91 52',
    '0665801819 0353011193 0661286912',
    '06 12 34 56 78 9',
    '33612345678',
    '0612345678;0199001234',
    '-',
    '+',
    '3631',
    '+33 6 12',
    '٠٦١٢٣٤٥٦٧٨',
    '1'.repeat(500),
  ])('refuses %j', (cell) => {
    expect(parsePhoneCell(cell)).toEqual({ ok: false, code: 'PHONE_FORMAT' });
  });
});

describe('parseSinglePhone', () => {
  it.each<[string, string | null, string[]]>([
    ['', null, []],
    ['01/99/00/21/04', '+33199002104', []],
    ['01 99 00 21 04', '+33199002104', ['PHONE_REGROUPED']],
    ['0694279688', '+594694279688', []],
  ])('reads %j', (cell, phone, warnings) => {
    expect(parseSinglePhone(cell)).toEqual({ ok: true, phone, warnings });
  });

  it.each(['standard', '053649471', '0536494452 0465717213', '05 36 49 44 52 04 65 71 72 13'])('refuses %j', (cell) => {
    expect(parseSinglePhone(cell)).toEqual({ ok: false, code: 'PHONE_FORMAT' });
  });
});

describe('formatPhone', () => {
  it.each([
    ['+33612345678', '06 12 34 56 78'],
    ['+262692950540', '+262 692 95 05 40'],
    ['+442079460958', '+44 20 7946 0958'],
    ['abc', 'abc'],
  ])('shows %s as %s', (e164, shown) => {
    expect(formatPhone(e164)).toBe(shown);
  });

  it('groups every kind of French number as the library does', () => {
    for (const first of [1, 2, 3, 4, 5, 6, 7, 8, 9])
      for (const rest of ['00001234', '09121314', '12345678', '20304050', '99999999']) {
        const e164 = `+33${first}${rest}`;
        expect(formatPhone(e164)).toBe(parsePhoneNumberFromString(e164)?.formatNational());
      }
  });
});

describe('phoneSearchPrefix', () => {
  it.each([
    ['06 12', '+33612'],
    ['06.12.34', '+3361234'],
    ['+336', '+336'],
    ['+33 6 12', '+33612'],
    ['+33 (0)6 12', '+33612'],
    ['0033612', '+33612'],
    ['0692 12', '+26269212'],
    ['612345678', '+33612345678'],
    ['+44 20', '+4420'],
    ['0612345678', '+33612345678'],
  ])('searches %j as %s', (typed, prefix) => {
    expect(phoneSearchPrefix(typed)).toBe(prefix);
  });

  it.each(['', '0', '06', 'dupont', '75001', 'AC2600001', '06 ab', '06123456789', '+'])(
    'finds no phone in %j',
    (typed) => {
      expect(phoneSearchPrefix(typed)).toBeNull();
    },
  );
});
