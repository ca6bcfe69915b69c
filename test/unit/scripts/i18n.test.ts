import { describe, expect, it } from 'vitest';
import { checkTexts, flattenTexts } from '../../../scripts/lib/i18n.ts';

function check(fr: object, en: object, ...sources: string[]): string[] {
  const languages = { fr: flattenTexts({ home: fr }), en: flattenTexts({ home: en }) };
  return checkTexts(
    languages,
    sources.map((text) => ({ path: 'page.ts', text })),
  );
}

describe('checkTexts', () => {
  it('says nothing when both languages have what the code shows', () => {
    expect(check({ title: 'Accueil' }, { title: 'Home' }, "t('home.title')")).toEqual([]);
  });

  it('names a text that one language lacks', () => {
    expect(check({ title: 'Accueil', hint: 'Astuce' }, { title: 'Home' }, "t('home.title') + t('home.hint')")).toEqual([
      'home.hint: no text in "en"',
    ]);
  });

  it('names a text whose blanks differ', () => {
    expect(check({ title: 'Bonjour {{name}}' }, { title: 'Hello {{nom}}' }, "t('home.title')")).toEqual([
      'home.title: blanks differ, "fr" has {name}, "en" has {nom}',
    ]);
  });

  it('takes the plural forms of a text as one, whether or not they print the count', () => {
    const fr = { total_one: 'un étudiant', total_many: '{{count}} d’étudiants', total_other: '{{count}} étudiants' };
    expect(check(fr, { total_one: 'one', total_other: '{{count}} students' }, "t('home.total', { count })")).toEqual(
      [],
    );
  });

  it('names an empty text', () => {
    expect(check({ title: ' ' }, { title: 'Home' }, "t('home.title')")).toEqual(['home.title: empty in "fr"']);
  });

  it.each([["t('home.absent')"], ['t(`home.absent.${x}`)'], ["new AppError({ messageKey: 'home.absent' })"]])(
    'names a key that has no text: %s',
    (source) => {
      expect(check({}, {}, source)).toEqual([expect.stringMatching(/^page\.ts: ".*absent.*" has no text$/)]);
    },
  );

  it('names a text that nothing shows, and does not count an example in a comment', () => {
    const text = { title: 'x' };
    expect(check(text, text, " * like `t('home.title')`\n// t('home.title')")).toEqual([
      'home.title: shown by nothing',
    ]);
  });

  it.each([
    ['a plain string', "flash('home.status.new')"],
    ['the beginning of a key', "t('home.status.' + name)"],
    ['a template', 't(`home.status.${name}`)'],
    ['a template with blanks on both sides', 't(`${page}.status.${name}`)'],
    ['a key inside another template', "html`<b title=\"it's\">${t('home.status.new')}</b>`"],
  ])('knows a key in %s', (_title, source) => {
    const text = { status: { new: 'x' } };
    expect(check(text, text, source)).toEqual([]);
  });
});
