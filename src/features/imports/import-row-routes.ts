/** One row of an import: its cells, its faults, its correction; and the persons whom an import no longer names. */
import type { Response, Router } from 'express';
import { action, page, type InvalidForm } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { ForbiddenError, NotFoundError } from '../../shared/errors.ts';
import { presentMissing } from './import-missing-presenter.ts';
import { NOTHING_TYPED, presentRow, type Typed } from './import-row-presenter.ts';
import type { ImportRoutesOptions } from './import-routes.ts';
import { correctionForm, pagedQuery } from './import-schemas.ts';
import type { BatchDetail, ImportScreens } from './import-screens.ts';
import { importRowUrl, importUrl } from './urls.ts';

const DECIDERS = ['imports.decide_students', 'imports.decide_companies'] as const;
/** Rows of companies hold no person's data: whoever decides about them reads them; the batch says which rows it shows. */
export const ROW_READERS = ['imports.read_rows', 'imports.decide_companies'] as const;

interface Place {
  readonly id: string;
  readonly rowNumber: number;
}

/** @throws ForbiddenError when the actor sees of the batch its totals alone */
export async function readableBatch(imports: ImportScreens, actor: Actor, id: string): Promise<BatchDetail> {
  const batch = await imports.get(actor, id);
  if (!batch.mayReadRows) throw new ForbiddenError();
  return batch;
}

/** @throws NotFoundError for what is no row number */
function placeOf(params: Readonly<Record<string, string>>): Place {
  const row = params['row'] ?? '';
  if (!/^[1-9]\d{0,6}$/.test(row)) throw new NotFoundError();
  return { id: params['id'] ?? '', rowNumber: Number(row) };
}

export function addRowRoutes(router: Router, { imports, clock }: ImportRoutesOptions): void {
  async function showRow(res: Response, actor: Actor, place: Place, typed: Typed, status = 200): Promise<void> {
    const batch = await readableBatch(imports, actor, place.id);
    const row = await imports.row(actor, place.id, place.rowNumber);
    const locals = presentRow(batch, row, typed, res.locals.page);
    renderPage(res, { view: 'imports/row', title: locals.title, status, locals });
  }

  page(router, {
    path: '/imports/:id/lignes/:row',
    permission: ROW_READERS,
    handler: ({ res, actor, params }) => showRow(res, actor, placeOf(params), NOTHING_TYPED),
  });

  action(router, {
    path: '/imports/:id/lignes/:row',
    permission: DECIDERS,
    form: correctionForm,
    handler: async ({ req, res, actor, params, form }) => {
      const place = placeOf(params);
      const { cells, values } = cellsOf(form);
      const result = await imports.correctRow(actor, { ...place, cells });
      if (result.outcome === 'rejected') {
        const typed = { values, issues: result.issues, suggestion: result.suggestion, errors: {} };
        await showRow(res, actor, place, typed, 422);
        return;
      }
      const { nextRejected } = await imports.row(actor, place.id, place.rowNumber);
      redirectTo(req, res, nextRejected === null ? importUrl(place.id) : importRowUrl(place.id, nextRejected), {
        kind: 'success',
        key: `imports.flash.corrected_${result.outcome === 'created' ? 'created' : 'updated'}`,
        params: { row: String(place.rowNumber) },
      });
    },
    invalid: ({ res, actor, params }, problem) =>
      showRow(res, actor, placeOf(params), refusedForm(problem), res.statusCode),
  });

  page(router, {
    path: '/imports/:id/absents',
    permission: ROW_READERS,
    query: pagedQuery,
    handler: async ({ res, actor, params, query }) => {
      const id = params['id'] ?? '';
      const batch = await readableBatch(imports, actor, id);
      const found = await imports.missing(actor, { id, after: query.apres, before: query.avant });
      renderPage(res, {
        view: 'imports/missing',
        title: res.locals.page.t('imports.missing.title'),
        locals: presentMissing(batch, found, res.locals.page, clock.now()),
      });
    },
  });
}

/** An empty NIR keeps the one of the file, which the page never shows. */
function cellsOf(form: Readonly<Record<string, string | undefined>>) {
  const typed = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    values: Object.fromEntries(typed.filter(([field]) => field !== 'nir')),
    cells: Object.fromEntries(typed.filter(([field, value]) => field !== 'nir' || value.trim() !== '')),
  };
}

function refusedForm({ values, errors }: InvalidForm): Typed {
  return { values, issues: null, suggestion: null, errors };
}
