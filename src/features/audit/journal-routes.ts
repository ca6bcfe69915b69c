import type { Router } from 'express';
import { createRouter, page } from '../../http/declared-routes.ts';
import { declareListFiles, type FileServices } from '../../http/list-files.ts';
import { renderPage } from '../../http/render.ts';
import { journalFileColumns } from './journal-file.ts';
import { journalJson, presentJournal } from './journal-presenter.ts';
import { journalQuery, type JournalQuery } from './journal-schemas.ts';
import { readsJournalContent, type JournalFilters, type JournalService } from './journal-service.ts';
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
    oldestFirst: query.tri === 'date',
    after: query.apres,
    before: query.avant,
  };
}

export interface JournalRoutesServices extends FileServices {
  readonly journal: JournalService;
}

export function journalRoutes({ journal, lists, clock }: JournalRoutesServices): Router {
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

  declareListFiles(
    router,
    { lists, clock },
    {
      list: 'journal',
      path: journalPath,
      permission: 'audit.read',
      query: journalQuery,
      columns: (actor, { lang }) => journalFileColumns(readsJournalContent(actor), lang),
      open: (actor, query) => journal.everything(actor, filtersOf(query)),
    },
  );

  return router;
}
