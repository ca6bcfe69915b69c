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

/** `02/09/2024`, day of Paris. */
export function formatDate(date: Date, locale: DateLocale): string {
  return formatter(locale, { dateStyle: 'short' }).format(date);
}

/** `02/09/2024 14:05`, time of Paris, 24 hours. */
export function formatDateTime(date: Date, locale: DateLocale): string {
  return `${formatDate(date, locale)} ${formatter(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date)}`;
}

const STEPS: readonly { unit: Intl.RelativeTimeFormatUnit; seconds: number }[] = [
  { unit: 'year', seconds: 31_557_600 },
  { unit: 'month', seconds: 2_629_800 },
  { unit: 'week', seconds: 604_800 },
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
];

/**
 * How long ago, or in how long: `il y a 3 minutes`, `hier`, `in 2 weeks`. From one day on, calendar days of Paris are counted,
 * so that yesterday evening is "hier" in the morning.
 */
export function formatRelative(date: Date, now: Date, locale: DateLocale): string {
  const relative = new Intl.RelativeTimeFormat(FORMAT_LOCALES[locale], { numeric: 'auto' });
  const seconds = (date.getTime() - now.getTime()) / 1000;
  const days = calendarDaysBetween(now, date);
  if (Math.abs(seconds) >= 43_200 && Math.abs(days) >= 1 && Math.abs(days) < 7) return relative.format(days, 'day');
  for (const { unit, seconds: length } of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(0, 'second');
}

function calendarDaysBetween(from: Date, to: Date): number {
  return Math.round((Date.parse(isoDayInParis(to)) - Date.parse(isoDayInParis(from))) / 86_400_000);
}

/** The calendar day of Paris at that instant, as `YYYY-MM-DD`. */
export function isoDayInParis(date: Date): string {
  const parts = formatter('en', { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(date);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((candidate) => candidate.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
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
export function formatTime(date: Date, locale: DateLocale): string {
  return formatter(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
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
