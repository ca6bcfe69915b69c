/** The list of imports, the form that starts one, and the routes of everything about one, in the order they are tried. */
import { join } from 'node:path';
import type { Response, Router } from 'express';
import { action, createRouter, page, type InvalidForm } from '../../http/declared-routes.ts';
import { declareListFiles } from '../../http/list-files.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { RuleViolation } from '../../shared/errors.ts';
import type { ExportJournal } from '../../shared/export-record.ts';
import { addConflictRoutes } from './conflict-routes.ts';
import { addBatchRoutes } from './import-batch-routes.ts';
import { importFileColumns } from './import-list-file.ts';
import { importListJson, presentImportList } from './import-list-presenter.ts';
import { addProgressRoute } from './import-progress-routes.ts';
import { addReportRoutes } from './import-report-routes.ts';
import { addRowRoutes } from './import-row-routes.ts';
import {
  BATCH_STATE_GROUPS,
  SOURCE_NAMES,
  importListQuery,
  newImportForm,
  newImportQuery,
  type ImportListQuery,
} from './import-schemas.ts';
import type { ImportScreens } from './import-screens.ts';
import { importsUrl, importTemplateUrl, importUrl, newImportUrl } from './urls.ts';

/** The heaviest workbook that is read. @see import rules, "Safety of a batch" */
const MAX_UPLOAD_BYTES = 50 * 1024 * 1024;

const DECIDERS = ['imports.decide_students', 'imports.decide_companies'] as const;

export interface ImportRoutesOptions {
  readonly imports: ImportScreens;
  readonly lists: ExportJournal;
  readonly clock: Clock;
  readonly config: { readonly dataDir: string; readonly getentUrl?: string | undefined };
}

export function importRoutes(options: ImportRoutesOptions): Router {
  const router = createRouter();
  addListRoute(router, options);
  addUploadRoutes(router, options);
  // Addresses with a word of their own come before those that take an id in its place.
  addConflictRoutes(router, options);
  addReportRoutes(router, options);
  addProgressRoute(router, options);
  addRowRoutes(router, options);
  addBatchRoutes(router, options);
  return router;
}

function addListRoute(router: Router, { imports, lists, clock }: ImportRoutesOptions): void {
  const filtersOf = (query: ImportListQuery) => ({
    q: query.q,
    states: query.etat ? BATCH_STATE_GROUPS[query.etat] : [],
    source: query.source ? SOURCE_NAMES[query.source] : null,
    oldestFirst: query.tri === 'date',
  });
  const find = (actor: Actor, query: ImportListQuery) =>
    imports.list(actor, { ...filtersOf(query), after: query.apres, before: query.avant });

  page(router, {
    path: `${importsUrl()}.json`,
    permission: 'imports.read',
    query: importListQuery,
    handler: async ({ res, actor, query }) => {
      res.json(importListJson(await find(actor, query)));
    },
  });

  page(router, {
    path: importsUrl(),
    permission: 'imports.read',
    query: importListQuery,
    handler: async ({ res, actor, query }) => {
      const found = await find(actor, query);
      renderPage(res, {
        view: 'imports/list',
        title: res.locals.page.t('imports.list.title'),
        locals: presentImportList(found, query, res.locals.page, clock.now()),
      });
    },
  });

  declareListFiles(
    router,
    { lists, clock },
    {
      list: 'imports',
      path: importsUrl(),
      permission: 'imports.read',
      query: importListQuery,
      columns: () => importFileColumns,
      open: (actor, query) => imports.everything(actor, filtersOf(query)),
    },
  );
}

function addUploadRoutes(router: Router, { imports, config }: ImportRoutesOptions): void {
  function showForm(res: Response, actor: Actor, problem: InvalidForm | null, forced: boolean): void {
    renderPage(res, {
      view: 'imports/new',
      title: res.locals.page.t('imports.new.title'),
      status: problem ? res.statusCode : 200,
      locals: {
        errors: problem?.errors ?? {},
        formError: problem?.formError ?? null,
        forced,
        maxBytes: MAX_UPLOAD_BYTES,
        takesStudents: hasPermission(actor, 'imports.decide_students'),
        takesCompanies: hasPermission(actor, 'imports.decide_companies'),
        getentIsSet: Boolean(config.getentUrl),
        templateUrl: importTemplateUrl(),
        listUrl: importsUrl(),
      },
    });
  }

  page(router, {
    path: newImportUrl(),
    permission: DECIDERS,
    query: newImportQuery,
    handler: ({ res, actor, query }) => showForm(res, actor, null, query.forcer !== null),
  });

  action(router, {
    path: importsUrl(),
    permission: DECIDERS,
    form: newImportForm,
    upload: { field: 'fichier', maxBytes: MAX_UPLOAD_BYTES, folder: join(config.dataDir, 'uploads') },
    handler: async ({ req, res, actor, form, file }) => {
      const force = form.forcer;
      if (form.source === 'students' && !file)
        throw new RuleViolation('FILE_MISSING', 'imports.form.file_missing', {
          fields: { fichier: 'imports.form.file_missing' },
        });
      const { id } =
        form.source === 'students' && file
          ? await imports.startFromUpload(actor, { path: file.path, fileName: file.fileName, force })
          : await imports.startFromGetent(actor, { force });
      redirectTo(req, res, importUrl(id));
    },
    invalid: ({ res, actor }, problem) => showForm(res, actor, problem, problem.values['forcer'] !== undefined),
  });
}
