import { describe, expect, it } from 'vitest';
import { attributes, html, SafeHtml } from '../../../src/http/safe-html.ts';
import { initialsOf } from '../../../src/http/ui-badges.ts';
import { hiddenFields, href, partLink } from '../../../src/http/ui-links.ts';
import { change, highlight } from '../../../src/http/ui-text.ts';
import { uiFor } from '../../../src/http/ui.ts';
import { translator } from '../../../src/i18n/index.ts';

describe('html', () => {
  it('escapes values, keeps SafeHtml, joins lists and drops what is absent', () => {
    const parts = [html`<b>${'a & b'}</b>`, '<i>', null];
    expect(String(html`<p title="${'"x"'}">${parts}${false}${0}</p>`)).toBe(
      '<p title="&#34;x&#34;"><b>a &amp; b</b>&lt;i&gt;0</p>',
    );
  });
});

describe('attributes', () => {
  it('prints true as a name, leaves out what is absent and escapes the rest', () => {
    expect(String(attributes({ id: 'a', hidden: true, open: false, title: null, 'data-x': '<"' }))).toBe(
      ' id="a" hidden data-x="&lt;&#34;"',
    );
  });

  it('refuses a name that could carry something else', () => {
    expect(() => attributes({ 'x onclick': '1' })).toThrow(/Not an attribute name/);
  });
});

describe('highlight', () => {
  it.each([
    ['Élodie Le Gall', 'elodie', '<mark>Élodie</mark> Le Gall'],
    ['Le Gall Anne-Sophie', 'sophie le', '<mark>Le</mark> Gall Anne-<mark>Sophie</mark>'],
    ['<b>Müller</b>', 'muller', '&lt;b&gt;<mark>Müller</mark>&lt;/b&gt;'],
    ['O’Connor', 'x', 'O’Connor'],
    ['Dupont', '', 'Dupont'],
    ['aaaa', 'aa a', '<mark>aa</mark><mark>aa</mark>'],
    ['İstanbul 👩‍🎓 Œuvre', 'œuvre', 'İstanbul 👩‍🎓 <mark>Œuvre</mark>'],
  ])('marks in %j the words of %j', (text, query, expected) => {
    expect(String(highlight(text, query))).toBe(expected);
  });

  it('prints nothing for an absent text', () => {
    expect(String(highlight(null, 'x'))).toBe('');
  });
});

describe('href', () => {
  it.each([
    [{ q: 'le gall', tri: null }, {}, '/l?q=le+gall'],
    [{ q: 'a', apres: 'x' }, { apres: null, tri: '-nom' }, '/l?q=a&tri=-nom'],
    [{ ville: ['Brest', 'Lyon'], q: '' }, {}, '/l?ville=Brest&ville=Lyon'],
    [{}, {}, '/l'],
  ])('of %j changed by %j is %j', (params, changes, expected) => {
    expect(href('/l', params, changes)).toBe(expected);
  });

  it('goes through hidden fields the same way', () => {
    expect(String(hiddenFields({ q: '"', ville: ['a', 'b'], tri: null }))).toBe(
      '<input type="hidden" name="q" value="&#34;"><input type="hidden" name="ville" value="a"><input type="hidden" name="ville" value="b">',
    );
  });

  it('is a real link that htmx follows for one part', () => {
    expect(String(partLink('/l?a=1&b=2', 'list'))).toContain(' href="/l?a=1&amp;b=2" hx-get="/l?a=1&amp;b=2"');
  });
});

describe('initialsOf', () => {
  it.each([
    ['Anne-Sophie Le Gall', 'AG'],
    ['élodie', 'É'],
    ['  ', ''],
    ['𝒜lpha Beta', '𝒜B'],
  ])('of %j are %j', (name, expected) => {
    expect(initialsOf(name)).toBe(expected);
  });
});

describe('change', () => {
  it('names an empty side and escapes both', () => {
    const markup = String(change(null, '<x>', '(vide)'));
    expect(markup).toContain('(vide)');
    expect(markup).toContain('&lt;x&gt;');
  });
});

describe('the helpers of a language', () => {
  const ui = uiFor(translator('fr'), 'fr');

  it('write numbers, shares and sizes as French people do', () => {
    expect(ui.number(1234567).replaceAll(/\s/g, ' ')).toBe('1 234 567');
    expect(ui.percent(0.125).replaceAll(/\s/g, ' ')).toBe('12,5 %');
    expect(ui.megabytes(52_428_800)).toBe('50 Mo');
  });

  it('say each status in words', () => {
    expect(String(ui.statusBadge('student', 'en_fonction'))).toContain('En fonction');
    expect(ui.statusBadge('batch', 'applied')).toBeInstanceOf(SafeHtml);
  });

  it('are made once per language', () => {
    expect(uiFor(translator('fr'), 'fr')).toBe(ui);
    expect(uiFor(translator('en'), 'en')).not.toBe(ui);
  });
});
