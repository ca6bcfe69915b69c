import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configureTranslations, isLanguage, translator } from '../../../src/i18n/index.ts';

beforeEach(() => configureTranslations({ missingKey: 'throw' }));
afterEach(() => configureTranslations({ missingKey: 'show' }));

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
