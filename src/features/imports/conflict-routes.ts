/** The queue of edits that the file and the CRM made differently. */
import type { Router } from 'express';
import { action, page } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { parseQueryString } from '../../shared/list-state.ts';
import { presentConflicts } from './conflict-presenter.ts';
import type { ImportRoutesOptions } from './import-routes.ts';
import { conflictDecisionForm, conflictListQuery } from './import-schemas.ts';
import { conflictDecisionUrl, conflictsUrl } from './urls.ts';

const DECIDERS = ['imports.decide_students', 'imports.decide_companies'] as const;

/** The list as it was, at its first page: what was decided is gone from it. */
function listAgain(query: string): string {
  const { q, fiche, lot } = conflictListQuery.parse(parseQueryString(query));
  const kept = Object.entries({ q, fiche, lot }).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return conflictsUrl(Object.fromEntries(kept));
}

export function addConflictRoutes(router: Router, { imports, clock }: ImportRoutesOptions): void {
  page(router, {
    path: conflictsUrl(),
    permission: DECIDERS,
    query: conflictListQuery,
    handler: async ({ res, actor, query }) => {
      const found = await imports.conflicts(actor, {
        q: query.q,
        subjectId: query.fiche,
        batchId: query.lot,
        after: query.apres,
        before: query.avant,
      });
      renderPage(res, {
        view: 'imports/conflicts',
        title: res.locals.page.t('imports.conflicts.title'),
        locals: presentConflicts(found, query, res.locals.page, clock.now()),
      });
    },
  });

  for (const [choice, decision] of [
    ['crm', 'keep_crm'],
    ['fichier', 'take_file'],
  ] as const) {
    action(router, {
      path: conflictDecisionUrl(choice),
      permission: DECIDERS,
      form: conflictDecisionForm,
      handler: async ({ req, res, actor, form }) => {
        const { decided, left } = await imports.decideConflicts(actor, { ids: form.ids, decision });
        redirectTo(
          req,
          res,
          listAgain(form.requete ?? ''),
          left === 0
            ? { kind: 'success', key: `imports.flash.${decision}`, params: { decided: String(decided) } }
            : {
                kind: 'warning',
                key: 'imports.flash.some_left',
                params: { decided: String(decided), left: String(left) },
              },
        );
      },
    });
  }
}
