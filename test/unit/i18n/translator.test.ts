import { createInstance } from 'i18next';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configureTranslations, isLanguage, LANGUAGES, readTexts, translator } from '../../../src/i18n/index.ts';

beforeEach(() => configureTranslations({ missingKey: 'throw' }));
afterEach(() => configureTranslations({ missingKey: 'show' }));

/** `a.b.c` of every text inside. */
function pathsOf(texts: Record<string, unknown>): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [key] : pathsOf(value as Record<string, unknown>).map((path) => `${key}.${path}`),
  );
}

const plain = (text: string) => text.replaceAll(/\s/g, ' ');

describe('translator', () => {
  it('takes the file from the first segment of the key', () => {
    expect(translator('fr')('sign-in.title')).toBe('Connexion');
    expect(translator('en')('sign-in.title')).toBe('Sign in');
  });

  it('writes numbers and plurals as each language does, exact millions included', () => {
    const fr = translator('fr');
    expect(fr('common.form.errors', { count: 1 })).toMatch(/^Un point/);
    expect(plain(fr('common.form.errors', { count: 1234 }))).toMatch(/^1 234 points/);
    expect(plain(fr('common.list.select_all', { count: 1_000_000 }))).toBe('Étendre aux 1 000 000 résultats');
    expect(translator('en')('common.list.select_all', { count: 1_000_000 })).toBe('Extend to all 1,000,000 results');
  });

  it.each(LANGUAGES)('writes every text with a count as i18next itself does (%s)', async (language) => {
    const texts = readTexts(language);
    const reference = createInstance({ interpolation: { escapeValue: false }, initAsync: false });
    await reference.init({ lng: language, fallbackLng: false, resources: { [language]: texts } });
    const counted = Object.entries(texts).flatMap(([file, content]) =>
      pathsOf(content)
        .filter((path) => /_(zero|one|other)$/.test(path))
        .map((path) => [file, path.replace(/_(zero|one|other)$/, '')] as const),
    );
    expect(counted.length).toBeGreaterThan(100);
    for (const [file, path] of counted)
      for (const count of [0, 1, 2, 1.5, 1234, 999_999]) {
        const params = { count, name: 'Léa', total: 4321 };
        if (!reference.exists(`${file}:${path}`, params)) continue;
        const expected = reference.t(`${file}:${path}`, params);
        // Blanks that the caller did not fill: i18next leaves them as they stand in the text or empty.
        if (/\{\{/.test(expected)) continue;
        expect(translator(language)(`${file}.${path}`, params)).toBe(expected);
      }
  });

  it('does not escape: the templates do', () => {
    expect(translator('fr')('common.theme.next', { theme: '<b>' })).toContain('<b>');
  });

  it('throws on a missing text, or shows its key', () => {
    expect(() => translator('fr')('common.absent')).toThrow(/common\.absent/);
    configureTranslations({ missingKey: 'show' });
    expect(translator('fr')('common.absent')).toBe('common.absent');
  });

  it('is made once per language', () => {
    expect(translator('fr')).toBe(translator('fr'));
  });
});

describe('isLanguage', () => {
  it.each([
    ['fr', true],
    ['en', true],
    ['de', false],
    [undefined, false],
    ['toString', false],
  ])('%j: %s', (value, expected) => {
    expect(isLanguage(value)).toBe(expected);
  });
});
