import { beforeAll, describe, expect, it } from 'vitest';
import { configureRendering, renderPageToString, type PageContext } from '../../../src/http/render.ts';
import { translator } from '../../../src/i18n/index.ts';

beforeAll(() => configureRendering('test'));

function aPage(changes: Partial<PageContext> = {}): PageContext {
  return {
    site: 'admin',
    lang: 'fr',
    t: translator(changes.lang ?? 'fr'),
    csrfToken: 'token-1',
    actor: { id: 'u1', name: 'Claire Martin', email: 'claire@acme.example', initials: 'CM', roleLabels: ['Scolarité'] },
    can: () => true,
    nav: [{ key: 'students', href: '/etudiants', icon: 'users', active: true }],
    brand: {
      schoolName: 'ACME School',
      productName: 'ACME CRM',
      logoUrl: null,
      faviconUrl: null,
      stylesheetUrl: '/charte.css?v=1',
    },
    searches: true,
    theme: 'light',
    flash: null,
    environment: 'production',
    path: '/etudiants',
    query: '',
    requestId: 'request-1',
    isFragment: false,
    ...changes,
  };
}

const confirmation = {
  view: 'components/confirm-page',
  title: 'Archiver <Anne>',
  locals: { id: 'archive', title: 'Archiver <Anne> ?', action: '/x', confirmLabel: 'Archiver', cancelHref: '/' },
};

describe('a page', () => {
  it('stands in the layout of the site, with its title, navigation and token', () => {
    const page = renderPageToString(aPage(), confirmation);
    expect(page).toMatch(/^\s*<!doctype html>\s*<html lang="fr"/);
    expect(page).toContain('<title>Archiver &lt;Anne&gt; · ACME CRM</title>');
    expect(page).toContain('href="/etudiants"');
    expect(page).toContain('name="_csrf" value="token-1"');
    expect(page).toContain('href="/charte.css?v=1"');
  });

  it('escapes what it is given', () => {
    expect(renderPageToString(aPage(), confirmation)).toContain('Archiver &lt;Anne&gt; ?');
  });

  it('is only its title and body when htmx asks', () => {
    const fragment = renderPageToString(aPage({ isFragment: true }), confirmation);
    expect(fragment).not.toContain('<html');
    expect(fragment.trim()).toMatch(/^<title>/);
    expect(fragment).toContain('Archiver &lt;Anne&gt; ?');
    expect(fragment).not.toContain('id="flash"');
  });

  it('carries the flash out of band in a fragment', () => {
    const flash = { kind: 'success', key: 'common.actions.copied' } as const;
    const fragment = renderPageToString(aPage({ isFragment: true, flash }), confirmation);
    expect(fragment).toMatch(/id="flash" hx-swap-oob="true"/);
    expect(fragment).toContain('Copié');
  });

  it('says so when the environment is a test one', () => {
    expect(renderPageToString(aPage({ environment: 'test' }), confirmation)).toContain('environment-banner');
    expect(renderPageToString(aPage(), confirmation)).not.toContain('environment-banner');
  });
});

describe('the error page', () => {
  const statuses = [400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 418];

  it.each(statuses)('says what to do for %i, in both languages, without account', (status) => {
    for (const lang of ['fr', 'en'] as const) {
      const page = renderPageToString(aPage({ lang, actor: null, nav: [], csrfToken: '' }), {
        view: 'errors/error',
        title: 'x',
        status,
        layout: 'bare',
        locals: { status },
      });
      const kind = status === 418 ? 'default' : status;
      expect(page).toContain(translator(lang)(`errors.pages.${kind}.title`));
      expect(page).toContain('request-1');
    }
  });

  it('tells how long to wait', () => {
    const show = (waitSeconds: number) =>
      renderPageToString(aPage(), {
        view: 'errors/error',
        title: 'x',
        status: 429,
        locals: { status: 429, waitSeconds },
      });
    expect(show(40)).toContain('Réessayez dans 40 secondes.');
    expect(show(600)).toContain('Réessayez dans 10 minutes.');
  });
});

