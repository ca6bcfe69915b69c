import type { RowErrorCode } from './issue-codes.ts';
import { cleanText, foldText } from './text.ts';

export type NameErrorCode = Extract<RowErrorCode, 'NAME_MISSING' | 'NAME_NO_SPACE' | 'NAME_COMPOUND_FIRST_NAME'>;

export type SplitName =
  | { ok: true; lastName: string; firstName: string }
  | {
      ok: false;
      code: NameErrorCode;
      /** The cell as it probably should be (`DUPONT Jean-Pierre`), where a machine can tell. */
      suggestion?: string;
    };

/**
 * Splits a cell `NOM Prénom` at the last space: left is the last name, right the first name.
 * A first name in several words must be hyphenated: `DUPONT Jean Pierre` is an error with a suggestion, because the rule
 * alone would store "DUPONT Jean". Lower-case particles inside the last name (`DUPONT de NEMOURS Pierre`) are no error.
 * @see import rules §2 and §7
 */
export function splitFullName(cell: string): SplitName {
  const text = cleanText(cell);
  if (text === '') return { ok: false, code: 'NAME_MISSING' };
  const words = text.split(' ');
  if (words.length < 2) return { ok: false, code: 'NAME_NO_SPACE' };

  const lastUpperCase = words.findLastIndex(isUpperCaseWord);
  const following = words.slice(lastUpperCase + 1);
  if (lastUpperCase >= 0 && following.filter(hasLetter).length >= 2) {
    return {
      ok: false,
      code: 'NAME_COMPOUND_FIRST_NAME',
      ...suggestHyphens(words.slice(0, lastUpperCase + 1), following),
    };
  }
  return { ok: true, lastName: words.slice(0, -1).join(' '), firstName: words[words.length - 1] ?? '' };
}

/** Words that may belong to a last name though they are in lower case: with one of them a person must decide. */
const PARTICLES: ReadonlySet<string> = new Set(
  'de du des d la le les l van von der den ter ten zu zum da das do dos di del della e y et el al ben bin ibn'.split(
    ' ',
  ),
);

function suggestHyphens(lastName: string[], firstNames: string[]): { suggestion?: string } {
  if (lastName.join(' ').length > 120 || firstNames.join(' ').length > 120) return {};
  if (firstNames.some((word) => PARTICLES.has(foldText(word)) || !hasLetter(word))) return {};
  const compound = firstNames.map((word) => word.charAt(0).toLocaleUpperCase('fr') + word.slice(1)).join('-');
  return { suggestion: `${lastName.join(' ')} ${compound}` };
}

function hasLetter(word: string): boolean {
  return /\p{L}/u.test(word);
}

/** `DUPONT`, `D'HÉROUVILLE`, `d'ARC`, `McDONALD`; not `Dupont`, not `de`, not `2`. */
function isUpperCaseWord(word: string): boolean {
  const core = word.replace(/^(?:[dl]['’]|Mac|Mc)(?=\p{Lu}{2})/u, '');
  return hasLetter(core) && core === core.toLocaleUpperCase('fr') && core !== core.toLocaleLowerCase('fr');
}

/** Characters kept of a search word and of a sort key: what their columns hold. */
const LONGEST_TOKEN = 48;
const LONGEST_KEY = 160;

/**
 * The words under which a person is found: each folded word of both names, and the compounds joined
 * (`Jean-Pierre` → `jean`, `pierre`, `jeanpierre`; `DE LA TOUR` → `de`, `la`, `tour`, `delatour`). Each word once.
 */
export function searchTokens(lastName: string, firstName: string): string[] {
  const tokens = new Set<string>();
  for (const name of [lastName, firstName]) {
    const words = foldText(name).split(' ');
    for (const word of words) tokens.add(word);
    for (const part of cleanText(name).split(' ')) tokens.add(joined(part));
    tokens.add(words.join(''));
  }
  tokens.delete('');
  return [...new Set([...tokens].map((token) => token.slice(0, LONGEST_TOKEN)))];
}

function joined(text: string): string {
  return foldText(text).replaceAll(' ', '');
}

/** The sort and comparison key of a person: folded last name, a space, folded first name. */
export function nameKey(lastName: string, firstName: string): string {
  return `${foldText(lastName)} ${foldText(firstName)}`.trim().slice(0, LONGEST_KEY).trimEnd();
}
