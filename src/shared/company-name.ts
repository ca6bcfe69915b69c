import { stripAccents } from './text.ts';

const LEGAL_FORMS: ReadonlySet<string> = new Set(['sa', 'sas', 'sarl', 'snc', 'eurl', 'sasu']);

/** Characters kept of a key: what its column holds. */
const LONGEST_KEY = 191;

/**
 * The key under which two spellings of a company name are equal: case, accents, punctuation, spaces, hyphens, dots,
 * `&`/`et`, `œ`/`oe` and the legal form (SA, SAS, SARL, SNC, EURL, SASU, with or without dots) make no difference.
 * A name that is nothing but a legal form keeps it. Empty when the name has no letter or digit.
 * @see import rules §2 and §7
 */
export function companyNameKey(name: string): string {
  const words = joinInitials(
    stripAccents(name)
      .replaceAll('.', '')
      .replaceAll('&', ' et ')
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== ''),
  );
  const meaningful = words.filter((word) => !LEGAL_FORMS.has(word));
  return (meaningful.length > 0 ? meaningful : words).join('').slice(0, LONGEST_KEY);
}

/** `s a r l` (typed with spaces or hyphens) becomes `sarl`; other single letters stay apart until the key joins everything. */
function joinInitials(words: string[]): string[] {
  const result: string[] = [];
  for (let index = 0; index < words.length;) {
    let end = index;
    while (end < words.length && words[end]?.length === 1) end += 1;
    const initials = words.slice(index, end).join('');
    if (LEGAL_FORMS.has(initials)) {
      result.push(initials);
      index = end;
    } else {
      result.push(words[index] ?? '');
      index += 1;
    }
  }
  return result;
}