describe('a form field', () => {
  function field(locals: object): string {
    return renderPageToString(aPage({ isFragment: true }), { view: 'components/_field', title: '', locals });
  }

  it('ties its hint and its error to the control', () => {
    const markup = field({ name: 'city', label: 'Ville', value: 'Brest', hint: 'La commune', errors: ['Trop court'] });
    expect(markup).toContain('<label class="field-label" for="city">');
    expect(markup).toContain('aria-invalid="true"');
    expect(markup).toContain('aria-describedby="city-hint city-error"');
    expect(markup).toMatch(/id="city-error".*Trop court/s);
  });

  it('keeps what was typed, as it was typed', () => {
    const typed = '"><script>alert(1)</script>';
    expect(field({ name: 'city', label: 'Ville', value: typed })).toContain(
      'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"',
    );
    expect(field({ name: 'note', label: 'Note', kind: 'textarea', value: '\n  a' })).toContain('>\n\n  a</textarea>');
  });

  it('never sends a password back and keeps it out of drafts', () => {
    const markup = field({ name: 'password', label: 'Mot de passe', kind: 'password', value: 'secret' });
    expect(markup).not.toContain('secret');
    expect(markup).toContain('data-no-draft');
  });

  it('checks the chosen values of a group', () => {
    const options = ['a', 'b', 'c'].map((value) => ({ value, label: value }));
    const markup = field({ name: 'tags', label: 'Étiquettes', kind: 'multiselect', value: ['b'], options });
    expect(markup.match(/ checked/g)).toHaveLength(1);
    expect(markup).toMatch(/value="b" checked/);
  });
});

describe('a list', () => {
  const list = {
    id: 'students',
    path: '/etudiants',
    params: { q: 'le gall', tri: 'nom', ville: ['Brest', 'Lyon'] },
    q: 'le gall',
    searchLabel: 'Nom',
    totalText: '1 étudiant',
    sort: { key: 'nom', direction: 'asc' },
    pager: { previousHref: null, nextHref: '/etudiants?apres=x', rangeText: '' },
    activeFilters: [],
    clearHref: '/etudiants',
  };
  const columns = [{ key: 'name', label: 'Nom', sort: 'nom', main: true, cell: (row: { name: string }) => row.name }];

  it('sorts by links that keep the criteria, the other way round on the sorted column', () => {
    const markup = renderPageToString(aPage(), {
      view: 'components/_data-list',
      title: 'Étudiants',
      locals: { list, columns, rows: [{ id: '1', name: '<Le Gall>' }] },
    });
    expect(markup).toContain('aria-sort="ascending"');
    expect(markup).toContain('href="/etudiants?q=le+gall&amp;tri=-nom&amp;ville=Brest&amp;ville=Lyon"');
    expect(markup).toContain('&lt;Le Gall&gt;');
    expect(markup).toMatch(/rel="next"[^>]*href="\/etudiants\?apres=x"/);
  });

  it('tells how to find something when nothing matches', () => {
    const markup = renderPageToString(aPage(), {
      view: 'components/_data-list',
      title: 'Étudiants',
      locals: { list, columns, rows: [] },
    });
    expect(markup).toContain('Aucun résultat');
    expect(markup).toContain('Effacer les filtres');
  });
});

describe('a component', () => {
  it('sees only what it is given, never the names around it', () => {
    // The page head passes no "lead" to its menu, nor "title": the menu has its own items only.
    const markup = renderPageToString(aPage({ isFragment: true }), {
      view: 'components/_page-header',
      title: '',
      locals: { title: 'Fiche', lead: 'Une phrase', menu: [{ label: 'Archiver', href: '/a' }] },
    });
    expect(markup.match(/Une phrase/g)).toHaveLength(1);
    expect(markup).toContain('Archiver');
  });

  it('fails loudly when it does not exist or an icon is unknown', () => {
    expect(() => renderPageToString(aPage(), { view: 'components/_absent', title: '' })).toThrow(/No template/);
    expect(() => renderPageToString(aPage(), { view: '../package', title: '' })).toThrow(/No template/);
    expect(() =>
      renderPageToString(aPage(), {
        view: 'components/_empty-state',
        title: '',
        locals: { icon: 'no-such-icon', title: 'Rien' },
      }),
    ).toThrow(/no-such-icon/);
  });
});
