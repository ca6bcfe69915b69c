/**
 * The routes of a list: its page, its JSON, its exports, and what is done with a selection. A feature declares the list
 * and its look; nothing here knows which list it is.
 * @see docs/decisions/011-lists.md
 */
import type { Request, Router } from 'express';
import type { ListDefinition, ListRow } from '../../db/list-definition.ts';
import { action, page } from '../../http/declared-routes.ts';
import { fileLinks, sendListFile, type FileFormat } from '../../http/list-files.ts';
import {
  chosenColumns,
  fileColumns,
  listLocals,
  readableColumns,
  shapeFor,
  type ListLook,
} from '../../http/list-page.ts';
import { renderPage, type PageContext } from '../../http/render.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import {
  listQueryString,
  parseQueryString,
  readListState,
  type ListState,
  type QueryInput,
} from '../../shared/list-state.ts';
import type { Permission } from '../../shared/permissions.ts';
import type { ListService } from './list-service.ts';
import { chosenRows, selectionForm } from './list-schemas.ts';
import { bulkTagUrl, exportSelectionUrl, saveViewUrl, savedViewsUrl } from './urls.ts';

/** A list and the way its rows are shown. */
export interface DeclaredList<Row extends ListRow> {
  readonly definition: ListDefinition<Row>;
  readonly look: ListLook<Row>;
}

/** Declares `GET <path>`, `<path>.json|csv|xlsx` and `POST <path>/export.csv|xlsx` on a router. */
export function declareList<Row extends ListRow>(
  router: Router,
  { lists }: { lists: ListService },
  { definition, look }: DeclaredList<Row>,
): void {
  const { path, permissions } = definition;

  const stateOf = (actor: Actor, query: QueryInput): ListState => readListState(query, shapeFor(definition, actor));

  async function showPage(actor: Actor, req: Request, context: PageContext): Promise<object> {
    const shape = shapeFor(definition, actor);
    const state = readListState(req.query, shape);
    const arrangement = await lists.arrangement(actor, definition.key);
    const columns = chosenColumns(definition, actor, state.columns ?? arrangement.columns);
    if (state.columns && state.columns.join() !== arrangement.columns?.join())
      await lists.rememberColumns(actor, definition.key, state.columns);
    const found = await lists.page({ definition, actor, state, columns });
    return listLocals({
      definition,
      look,
      context: lists.contextFor(actor),
      page: context,
      shape,
      state,
      columns,
      found,
      views: arrangement.views.map(({ name, query, isMine, ownerName, roleLabel }) => ({
        name,
        query,
        isShared: roleLabel !== null,
        detail: isMine ? roleLabel : context.t('lists.views.by', { name: ownerName, role: roleLabel }),
      })),
      saving: {
        action: saveViewUrl(definition.key),
        manageHref: savedViewsUrl(),
        scopes: arrangement.roles.map(({ id, label }) => ({ value: id, label })),
      },
      exports: mayExport(actor) ? fileLinks(path) : [],
      bulkActions: bulkActions(actor, context),
    });
  }

  function bulkActions(actor: Actor, { t }: PageContext): object[] {
    const actions: object[] = [];
    if (permissions.tag && hasPermission(actor, permissions.tag))
      actions.push({ label: t('lists.bulk.tag'), action: bulkTagUrl(path), icon: 'tag' });
    if (mayExport(actor))
      for (const format of ['csv', 'xlsx'] as const)
        actions.push({
          label: t(`lists.bulk.export_${format}`),
          action: exportSelectionUrl(path, format),
          icon: format === 'csv' ? 'file-type-csv' : 'file-type-xls',
        });
    return actions;
  }

  const mayExport = (actor: Actor): boolean => permissions.export !== null && hasPermission(actor, permissions.export);

  async function sendFile(
    actor: Actor,
    req: Request,
    format: FileFormat,
    selection: { state: ListState; ids: readonly string[] | null },
  ): Promise<void> {
    const right: Permission | null = permissions.export;
    if (right === null || !mayExport(actor)) throw new ForbiddenError();
    const res = req.res;
    if (!res) throw new Error('The request has no response');
    const { state, ids } = selection;
    const kept = state.columns ?? (await lists.arrangement(actor, definition.key)).columns;
    const columns = fileColumns(definition, actor, kept);
    const request = { definition, actor, state: { ...state, place: null }, columns, permissions: [right], ids };
    await sendListFile(res, actor, lists, {
      list: definition.key,
      path,
      now: lists.contextFor(actor).now,
      format,
      query: listQueryString(state, definition),
      columns,
      rows: await lists.total(request),
      selected: ids?.length ?? null,
      chunks: lists.chunks(request),
    });
  }

  page(router, {
    path: `${path}{.:format}`,
    permission: permissions.read,
    async handler({ req, res, actor, params }) {
      switch (params['format']) {
        case undefined: {
          const context = res.locals.page;
          const locals = await showPage(actor, req, context);
          renderPage(res, { view: 'lists/list', title: context.t(`${look.texts}.title`), locals });
          return;
        }
        case 'json': {
          const state = stateOf(actor, req.query);
          const columns = state.columns
            ? chosenColumns(definition, actor, state.columns)
            : readableColumns(definition, actor);
          const found = await lists.page({ definition, actor, state, columns }, { patience: 'exact' });
          res.json({ rows: found.rows, total: found.total, next: found.next, previous: found.previous });
          return;
        }
        case 'csv':
        case 'xlsx':
          await sendFile(actor, req, params['format'], { state: stateOf(actor, req.query), ids: null });
          return;
        default:
          throw new NotFoundError();
      }
    },
  });

  if (permissions.export === null) return;
  action(router, {
    path: `${path}/export.:format`,
    permission: permissions.export,
    form: selectionForm,
    async handler({ req, actor, params, form }) {
      const { format } = params;
      if (format !== 'csv' && format !== 'xlsx') throw new NotFoundError();
      const chosen = chosenRows(form);
      if (!chosen) throw new RuleViolation('NOTHING_CHOSEN', 'lists.bulk.nothing_chosen');
      const state = stateOf(actor, parseQueryString(chosen.query));
      await sendFile(actor, req, format, { state, ids: chosen.ids });
    },
  });
}
