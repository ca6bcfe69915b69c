import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import { cleanText } from './text.ts';

export type ParsedPhones =
  | {
      ok: true;
      /** E.164, or null when the cell is empty. */
      personal: string | null;
      /** E.164, or null when there is no second number. */
      professional: string | null;
      warnings: 'PHONE_REGROUPED'[];
    }
  | { ok: false; code: 'PHONE_FORMAT' };

export type ParsedPhone =
  { ok: true; phone: string | null; warnings: 'PHONE_REGROUPED'[] } | { ok: false; code: 'PHONE_FORMAT' };

export interface PhoneContext {
  /** Postcode of the same row: only there do the short numbers of Saint-Pierre, Wallis, Polynesia and New Caledonia count. */
  postcode?: string | null;
}

/**
 * Reads a cell of one or two numbers, personal then professional, to E.164.
 * Numbers typed nationally in an overseas territory get its code (`0692…` → `+262692…`).
 * @see import rules §2 (case 4) and §7
 */
export function parsePhoneCell(cell: string, context: PhoneContext = {}): ParsedPhones {
  const read = readNumbers(cell, 2, context);
  if (read === null) return { ok: false, code: 'PHONE_FORMAT' };
  const [personal = null, professional = null] = read.numbers;
  return { ok: true, personal, professional, warnings: read.regrouped ? ['PHONE_REGROUPED'] : [] };
}

/**
 * Reads a cell of one number to E.164, by the same rules; empty gives null. Two numbers are an error.
 * @see import rules §3 and §7
 */
export function parseSinglePhone(cell: string, context: PhoneContext = {}): ParsedPhone {
  const read = readNumbers(cell, 1, context);
  if (read === null) return { ok: false, code: 'PHONE_FORMAT' };
  return { ok: true, phone: read.numbers[0] ?? null, warnings: read.regrouped ? ['PHONE_REGROUPED'] : [] };
}

interface ReadNumbers {
  numbers: string[];
  /** Groups were joined or separated to find the numbers. */
  regrouped: boolean;
}

function readNumbers(cell: string, limit: 1 | 2, context: PhoneContext): ReadNumbers | null {
  const text = cleanText(cell);
  if (text === '') return { numbers: [], regrouped: false };
  if (!/^[\d\s+()./\p{Pd}]+$/u.test(text) || !/\d/.test(text)) return null;

  const asTyped = text.split(' ').map((token) => toE164(token, context));
  if (asTyped.length <= limit && asTyped.every(isPresent)) return { numbers: asTyped, regrouped: false };

  const numbers = joinGroups(text.split(' '), limit, context) ?? joinGroups(text.split(/[ /]/), limit, context);
  if (numbers !== null) return { numbers, regrouped: true };

  const whole = /^(?:\+|00)/.test(text) ? toE164(text, context) : null;
  return whole === null ? null : { numbers: [whole], regrouped: true };
}

/** Joins groups from the left until they make a valid number, then starts again; null when something is left over. */
function joinGroups(groups: string[], limit: number, context: PhoneContext): string[] | null {
  const numbers: string[] = [];
  let pending = '';
  for (const group of groups) {
    pending += group;
    const number = toE164(pending, context);
    if (number !== null) {
      if (numbers.length === limit) return null;
      numbers.push(number);
      pending = '';
    }
  }
  return numbers.length > 0 && !/[\d+]/.test(pending) ? numbers : null;
}

function isPresent(value: string | null): value is string {
  return value !== null;
}

/**
 * The first four digits of national numbers that belong to a territory with a code of its own. They go before France: the
 * metadata of `+33` also takes some of them (`0269…`), which nobody can call that way.
 */
const OVERSEAS_REGIONS: Readonly<Record<string, { region: CountryCode; code: string }>> = {
  '0590': { region: 'GP', code: '590' },
  '0690': { region: 'GP', code: '590' },
  '0691': { region: 'GP', code: '590' },
  '0594': { region: 'GF', code: '594' },
  '0694': { region: 'GF', code: '594' },
  '0596': { region: 'MQ', code: '596' },
  '0696': { region: 'MQ', code: '596' },
  '0697': { region: 'MQ', code: '596' },
  '0262': { region: 'RE', code: '262' },
  '0263': { region: 'RE', code: '262' },
  '0692': { region: 'RE', code: '262' },
  '0693': { region: 'RE', code: '262' },
  '0269': { region: 'YT', code: '262' },
  '0639': { region: 'YT', code: '262' },
};

