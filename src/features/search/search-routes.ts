import type { Response, Router } from 'express';
import { z } from 'zod';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderFragment, renderPage } from '../../http/render.ts';
import { hideNirs, holdsTypedNir } from '../../shared/nir.ts';
import type { SearchGroup, SearchService } from './search-service.ts';

const searchQuery = z.object({ q: z.string().max(200).catch('').default('') });
const searchForm = z.strictObject({ q: z.string().max(200).default('') });

const SUGGESTIONS = 5;
const RESULTS = 10;
/** Whoever holds one of these has something to search. */
export const SEARCH_PERMISSIONS = ['students.read', 'companies.read', 'contacts.read'] as const;

export function searchRoutes({ search }: { search: SearchService }): Router {
  const router = createRouter();

  /** @param typed what was looked for; a number in it is shown masked, as titles and answers are kept too */
  function answer(res: Response, format: string | undefined, typed: string, groups: readonly SearchGroup[]): void {
    const q = hideNirs(typed, { evenMistyped: true });
    if (format === 'json') res.json({ q, groups });
    else renderPage(res, { view: 'search/results', title: res.locals.page.t('search.title'), locals: { q, groups } });
  }

  page(router, {
    path: '/recherche{.:format}',
    permission: SEARCH_PERMISSIONS,
    query: searchQuery,
    handler: async ({ res, actor, params, query: { q } }) =>
      answer(res, params['format'], q, await search.search(actor, q, RESULTS)),
  });

  // What the box sends. A number is answered here and now, at an address that does not hold it; anything else has an address.
  action(router, {
    path: '/recherche',
    permission: SEARCH_PERMISSIONS,
    form: searchForm,
    handler: async ({ req, res, actor, form: { q } }) => {
      if (req.get('HX-Target') === 'search-suggestions') {
        const groups = await search.search(actor, q, SUGGESTIONS);
        const fragment = renderFragment(res.locals.page, 'search/_suggestions', {
          q: hideNirs(q, { evenMistyped: true }),
          groups,
        });
        res.vary('HX-Target').type('html').send(fragment.toString());
        return;
      }
      if (!holdsTypedNir(q)) {
        redirectTo(req, res, `/recherche?q=${encodeURIComponent(q)}`);
        return;
      }
      answer(res, undefined, q, await search.search(actor, q, RESULTS));
    },
  });

  action(router, {
    path: '/recherche.json',
    permission: SEARCH_PERMISSIONS,
    form: searchForm,
    handler: async ({ res, actor, form: { q } }) => answer(res, 'json', q, await search.search(actor, q, RESULTS)),
  });

  return router;
}
