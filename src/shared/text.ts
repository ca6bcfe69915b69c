import { windows1252ByteOf } from './windows-1252.ts';

/**
 * A cell or field as every rule reads it: NFC, no invisible character, every run of white space (no-break and thin spaces
 * and line breaks included) one space, none at the ends.
 * @see import rules §1
 */
export function cleanText(raw: string): string {
  if (ALREADY_CLEAN.test(raw)) return raw;
  return raw.replace(/\s+/gu, ' ').replace(INVISIBLE, '').normalize('NFC').replace(/ {2,}/g, ' ').trim();
}

/** Words of Latin letters and signs, one plain space apart: nearly every cell, told at a glance. */
const ALREADY_CLEAN = /^[!-~\u00a1-\u00ac\u00ae-\u017f]+(?: [!-~\u00a1-\u00ac\u00ae-\u017f]+)*$/;

/** Controls and format characters, which copying from a page or a phone drags along; the joiners that shape letters stay. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** Letters that no Unicode decomposition takes apart, as people type them without the right key. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  œ: 'oe',
  æ: 'ae',
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
};
const PLAIN_LETTER = /[œæßøłđðþħı]/g;

/** Lower case without accents, ligatures taken apart; punctuation and spaces kept as typed. */
export function stripAccents(raw: string): string {
  return raw
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(PLAIN_LETTER, (letter) => PLAIN_LETTERS[letter] ?? letter);
}

/**
 * The text in which two spellings of the same thing are equal: lower case, no accents, `œ`→`oe`, `æ`→`ae`, `ß`→`ss`,
 * punctuation and white space one space. For headers, keys and search; never shown.
 */
export function foldText(raw: string): string {
  return stripAccents(raw)
    .replace(INVISIBLE_WITH_JOINERS, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const INVISIBLE_WITH_JOINERS = /(?!\s)[\p{Cc}\p{Cf}]/gu;

/**
 * Repairs text that was UTF-8, was read as Windows-1252 and stored again (`Ã©` → `é`, `Å“` → `œ`, `â€™` → `’`), even twice over.
 * Only sequences that give a letter or sign of Western European writing are touched, so that `CÔTÉ »` stays as it is.
 * Call it before {@link cleanText}: the no-break space is part of a stored `à`.
 * @see import rules §7 (`TEXT_REPAIRED`)
 */
export function repairDoubleEncoding(text: string): { text: string; repaired: boolean } {
  let current = text;
  for (let pass = 0; pass < 3; pass += 1) {
    const next = repairOnce(current);
    if (next === current) break;
    current = next;
  }
  return { text: current, repaired: current !== text };
}

/** First characters of a damaged sequence: Â Ã Ä Å (letters), Ì (combining accents), â (quotes, dashes, €). */
const DAMAGED_START = /[ÂÃÄÅÌâ]/;

function repairOnce(text: string): string {
  if (!DAMAGED_START.test(text)) return text;
  let result = '';
  for (let index = 0; index < text.length;) {
    const repaired = repairedAt(text, index);
    result += repaired === null ? text.charAt(index) : repaired.character;
    index += repaired === null ? 1 : repaired.length;
  }
  return result;
}

function repairedAt(text: string, index: number): { character: string; length: number } | null {
  const first = windows1252ByteOf(text.charCodeAt(index));
  if (first === null) return null;
  if ((first >= 0xc2 && first <= 0xc5) || first === 0xcc) {
    const second = continuationAt(text, index + 1);
    if (second === null) return null;
    const codePoint = ((first & 0x1f) << 6) | second;
    return isWesternEuropean(codePoint) ? { character: String.fromCodePoint(codePoint), length: 2 } : null;
  }
  if (first === 0xe2) {
    const second = continuationAt(text, index + 1);
    const third = continuationAt(text, index + 2);
    if (second === null || third === null) return null;
    const codePoint = ((first & 0x0f) << 12) | (second << 6) | third;
    return isWesternEuropean(codePoint) ? { character: String.fromCodePoint(codePoint), length: 3 } : null;
  }
  return null;
}

function continuationAt(text: string, index: number): number | null {
  if (index >= text.length) return null;
  const byte = windows1252ByteOf(text.charCodeAt(index));
  return byte !== null && byte >= 0x80 && byte <= 0xbf ? byte & 0x3f : null;
}

function isWesternEuropean(codePoint: number): boolean {
  return (
    (codePoint >= 0xa0 && codePoint <= 0x17f) ||
    (codePoint >= 0x300 && codePoint <= 0x36f) ||
    (codePoint >= 0x2010 && codePoint <= 0x203a) ||
    codePoint === 0x20ac ||
    codePoint === 0x2122
  );
}
