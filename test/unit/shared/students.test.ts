import { describe, expect, it } from 'vitest';
import {
  formatDate,
  formatDateTime,
  formatRelative,
  isoDayInParis,
  yearInParis,
  type DateLocale,
} from '../../../src/shared/dates.ts';
import {
  FILE_ERROR_CODES,
  isRowErrorCode,
  isRowWarningCode,
  ROW_ERROR_CODES,
  ROW_WARNING_CODES,
  sortedCodes,
} from '../../../src/shared/issue-codes.ts';
import { formatStudentNumber, isStudentNumber, normaliseStudentNumber } from '../../../src/shared/student-number.ts';
import { isStatusBackwards, parseStudentStatus, statusLabel, statusRank } from '../../../src/shared/student-status.ts';

describe('parseStudentStatus', () => {
  it.each([
    ['prospect', 'prospect'],
    ['PROSPECT ', 'prospect'],
    ['En Fonction', 'en_fonction'],
    ['en-fonction', 'en_fonction'],
    ['en\u00a0 fonction', 'en_fonction'],
    ['Alumni', 'alumni'],
    ['alumnis', 'alumni'],
    ['Alumnus', 'alumni'],
    ['ALUMNA', 'alumni'],
    ['Prôspect', 'prospect'],
  ])('reads %j as %s', (cell, status) => {
    expect(parseStudentStatus(cell)).toEqual({ ok: true, status });
  });

  it.each([
    ['', 'STATUS_MISSING'],
    [' \u00a0', 'STATUS_MISSING'],
    ['prospects ?', 'STATUS_UNKNOWN'],
    ['prospect ?', 'STATUS_UNKNOWN'],
    ['Diplômé', 'STATUS_UNKNOWN'],
    ['inscrit', 'STATUS_UNKNOWN'],
  ])('refuses %j as %s', (cell, code) => {
    expect(parseStudentStatus(cell)).toEqual({ ok: false, code });
  });

  it('knows every move backwards', () => {
    expect(isStatusBackwards('alumni', 'prospect')).toBe(true);
    expect(isStatusBackwards('alumni', 'en_fonction')).toBe(true);
    expect(isStatusBackwards('en_fonction', 'prospect')).toBe(true);
    expect(isStatusBackwards('prospect', 'alumni')).toBe(false);
    expect(isStatusBackwards('alumni', 'alumni')).toBe(false);
    expect(statusRank('prospect')).toBeLessThan(statusRank('en_fonction'));
  });

  it('writes reports as the workbook does', () => {
    expect((['prospect', 'en_fonction', 'alumni'] as const).map(statusLabel)).toEqual([
      'prospect',
      'en fonction',
      'alumni',
    ]);
  });
});

describe('student numbers', () => {
  it('are prefix, year, sequence and a digit that proves them', () => {
    const number = formatStudentNumber('AC', 2026, 1);
    expect(number).toMatch(/^AC2600001\d$/);
    expect(isStudentNumber(number)).toBe(true);
    expect(isStudentNumber(number.toLowerCase())).toBe(true);
    expect(normaliseStudentNumber(`${number.slice(0, 4)} ${number.slice(4)}`)).toBe(number);
  });

  it('go on with a sixth digit in a year that gave all five, never giving one twice', () => {
    const last = formatStudentNumber('AC', 2026, 99_999);
    const next = formatStudentNumber('AC', 2026, 100_000);
    expect(last).toMatch(/^AC2699999\d$/);
    expect(next).toMatch(/^AC26100000\d$/);
    expect(isStudentNumber(next)).toBe(true);
  });

  it('are refused when one character is mistyped', () => {
    const number = formatStudentNumber('AC', 2026, 4217);
    for (let place = 2; place < number.length; place += 1) {
      for (const digit of '0123456789') {
        const typed = number.slice(0, place) + digit + number.slice(place + 1);
        expect(isStudentNumber(typed)).toBe(typed === number);
      }
    }
    expect(isStudentNumber(`AD${number.slice(2)}`)).toBe(false);
  });

  it.each(['', 'AC26', '206127511100564', 'ACME2600001'])('refuses %j', (text) => {
    expect(isStudentNumber(text)).toBe(false);
  });

  it.each([
    ['ac', 2026, 1],
    ['', 2026, 1],
    ['AC', 1999, 1],
    ['AC', 2026, 0],
    ['AC', 2026, 10_000_000],
    ['AC', 2026, 1.5],
  ])('cannot be made of %j, %d, %d', (prefix, year, sequence) => {
    expect(() => formatStudentNumber(prefix, year, sequence)).toThrow(RangeError);
  });
});

describe('dates', () => {
  const lateEvening = new Date('2024-09-01T22:05:00Z');

  it('are those of Paris', () => {
    expect(isoDayInParis(lateEvening)).toBe('2024-09-02');
    expect(formatDate(lateEvening, 'fr')).toBe('02/09/2024');
    expect(formatDate(lateEvening, 'en')).toBe('02/09/2024');
    expect(formatDateTime(lateEvening, 'fr')).toBe('02/09/2024 00:05');
    expect(formatDateTime(new Date('2024-01-15T13:00:00Z'), 'en')).toBe('15/01/2024 14:00');
    expect(yearInParis(new Date('2025-12-31T23:30:00Z'))).toBe(2026);
  });

  it.each<[string, DateLocale, string]>([
    ['2024-09-02T08:00:00Z', 'fr', 'maintenant'],
    ['2024-09-02T07:57:00Z', 'fr', 'il y a 3 minutes'],
    ['2024-09-02T05:00:00Z', 'en', '3 hours ago'],
    ['2024-09-01T19:00:00Z', 'fr', 'hier'],
    ['2024-08-30T20:00:00Z', 'fr', 'il y a 3 jours'],
    ['2024-08-19T08:00:00Z', 'fr', 'il y a 2 semaines'],
    ['2024-09-03T08:00:00Z', 'en', 'tomorrow'],
    ['2022-08-01T08:00:00Z', 'fr', 'il y a 2 ans'],
  ])('says %s in %s as %j', (date, locale, said) => {
    expect(formatRelative(new Date(date), new Date('2024-09-02T08:00:00Z'), locale)).toBe(said);
  });
});

describe('issue codes', () => {
  it('are either error, warning or file error', () => {
    const all = [...ROW_ERROR_CODES, ...ROW_WARNING_CODES, ...FILE_ERROR_CODES];
    expect(new Set(all).size).toBe(all.length);
    expect(isRowErrorCode('NIR_KEY')).toBe(true);
    expect(isRowErrorCode('PHONE_REGROUPED')).toBe(false);
    expect(isRowWarningCode('PHONE_REGROUPED')).toBe(true);
  });

  it('are sorted, once each', () => {
    expect(sortedCodes(['NIR_KEY', 'ADDRESS_FORMAT', 'NIR_KEY'])).toEqual(['ADDRESS_FORMAT', 'NIR_KEY']);
  });
});
