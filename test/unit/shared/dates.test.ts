import { describe, expect, it } from 'vitest';
import { formatDate, formatDateTime, formatRelative, formatTime, isoDayInParis } from '../../../src/shared/dates.ts';

const LOCALES = { fr: 'fr-FR', en: 'en-GB' } as const;
const languages = ['fr', 'en'] as const;

/** The same moments as the platform writes them, formatter by formatter. */
function written(date: Date, language: (typeof languages)[number]) {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(LOCALES[language], { ...options, timeZone: 'Europe/Paris' }).format(date);
  const day = format({ day: '2-digit', month: '2-digit', year: 'numeric' });
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return { day, time, both: `${day} ${time}` };
}

describe('moments written in the time of Paris', () => {
  const changes = [
    '2024-03-31T00:59:59.999Z',
    '2024-03-31T01:00:00Z',
    '2024-10-27T00:59:59.999Z',
    '2024-10-27T01:00:00Z',
    '1995-09-24T00:59:00Z',
    '1995-09-24T01:00:00Z',
    '1976-03-27T23:59:59Z',
    '1976-03-28T00:00:00Z',
    '1940-06-14T22:00:00Z',
    '1905-01-01T00:00:00Z',
    '1969-12-31T23:59:59.999Z',
    '2024-12-31T22:59:59Z',
    '2024-12-31T23:00:00Z',
    '2024-02-28T23:30:00Z',
  ].map((text) => new Date(text));
  const spread = Array.from({ length: 400 }, (_, index) => new Date(Date.UTC(1950, 0, 1) + index * 6_312_345_678.9));

  it.each(languages)('are those of the platform, to the minute, on the days clocks change too (%s)', (language) => {
    for (const date of [...changes, ...spread]) {
      const expected = written(date, language);
      expect({
        day: formatDate(date, language),
        time: formatTime(date, language),
        both: formatDateTime(date, language),
      }).toEqual(expected);
      expect(isoDayInParis(date)).toBe(expected.day.split('/').reverse().join('-'));
    }
  });
});

describe('formatRelative', () => {
  const now = new Date('2026-11-22T09:00:00Z');
  it.each([
    ['2026-11-22T08:57:00Z', 'il y a 3 minutes', '3 minutes ago'],
    ['2026-11-21T20:30:00Z', 'hier', 'yesterday'],
    ['2026-11-25T09:00:00Z', 'dans 3 jours', 'in 3 days'],
    ['2024-11-01T09:00:00Z', 'il y a 2 ans', '2 years ago'],
    ['2026-11-22T09:00:00Z', 'maintenant', 'now'],
  ])('says %s in both languages', (date, french, english) => {
    expect(formatRelative(new Date(date), now, 'fr')).toBe(french);
    expect(formatRelative(new Date(date), now, 'en')).toBe(english);
  });
});
