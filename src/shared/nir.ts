import type { RowErrorCode } from './issue-codes.ts';

export type NirErrorCode = Extract<RowErrorCode, 'NIR_MISSING' | 'NIR_FORMAT' | 'NIR_KEY'>;

export type ParsedNir = { ok: true; nir: string } | { ok: false; code: NirErrorCode };

/** Sex, year, month, department, commune, order, key. */
const NIR_SHAPE = /^[1-478]\d{2}(?:0[1-9]|1[0-2]|[23]\d|4[0-2]|[5-9]\d)(?:\d{2}|2[AB])(\d{3})(\d{3})(\d{2})$/;

/**
 * Reads a NIR (numéro de sécurité sociale) as typed: spaces, dots and dashes are dropped, Corsican letters may be lower case.
 * @returns the 15 characters without separators, or the code of the rule that fails
 * @see import rules §2 and §7, domain §2
 */
export function parseNir(raw: string): ParsedNir {
  const nir = raw.replace(/[\s.\p{Pd}\p{Cf}]/gu, '').toUpperCase();
  if (!/[\p{L}\p{N}]/u.test(nir)) return { ok: false, code: 'NIR_MISSING' };
  const shape = NIR_SHAPE.exec(nir);
  if (shape === null || shape[1] === '000' || shape[2] === '000') return { ok: false, code: 'NIR_FORMAT' };
  return nir.slice(13) === nirKey(nir.slice(0, 13)) ? { ok: true, nir } : { ok: false, code: 'NIR_KEY' };
}

/**
 * The two digits that close a NIR: 97 − (N mod 97), with Corsica's `2A` read as 19 and `2B` as 18.
 * @param body the 13 first characters, in upper case
 */
export function nirKey(body: string): string {
  const number = Number(body.replace('2A', '19').replace('2B', '18'));
  return String(97 - (number % 97)).padStart(2, '0');
}

/**
 * The only form in which a NIR may be shown or reported: `* ** ** ** *** *** 91`. Only the key stands, because the leading
 * digits tell sex, birth and place. What is not a full NIR shows nothing of itself.
 * @see import rules §5
 */
export function maskNir(nir: string): string {
  const compact = nir.replace(/[\s.\p{Pd}\p{Cf}]/gu, '');
  const key = /^[\dABab]{13}(\d{2})$/.exec(compact)?.[1] ?? '**';
  return `* ** ** ** *** *** ${key}`;
}

/** Fifteen characters of a NIR in any writing, wherever they stand in a text. */
const GAP = '[\\s.\\p{Pd}\\p{Cf}]{0,3}';
const WRITTEN_NIR = new RegExp(`(?<!\\d)[1-478](?:${GAP}\\d){5}${GAP}[\\dABab](?:${GAP}\\d){8}(?!\\d)`, 'gu');

/**
 * A text with the numbers someone wrote into it masked: notes, reasons and searches are kept where a NIR must not be.
 * Fifteen characters whose key does not answer are no NIR and stay.
 * @param options.evenMistyped they go too: where a number was looked for, all of it but one character says whose it is
 */
export function hideNirs(text: string, { evenMistyped = false }: { evenMistyped?: boolean } = {}): string {
  if (text.length < 15) return text;
  let hidden = '';
  let from = 0;
  WRITTEN_NIR.lastIndex = 0;
  for (let match = WRITTEN_NIR.exec(text); match; match = WRITTEN_NIR.exec(text)) {
    const parsed = parseNir(match[0]);
    if (parsed.ok || (evenMistyped && parsed.code === 'NIR_KEY')) {
      hidden += text.slice(from, match.index) + maskNir(match[0]);
      from = WRITTEN_NIR.lastIndex;
    } else WRITTEN_NIR.lastIndex = match.index + 1;
  }
  return hidden + text.slice(from);
}

/** True when a text holds what was meant for a NIR, though its key may not answer. */
export function holdsTypedNir(text: string): boolean {
  return hideNirs(text, { evenMistyped: true }) !== text;
}

/** True when a text holds a NIR, which belongs in its own field and nowhere else. */
export function holdsNir(text: string): boolean {
  return hideNirs(text) !== text;
}
