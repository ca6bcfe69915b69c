import type { Router } from 'express';
import { z } from 'zod';
import { createRouter, page } from '../../http/declared-routes.ts';
import { renderFragment, renderPage } from '../../http/render.ts';
import type { SearchService } from './search-service.ts';

const searchQuery = z.object({ q: z.string().max(200).catch('').default('') });

const SUGGESTIONS = 5;
const RESULTS = 10;
const READERS = ['students.read', 'companies.read', 'contacts.read'] as const;

export function searchRoutes({ search }: { search: SearchService }): Router {
  const router = createRouter();

  page(router, {
    path: '/recherche{.:format}',
    permission: READERS,
    query: searchQuery,
    handler: async ({ req, res, actor, params, query: { q } }) => {
      const suggests = req.get('HX-Target') === 'search-suggestions';
      const groups = await search.search(actor, q, suggests ? SUGGESTIONS : RESULTS);
      if (params['format'] === 'json') {
        res.json({ q, groups });
        return;
      }
      if (suggests) {
        res
          .vary('HX-Target')
          .type('html')
          .send(renderFragment(res.locals.page, 'search/_suggestions', { q, groups }).toString());
        return;
      }
      renderPage(res, { view: 'search/results', title: res.locals.page.t('search.title'), locals: { q, groups } });
    },
  });

  return router;
}
