/** One import: its page in every state, and what is decided there. */
import type { Response, Router } from 'express';
import { action, page } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { ConflictError } from '../../shared/errors.ts';
import { presentBatch } from './import-batch-presenter.ts';
import { presentRows } from './import-row-presenter.ts';
import type { ImportRoutesOptions } from './import-routes.ts';
import { batchQuery, versionForm, type BatchQuery } from './import-schemas.ts';
import type { BatchDetail } from './import-screens.ts';
import { confirmConsequences, isWorking, undoConsequences } from './import-summary-presenter.ts';
import { importConfirmationUrl, importDiscardUrl, importUndoUrl, importUrl } from './urls.ts';

const DECIDERS = ['imports.decide_students', 'imports.decide_companies'] as const;
const NO_CRITERIA: BatchQuery = { resultat: null, code: null, apres: null, avant: null };

export function addBatchRoutes(router: Router, { imports, clock }: ImportRoutesOptions): void {
  const reader = (res: Response) => ({ t: res.locals.page.t, lang: res.locals.page.lang, now: clock.now() });

  async function showBatch(res: Response, actor: Actor, id: string, query: BatchQuery, status = 200): Promise<void> {
    const batch = await imports.get(actor, id);
    const filters = { outcome: query.resultat, code: query.code };
    const hasRows = batch.mayReadRows && batch.totals !== null && !isWorking(batch.state);
    const found = hasRows
      ? await imports.rows(actor, { id, ...filters, after: query.apres, before: query.avant })
      : null;
    renderPage(res, {
      view: 'imports/batch',
      title: batch.fileName,
      status,
      locals: {
        batch: presentBatch(batch, filters, reader(res)),
        table: found ? presentRows(batch, found, filters, res.locals.page) : null,
        isStale: status === 409,
        refreshSeconds: isWorking(batch.state) ? 5 : null,
      },
    });
  }

  page(router, {
    path: '/imports/:id',
    permission: 'imports.read',
    query: batchQuery,
    handler: ({ res, actor, params, query }) => showBatch(res, actor, params['id'] ?? '', query),
  });

  /** The question asked before a decision, as a page: the dialog of the batch's page asks the same. */
  function question(path: string, name: 'confirm' | 'discard' | 'undo', look: Look): void {
    page(router, {
      path,
      permission: DECIDERS,
      handler: async ({ res, actor, params }) => {
        const { t } = res.locals.page;
        const batch = await imports.get(actor, params['id'] ?? '');
        renderPage(res, {
          view: 'components/confirm-page',
          title: t(`imports.${name}.title`),
          locals: {
            id: name,
            title: t(`imports.${name}.title`),
            message: t(`imports.${name}.message`),
            confirmLabel: t(`imports.${name}.submit`),
            cancelLabel: t(`imports.${name}.keep`),
            consequences: look.consequences(batch, reader(res)),
            tone: look.tone,
            action: look.action(batch.id),
            cancelHref: importUrl(batch.id),
            fields: { version: batch.version },
          },
        });
      },
    });
  }

  /** A decision: the batch's page, or its page as it stands now (409) when someone decided first. */
  function decision(path: string, flash: string, decide: typeof imports.confirm): void {
    action(router, {
      path,
      permission: DECIDERS,
      form: versionForm,
      handler: async ({ req, res, actor, params, form }) => {
        const id = params['id'] ?? '';
        try {
          await decide(actor, { id, version: form.version });
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
          await showBatch(res, actor, id, NO_CRITERIA, 409);
          return;
        }
        redirectTo(req, res, importUrl(id), { kind: 'success', key: flash });
      },
    });
  }

  question('/imports/:id/confirmation', 'confirm', {
    action: importConfirmationUrl,
    tone: 'warning',
    consequences: confirmConsequences,
  });
  decision('/imports/:id/confirmation', 'imports.flash.confirmed', (actor, input) => imports.confirm(actor, input));

  question('/imports/:id/abandon', 'discard', { action: importDiscardUrl, tone: 'warning', consequences: () => [] });
  decision('/imports/:id/abandon', 'imports.flash.discarded', (actor, input) => imports.discard(actor, input));

  question('/imports/:id/annulation', 'undo', {
    action: importUndoUrl,
    tone: 'danger',
    consequences: undoConsequences,
  });
  decision('/imports/:id/annulation', 'imports.flash.undoing', (actor, input) => imports.cancel(actor, input));
}

interface Look {
  readonly action: (id: string) => string;
  readonly tone: 'warning' | 'danger';
  readonly consequences: (batch: BatchDetail, reader: Parameters<typeof presentBatch>[2]) => string[];
}
