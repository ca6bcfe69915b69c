/** Dates as people in the school read them. Everything stored is UTC; everything shown is the time of Paris. */

export const SCHOOL_TIME_ZONE = 'Europe/Paris';

export type DateLocale = 'fr' | 'en';

const FORMAT_LOCALES: Readonly<Record<DateLocale, string>> = { fr: 'fr-FR', en: 'en-GB' };

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: DateLocale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(FORMAT_LOCALES[locale], { ...options, timeZone: SCHOOL_TIME_ZONE });
    formatters.set(key, found);
  }
  return found;
}

const DAY_MS = 86_400_000;

/**
 * How far Paris is ahead of UTC, by day of UTC; null on a day on which the clocks change. Lists write a hundred moments a
 * page: asking Intl for each would be a quarter of their cost.
 */
const offsets = new Map<number, number | null>();
const MOST_OFFSETS = 20_000;

function askOffset(instant: number): number {
  const parts = new Map(
    formatter('en', {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    })
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const clock = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return clock - Math.floor(instant / 1000) * 1000;
}

function offsetAt(instant: number): number {
  const day = Math.floor(instant / DAY_MS);
  let offset = offsets.get(day);
  if (offset === undefined) {
    const atStart = askOffset(day * DAY_MS);
    offset = askOffset((day + 1) * DAY_MS - 1) === atStart ? atStart : null;
    if (offsets.size >= MOST_OFFSETS) offsets.clear();
    offsets.set(day, offset);
  }
  return offset ?? askOffset(instant);
}

/** What the clocks of Paris show, as `2024-09-02T14:05:00.000Z`. */
function clockInParis(date: Date): string {
  const instant = date.getTime();
  return new Date(instant + offsetAt(instant)).toISOString();
}

/** `02/09/2024`, day of Paris: days are written alike in both languages. */
export function formatDate(date: Date, _locale: DateLocale): string {
  const clock = clockInParis(date);
  return `${clock.slice(8, 10)}/${clock.slice(5, 7)}/${clock.slice(0, 4)}`;
}

/** `02/09/2024 14:05`, time of Paris, 24 hours. */
export function formatDateTime(date: Date, _locale: DateLocale): string {
  const clock = clockInParis(date);
  return `${clock.slice(8, 10)}/${clock.slice(5, 7)}/${clock.slice(0, 4)} ${clock.slice(11, 16)}`;
}

const STEPS: readonly { unit: Intl.RelativeTimeFormatUnit; seconds: number }[] = [
  { unit: 'year', seconds: 31_557_600 },
  { unit: 'month', seconds: 2_629_800 },
  { unit: 'week', seconds: 604_800 },
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
];

const relativeFormatters = new Map<DateLocale, Intl.RelativeTimeFormat>();

function relativeText(locale: DateLocale, value: number, unit: Intl.RelativeTimeFormatUnit): string {
  let found = relativeFormatters.get(locale);
  if (found === undefined) {
    found = new Intl.RelativeTimeFormat(FORMAT_LOCALES[locale], { numeric: 'auto' });
    relativeFormatters.set(locale, found);
  }
  return found.format(value, unit);
}

/**
 * How long ago, or in how long: `il y a 3 minutes`, `hier`, `in 2 weeks`. From one day on, calendar days of Paris are counted,
 * so that yesterday evening is "hier" in the morning.
 */
export function formatRelative(date: Date, now: Date, locale: DateLocale): string {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  const days = calendarDaysBetween(now, date);
  if (Math.abs(seconds) >= 43_200 && Math.abs(days) >= 1 && Math.abs(days) < 7)
    return relativeText(locale, days, 'day');
  for (const { unit, seconds: length } of STEPS) {
    if (Math.abs(seconds) >= length) return relativeText(locale, Math.trunc(seconds / length), unit);
  }
  return relativeText(locale, 0, 'second');
}

function calendarDaysBetween(from: Date, to: Date): number {
  return Math.round((Date.parse(isoDayInParis(to)) - Date.parse(isoDayInParis(from))) / 86_400_000);
}

/** The calendar day of Paris at that instant, as `YYYY-MM-DD`. */
export function isoDayInParis(date: Date): string {
  return clockInParis(date).slice(0, 10);
}

/** The calendar year of Paris at that instant. */
export function yearInParis(date: Date): number {
  return Number(isoDayInParis(date).slice(0, 4));
}

/** `lundi 2 septembre 2024`, day of Paris. */
export function formatLongDay(date: Date, locale: DateLocale): string {
  return formatter(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(date);
}

/** `14:05`, time of Paris, 24 hours. */
export function formatTime(date: Date, _locale: DateLocale): string {
  return clockInParis(date).slice(11, 16);
}

/**
 * The instant at which a calendar day begins in Paris.
 * @param day `YYYY-MM-DD`
 */
export function startOfDayInParis(day: string): Date {
  const midnightUtc = Date.parse(`${day}T00:00:00Z`);
  // Paris is one or two hours ahead; the clocks never change at midnight.
  const summer = new Date(midnightUtc - 7_200_000);
  return isoDayInParis(summer) === day ? summer : new Date(midnightUtc - 3_600_000);
}

/** The calendar day after one, both `YYYY-MM-DD`. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** The calendar day a DATE column holds, read as midnight UTC: `YYYY-MM-DD`, or null. */
export function dayOf(date: Date | null): string | null {
  return date === null ? null : date.toISOString().slice(0, 10);
}

/** Whether a text is a calendar day that exists, from 1900 on, as `YYYY-MM-DD`. */
export function isCalendarDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && day.getUTCFullYear() >= 1900;
}
