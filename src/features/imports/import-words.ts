/** The words and figures of the imports, as a person reads them. */
import type { Language, Translate } from '../../i18n/index.ts';
import { formatPhone } from '../../shared/phone.ts';
import { parseStudentStatus } from '../../shared/student-status.ts';

export interface Reader {
  readonly t: Translate;
  readonly lang: Language;
  readonly now: Date;
}

const PHONES = new Set(['personalPhone', 'professionalPhone', 'phone']);

/** What a code says in a few words. */
export function codeTitle(code: string, t: Translate): string {
  return t(`import-codes.${code}.title`);
}

/** What is wrong and what to do about it. */
export function codeAdvice(code: string, t: Translate): string {
  return t(`import-codes.${code}.text`);
}

/** A column of a source (`phones`, `adresse`) as its cells are called. */
export function cellLabel(field: string, t: Translate): string {
  return t(`imports.cells.${field}`);
}

/** A field of a record (`personalPhone`, `city`). */
export function fieldLabel(field: string, t: Translate): string {
  return t(`imports.fields.${field}`);
}

/** A stored value as it is shown; null when there is none. */
export function valueText(field: string, value: unknown, t: Translate): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value !== 'string') return typeof value === 'number' ? String(value) : JSON.stringify(value);
  if (PHONES.has(field)) return formatPhone(value);
  if (field !== 'status') return value;
  const status = parseStudentStatus(value.replace('_', ' '));
  return status.ok ? t(`common.status.student.${status.status}`) : value;
}

/** A length of time: `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function durationText(seconds: number, t: Translate): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t('imports.duration.seconds', { seconds: whole });
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return t('imports.duration.minutes', { minutes, seconds: String(whole % 60).padStart(2, '0') });
  return t('imports.duration.hours', {
    hours: Math.floor(minutes / 60),
    minutes: String(minutes % 60).padStart(2, '0'),
  });
}

const locales: Readonly<Record<Language, string>> = { fr: 'fr-FR', en: 'en-GB' };

export function numberText(value: number, lang: Language): string {
  return new Intl.NumberFormat(locales[lang]).format(value);
}

/** A share between 0 and 1, to the whole percent. */
export function percentText(share: number, lang: Language): string {
  return new Intl.NumberFormat(locales[lang], { style: 'percent', maximumFractionDigits: 0 }).format(share);
}
