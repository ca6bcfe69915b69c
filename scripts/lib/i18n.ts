/**
 * Checks the texts of the screens: both languages say the same things with the same blanks, every key that the code names
 * exists, and no text stands there that nothing shows.
 */

/** Texts of one language, by full key (`students.form.title`). */
export type Texts = ReadonlyMap<string, string>;

export interface SourceText {
  /** Path, for messages. */
  path: string;
  text: string;
}

const PLURAL = /_(zero|one|two|few|many|other)$/;

/** Full keys of one language. @param files content of each JSON file by its name without extension */
export function flattenTexts(files: Record<string, unknown>): Texts {
  const texts = new Map<string, string>();
  const walk = (prefix: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, child] of Object.entries(value)) walk(prefix === '' ? name : `${prefix}.${name}`, child);
    } else texts.set(prefix, String(value));
  };
  walk('', files);
  return texts;
}

/** @returns one sentence a fault; empty when there is none */
export function checkTexts(languages: Record<string, Texts>, sources: readonly SourceText[]): string[] {
  const keys = new Set(Object.values(languages).flatMap((texts) => [...texts.keys()].map(baseKey)));
  return [...compareLanguages(languages, keys), ...checkUses(keys, sources)];
}

/** Plural forms of one text are one key to the code. */
function baseKey(key: string): string {
  return key.replace(PLURAL, '');
}

function compareLanguages(languages: Record<string, Texts>, keys: Set<string>): string[] {
  const faults: string[] = [];
  for (const key of keys) {
    const blanks = Object.entries(languages).map(([language, texts]) => ({ language, blanks: blanksOf(key, texts) }));
    for (const { language, blanks: found } of blanks)
      if (found === null) faults.push(`${key}: no text in "${language}"`);
    const written = blanks.filter((one) => one.blanks !== null);
    const [first] = written;
    for (const other of written.slice(1)) {
      if (first?.blanks !== other.blanks) {
        faults.push(
          `${key}: blanks differ, "${first?.language}" has {${first?.blanks ?? ''}}, "${other.language}" has {${other.blanks ?? ''}}`,
        );
      }
    }
  }
  for (const [language, texts] of Object.entries(languages)) {
    for (const [key, text] of texts) if (text.trim() === '') faults.push(`${key}: empty in "${language}"`);
  }
  return faults;
}

/** Names of the `{{blanks}}` of a text, all its plural forms together; null when the language lacks the text. */
function blanksOf(key: string, texts: Texts): string | null {
  const forms = [...texts].filter(([name]) => baseKey(name) === key).map(([, text]) => text);
  if (forms.length === 0) return null;
  const names = forms.flatMap((text) => [...text.matchAll(/\{\{-?\s*([\w.]+)[^}]*\}\}/g)].map(([, name]) => name));
  // `count` chooses the plural form; a form such as "one student" need not print it.
  return [...new Set(names)]
    .filter((name) => name !== 'count')
    .sort()
    .join(', ');
}

/** Between quotes and made of nothing but a key, or of its beginning (`'common.nav.'`). */
const QUOTED = /(['"`])([\w-]+(?:\.[\w-]+)*\.?)\1/g;
/** A template that makes a key: fixed parts of key characters, and blanks. */
const TEMPLATE = /`([\w.-]*(?:\$\{[^}`]*\}[\w.-]*)+)`/g;
/** What stands before a literal that can only be a key: `t('…')`, `messageKey: '…'`. */
const MUST_BE_KEY = /(?:\bt\(|\b(?:\w+Key)\s*[:=]\s*)\s*$/;

function checkUses(keys: Set<string>, sources: readonly SourceText[]): string[] {
  const faults: string[] = [];
  const used = new Set<string>();
  for (const { path, text: whole } of sources) {
    const text = withoutComments(whole);
    for (const [pattern, part, keysOf] of [
      [QUOTED, 2, quotedKeys],
      [TEMPLATE, 1, templateKeys],
    ] as const) {
      for (const match of text.matchAll(pattern)) {
        const literal = match[part] ?? '';
        const found = keysOf(literal, keys);
        for (const key of found) used.add(key);
        const before = text.slice(Math.max(0, match.index - 40), match.index);
        if (found.length === 0 && literal.includes('.') && MUST_BE_KEY.test(before))
          faults.push(`${path}: "${literal}" has no text`);
      }
    }
  }
  for (const key of keys) if (!used.has(key)) faults.push(`${key}: shown by nothing`);
  return faults;
}

/** Lines that are nothing but a comment: an example in one is no use. */
function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\/?\*).*$/gm, '');
}

function quotedKeys(literal: string, keys: Set<string>): string[] {
  if (keys.has(literal)) return [literal];
  return literal.endsWith('.') ? [...keys].filter((key) => key.startsWith(literal)) : [];
}

function templateKeys(literal: string, keys: Set<string>): string[] {
  const parts = literal.split(/\$\{[^}]*\}/).map((part) => part.replaceAll('.', '\\.'));
  // Blanks alone (`${a}.${b}`) would fit everything.
  if (!parts.some((part) => /\w/.test(part))) return [];
  const pattern = new RegExp(`^${parts.join('[\\w.-]+')}$`);
  return [...keys].filter((key) => pattern.test(key));
}