/** Territories with short numbers, by the beginning of their postcodes. */
const SHORT_NUMBER_REGIONS: Readonly<Record<string, CountryCode>> = { 975: 'PM', 986: 'WF', 987: 'PF', 988: 'NC' };

/** One number, its dots, dashes, slashes and parentheses removed, to E.164; null when it is no valid number. */
function toE164(typed: string, { postcode }: PhoneContext): string | null {
  const digits = typed
    .replace(/^((?:\+|00)[\d\s.\p{Pd}/]*)\(0\)/u, '$1')
    .replace(/[\s.()/\p{Pd}]/gu, '')
    .replace(/^00/, '+');
  if (!/^\+?\d{5,17}$/.test(digits)) return null;
  if (digits.startsWith('+')) return validIn(digits);
  const national = /^[1-9]\d{8}$/.test(digits) ? `0${digits}` : digits;
  if (/^0\d{9}$/.test(national)) {
    const overseas = OVERSEAS_REGIONS[national.slice(0, 4)];
    return (overseas === undefined ? null : validIn(national, overseas.region)) ?? validIn(national, 'FR');
  }
  const shortRegion = SHORT_NUMBER_REGIONS[postcode?.slice(0, 3) ?? ''];
  return shortRegion === undefined ? null : validIn(digits, shortRegion);
}

function validIn(digits: string, region?: CountryCode): string | null {
  const number = parsePhoneNumberFromString(digits, region);
  return number !== undefined && number.isValid() ? number.number : null;
}

/** French numbers in five pairs; those that begin with 08 are grouped by their tariff. */
const FIVE_PAIRS = /^\+33([1-79])(\d{2})(\d{2})(\d{2})(\d{2})$/;

/** `06 12 34 56 78` for metropolitan France, `+262 692 12 34 56` elsewhere; a text that is no number comes back as it is. */
export function formatPhone(e164: string): string {
  // Nearly every number of a list: taken apart here, it costs a hundredth of what the library takes.
  const pairs = FIVE_PAIRS.exec(e164);
  if (pairs) return `0${pairs.slice(1).join(' ')}`;
  const number = parsePhoneNumberFromString(e164);
  if (number === undefined) return e164;
  return number.countryCallingCode === '33' ? number.formatNational() : number.formatInternational();
}

/**
 * The beginning of the E.164 numbers that a typed text may stand for: `06 12` → `+33612`, `+336…` and `0033 6…` → `+336…`,
 * `0692` → `+262692`.
 * @returns null when the text does not look like the beginning of a phone number (letters, fewer than three digits, no 0 or +)
 */
export function phoneSearchPrefix(text: string): string | null {
  const typed = cleanText(text);
  if (!/^[\d\s+()./\p{Pd}]+$/u.test(typed)) return null;
  const digits = typed
    .replace(/^((?:\+|00)[\d\s.\p{Pd}/]*)\(0\)/u, '$1')
    .replace(/[\s.()/\p{Pd}]/gu, '')
    .replace(/^00/, '+');
  if (/^\+\d{2,15}$/.test(digits)) return digits.replace(/^\+330/, '+33');
  const national = /^[1-9]\d{8}$/.test(digits) ? `0${digits}` : digits;
  if (!/^0[1-9]\d{1,8}$/.test(national)) return null;
  return `+${OVERSEAS_REGIONS[national.slice(0, 4)]?.code ?? '33'}${national.slice(1)}`;
}

/** Codes of the territories whose numbers are typed like those of France. */
const OVERSEAS_CODES = /^\+(?:262|59[046])(?=\d)/;

/**
 * Every beginning that a typed text may stand for. Some national numbers are of two places (`0639…` is Mayotte's, and of
 * metropolitan numbers that its plan does not hold): both are looked for.
 * @returns none when the text does not look like the beginning of a phone number
 */
export function phoneSearchPrefixes(text: string): string[] {
  const prefix = phoneSearchPrefix(text);
  if (prefix === null) return [];
  const isNational = !/^\s*(?:\+|00)/.test(text) && OVERSEAS_CODES.test(prefix);
  return isNational ? [prefix, prefix.replace(OVERSEAS_CODES, '+33')] : [prefix];
}
