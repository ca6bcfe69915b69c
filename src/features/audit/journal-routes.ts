import type { Router } from 'express';
import { createRouter, page } from '../../http/declared-routes.ts';
import { renderPage } from '../../http/render.ts';
import { journalJson, presentJournal } from './journal-presenter.ts';
import { journalQuery, type JournalQuery } from './journal-schemas.ts';
import type { JournalFilters, JournalService } from './journal-service.ts';
import { journalPath } from './urls.ts';

function filtersOf(query: JournalQuery): JournalFilters {
  return {
    q: query.q,
    action: query.action,
    actor: query.acteur,
    subjectType: query.objet,
    subjectId: query.fiche,
    from: query.du,
    to: query.au,
    after: query.apres,
    before: query.avant,
  };
}

export function journalRoutes({ journal }: { readonly journal: JournalService }): Router {
  const router = createRouter();

  page(router, {
    path: `${journalPath}.json`,
    permission: 'audit.read',
    query: journalQuery,
    handler: async ({ res, actor, query }) => {
      res.json(journalJson(await journal.list(actor, filtersOf(query))));
    },
  });

  page(router, {
    path: journalPath,
    permission: 'audit.read',
    query: journalQuery,
    handler: async ({ res, actor, query }) => {
      const [found, choices] = await Promise.all([journal.list(actor, filtersOf(query)), journal.choices()]);
      renderPage(res, {
        view: 'journal/journal',
        title: res.locals.page.t('audit.title'),
        locals: presentJournal(found, choices, query, res.locals.page),
      });
    },
  });

  return router;
}
