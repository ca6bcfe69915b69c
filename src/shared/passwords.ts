/**
 * What a password must be: 80 bits of guessing, counted as the CNIL counts them (length × log2 of the alphabet its kinds of
 * characters make), after whatever a guesser tries first was counted for what it is worth: common words, keyboard runs,
 * sequences, repetitions, years, and the person's own name.
 * @see CNIL, délibération 2022-100, annexe: 12 characters of four kinds, or 14 of three, or a phrase of seven words
 */
import { commonWords } from './common-passwords.ts';
import { stripAccents } from './text.ts';

/** Twelve characters of the four kinds make 79,6 bits: the example that the CNIL gives for 80. */
const REQUIRED_BITS = 79.5;
const SHORTEST = 12;
const LONGEST = 200;
const FEWEST_DIFFERENT = 6;

/** What a guessed piece is worth, in characters: about a word among some thousands. */
const PIECE = '\u0001\u0001';
const SMALL_PIECE = '\u0001';

/** Size of each kind, the last one the special characters of a French keyboard as the CNIL counts them. */
const KINDS: readonly (readonly [RegExp, number])[] = [
  [/\p{Ll}/u, 26],
  [/\p{Lu}/u, 26],
  [/\p{N}/u, 10],
  [/[^\p{Ll}\p{Lu}\p{N}]/u, 37],
];

const RUNS = ['azertyuiop', 'qsdfghjklm', 'wxcvbn', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'abcdefghijklmnopqrstuvwxyz']
  .flatMap((row) => [row, [...row].reverse().join('')])
  .concat('01234567890', '09876543210');
const SHORTEST_RUN = 4;

/** Signs written for letters. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '!': 'i',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '7': 't',
  '€': 'e',
};

/**
 * @param password as typed
 * @param personal texts the password must not be built on: name, mailbox
 * @returns i18n key of what is wrong, or null
 */
export function passwordProblem(password: string, personal: readonly string[] = []): string | null {
  const typed = password.normalize('NFKC');
  const length = Array.from(typed).length;
  if (length > LONGEST) return 'errors.password.tooLong';
  const bitsPerCharacter = Math.log2(KINDS.reduce((sum, [kind, size]) => sum + (kind.test(typed) ? size : 0), 0) || 1);
  const isStrong = (characters: number): boolean => characters * bitsPerCharacter >= REQUIRED_BITS;
  if (length < SHORTEST || !isStrong(length)) return 'errors.password.tooShort';
  const plain = withoutPatterns(stripAccents(typed));
  if (new Set(typed).size < FEWEST_DIFFERENT || !isStrong(plain.length)) return 'errors.password.tooSimple';
  const withoutCommon = withoutWords(plain, commonWords);
  if (!isStrong(withoutCommon.length)) return 'errors.password.common';
  const own = personal.flatMap((text) => stripAccents(text).split(/[^a-z0-9]+/)).filter((word) => word.length >= 3);
  return isStrong(withoutWords(withoutCommon, own).length) ? null : 'errors.password.personal';
}

/** Repetitions, runs of the keyboard or the alphabet, and years, each in place of a piece. */
function withoutPatterns(text: string): string {
  let rest = text.replace(/(.)\1{2,}/gu, `$1${SMALL_PIECE}`).replace(/(.{2,}?)\1+/gu, `$1${SMALL_PIECE}`);
  for (let start = 0; start < rest.length; start += 1) {
    const longest = Math.max(...RUNS.map((run) => runLength(rest, start, run)));
    if (longest >= SHORTEST_RUN) rest = rest.slice(0, start) + PIECE + rest.slice(start + longest);
  }
  return rest.replace(/(?:19|20)\d\d/g, SMALL_PIECE);
}

/** How many characters from `start` on follow each other in `run`. */
function runLength(text: string, start: number, run: string): number {
  const from = run.indexOf(text.charAt(start));
  if (from === -1) return 0;
  let length = 0;
  while (start + length < text.length && text[start + length] === run[from + length]) length += 1;
  return length;
}

function withoutWords(text: string, words: readonly string[]): string {
  let rest = text;
  let read = readAsLetters(rest);
  for (const word of words) {
    for (let at = read.indexOf(word); at !== -1; at = read.indexOf(word)) {
      rest = rest.slice(0, at) + PIECE + rest.slice(at + word.length);
      read = read.slice(0, at) + PIECE + read.slice(at + word.length);
    }
  }
  return rest;
}

/** One letter a character, so that places in both texts are the same. */
function readAsLetters(text: string): string {
  return text.replace(/[013457!@$€]/g, (sign) => LOOKALIKES[sign] ?? sign);
}
