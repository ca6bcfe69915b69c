import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInstance, type i18n as I18n, type ResourceLanguage } from 'i18next';
import { projectRoot } from '../project-root.ts';

/** Languages of the screens; the first one is the default. */
export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** `t('students.form.nir.label', params)`: the first segment names the JSON file, the rest the path inside it. */
export type Translate = (key: string, params?: Record<string, unknown>) => string;

/** `throw` in tests, so that a missing text breaks the build; `show` elsewhere: the page shows the key. */
export type MissingKeyPolicy = 'throw' | 'show';

let missingKeyPolicy: MissingKeyPolicy = 'show';
let instance: I18n | undefined;
const translators = new Map<Language, Translate>();

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

/** Called once by whoever composes the process (sites, worker, test set-up). */
export function configureTranslations(options: { missingKey: MissingKeyPolicy }): void {
  missingKeyPolicy = options.missingKey;
}

/** Reads the JSON files again at the next translation: used in development when a file changes. */
export function reloadTranslations(): void {
  instance = undefined;
  translators.clear();
}

/** Texts of one language by file name, as they stand on disk: `{ common: {…}, students: {…} }`. */
export function readTexts(language: Language): Record<string, Record<string, unknown>> {
  const folder = join(projectRoot, 'src', 'i18n', language);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(
    files.map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      return [basename(file, '.json'), JSON.parse(text) as Record<string, unknown>];
    }),
  );
}

/**
 * French has a plural of its own for exact millions ("un million d'étudiants"), which numerals do not need: the ordinary
 * plural serves unless a text says otherwise.
 */
function withMillions(texts: Record<string, unknown>): Record<string, unknown> {
  const complete: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(texts)) {
    complete[key] = typeof text === 'object' && text !== null ? withMillions(text as Record<string, unknown>) : text;
    const many = key.replace(/_other$/, '_many');
    if (many !== key && !(many in texts)) complete[many] = text;
  }
  return complete;
}

function loadInstance(): I18n {
  const created = createInstance({
    resources: Object.fromEntries(
      LANGUAGES.map((language) => [language, withMillions(readTexts(language)) as ResourceLanguage]),
    ),
    lng: LANGUAGES[0],
    // A text missing in one language is a fault to see, never silently the other language's.
    fallbackLng: false,
    nsSeparator: ':',
    keySeparator: '.',
    // Templates escape what they print; escaping twice would show &amp; to people.
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
  void created.init();
  return created;
}

type Fill = (params: Record<string, unknown>) => string;

/**
 * Lists ask hundreds of texts a second: one that only has plain blanks (`{{name}}`, `{{count, number}}`) is taken apart once.
 * Null for what needs i18next itself (other formats, other texts inside).
 */
function plainBlanks(text: string, numbers: Intl.NumberFormat): Fill | null {
  const pieces = text.split(/\{\{\s*(.*?)\s*\}\}/);
  if (text.includes('$t(')) return null;
  const blanks = pieces.map((piece, index) => (index % 2 === 1 ? /^(\w+)(, number)?$/.exec(piece) : piece));
  if (blanks.includes(null)) return null;
  return (params) =>
    blanks
      .map((blank) => {
        if (typeof blank === 'string') return blank;
        const value = params[blank?.[1] ?? ''] ?? '';
        return blank?.[2] && typeof value === 'number' ? numbers.format(value) : String(value);
      })
      .join('');
}

function createTranslator(language: Language): Translate {
  const source = (instance ??= loadInstance());
  const fixed = source.getFixedT(language);
  const plainTexts = new Map<string, string>();
  const fills = new Map<string, Fill | null>();
  const numbers = new Intl.NumberFormat(language);
  const plurals = new Intl.PluralRules(language);

  const ask = (key: string, params: Record<string, unknown>): string => {
    const dot = key.indexOf('.');
    const path = `${key.slice(0, dot)}:${key.slice(dot + 1)}`;
    if (dot !== -1 && source.exists(path, { lng: language, ...params })) return String(fixed(path, params));
    if (missingKeyPolicy === 'throw') throw new Error(`Missing text "${key}" in "${language}"`);
    return key;
  };

  const fillOf = (key: string): Fill | null => {
    let fill = fills.get(key);
    if (fill === undefined) {
      const dot = key.indexOf('.');
      const text: unknown = source.getResource(language, key.slice(0, dot), key.slice(dot + 1));
      fill = typeof text === 'string' ? plainBlanks(text, numbers) : null;
      fills.set(key, fill);
    }
    return fill;
  };

  /** With a count the text is one of several, as i18next names them. */
  const pluralOf = (key: string, count: unknown): Fill | null => {
    if (typeof count !== 'number') return null;
    const zero = count === 0 ? fillOf(`${key}_zero`) : null;
    return zero ?? fillOf(`${key}_${plurals.select(count)}`);
  };

  return (key, params) => {
    if (params === undefined) {
      const known = plainTexts.get(key);
      if (known !== undefined) return known;
      const text = ask(key, {});
      if (text !== key) plainTexts.set(key, text);
      return text;
    }
    const fill = 'count' in params ? pluralOf(key, params['count']) : fillOf(key);
    return fill ? fill(params) : ask(key, params);
  };
}

/**
 * The translation function of a language, made once and kept.
 * Plurals follow i18next: `{ "results_one": …, "results_other": … }` with `t('students.list.results', { count })`.
 * @throws on a missing key when the policy is `throw`.
 */
export function translator(language: Language): Translate {
  let translate = translators.get(language);
  if (!translate) {
    translate = createTranslator(language);
    translators.set(language, translate);
  }
  return translate;
}
