/**
 * What the component `_data-list` needs, from a list's declaration and what was read of it. A feature gives the cells that
 * are more than text; everything else is the same for every list.
 * @see views/components/_data-list.ejs
 */
import type { AnyList, FilterOption, ListColumn, ListContext, ListFilter, ListRow } from '../db/list-definition.ts';
import { readableColumns } from '../db/list-definition.ts';

export { chosenColumns, fileColumns, readableColumns, shapeFor } from '../db/list-definition.ts';
import type { ListPage } from '../db/list-reader.ts';
import { formatDateTime } from '../shared/dates.ts';
import {
  listParams,
  listQueryString,
  parseQueryString,
  readListState,
  sortText,
  type ListShape,
  type ListState,
} from '../shared/list-state.ts';
import type { PageContext } from './render.ts';
import type { SafeHtml } from './safe-html.ts';
import { uiFor, type Ui } from './ui.ts';
import { href } from './ui-links.ts';

/** What a cell may use. */
export interface CellTools {
  readonly ui: Ui;
  readonly t: PageContext['t'];
  readonly lang: PageContext['lang'];
  readonly can: PageContext['can'];
  /** What was searched, for `ui.highlight`. */
  readonly q: string;
  readonly now: Date;
}

export type Cell<Row> = (row: Row, tools: CellTools) => string | SafeHtml | null;

/** How the rows of a list are shown. */
export interface ListLook<Row extends ListRow> {
  /**
   * Prefix of the texts: `title`, `lead`, `search`, `total` (count), `total_beyond` (count), `empty_title`, `empty_text`.
   */
  readonly texts: string;
  /** Cells by column; a column without one shows its export value. */
  readonly cells: Readonly<Record<string, Cell<Row>>>;
  /** Columns by look: `main` (the one that names the row), `number`, `tight`, `wordy` (labels of several words), `soft`. */
  readonly looks?: Readonly<Record<string, 'main' | 'number' | 'tight' | 'wordy' | 'soft'>>;
  /** Name of a row, for the box that selects it. */
  readonly rowLabel: (row: Row) => string;
  readonly rowClass?: (row: Row) => string | null;
  /** Actions of the page's header (see _page-header). */
  readonly actions?: (page: PageContext) => readonly object[];
  /** Next steps of an empty list. */
  readonly emptyActions?: (page: PageContext) => readonly object[];
  readonly emptyIcon?: string;
}

/** A saved view as the toolbar shows it. */
export interface ViewLink {
  readonly name: string;
  readonly query: string;
  readonly isShared: boolean;
  readonly detail: string | null;
}

export interface ListPageInput<Row extends ListRow> {
  readonly definition: AnyList;
  readonly look: ListLook<Row>;
  readonly context: ListContext;
  readonly page: PageContext;
  readonly shape: ListShape;
  readonly state: ListState;
  readonly columns: readonly ListColumn<Row>[];
  readonly found: ListPage<Row> & { readonly total: number | null };
  readonly views: readonly ViewLink[];
  /** Where the present view is saved, and with whom it may be shared. */
  readonly saving: { readonly action: string; readonly manageHref: string; readonly scopes: readonly FilterOption[] };
  readonly exports: readonly { readonly format: 'csv' | 'xlsx'; readonly href: string }[];
  readonly bulkActions: readonly object[];
}

/** Locals of the view `lists/list`. */
export async function listLocals<Row extends ListRow>(input: ListPageInput<Row>): Promise<object> {
  const { definition, look, page, shape, state, columns, found } = input;
  const { t } = page;
  const ui = uiFor(t, page.lang);
  const tools: CellTools = { ui, t, lang: page.lang, can: page.can, q: state.q, now: input.context.now };
  const params = listParams(state, shape);
  const url = (changes: Parameters<typeof href>[2] = {}) => href(definition.path, params, changes);
  const { filters, active } = await filterLocals(input);
  const last = found.firstRank + found.rows.length - 1;
  const total = found.total === null ? null : Math.max(found.total, found.rows.length);
  return {
    header: {
      title: t(`${look.texts}.title`),
      lead: t(`${look.texts}.lead`),
      actions: look.actions?.(page) ?? [],
    },
    list: {
      id: definition.key,
      path: definition.path,
      params: { ...params, tri: sortText(state.sort) },
      q: state.q,
      searchLabel: t(`${look.texts}.search`),
      totalText:
        total === null ? t(`${look.texts}.total_beyond`, { count: last }) : t(`${look.texts}.total`, { count: total }),
      sort: { key: state.sort.key, direction: state.sort.descending ? 'desc' : 'asc' },
      pager: pagerOf(input, last, total),
      activeFilters: active.map(({ label, value, changes }) => ({ label, value, removeHref: url(changes) })),
      clearHref: href(definition.path, { tri: params['tri'], colonnes: params['colonnes'], limite: params['limite'] }),
      savedFilters: savedViews(input),
      columnPicker: readableColumns(definition, input.context.actor).map((column) => ({
        key: column.key,
        label: t(column.label),
        visible: columns.some(({ key }) => key === column.key),
        locked: column.shown === 'always',
      })),
      exports: input.exports,
      bulk: input.bulkActions.length > 0 ? { total: found.total, actions: input.bulkActions } : null,
    },
    columns: columns.map((column) => {
      const look = input.look.looks?.[column.key];
      const cell = input.look.cells[column.key];
      return {
        key: column.key,
        label: t(column.label),
        sort: column.sort && shape.sorts.includes(column.sort) ? column.sort : undefined,
        ...(look ? { [look]: true } : {}),
        cell: (row: Row) => (cell ? cell(row, tools) : plainCell(column, row, tools)),
      };
    }),
    rows: found.rows,
    filters,
    rowLabel: look.rowLabel,
    rowClass: look.rowClass ?? null,
    empty: {
      icon: look.emptyIcon ?? 'inbox',
      title: t(`${look.texts}.empty_title`),
      text: t(`${look.texts}.empty_text`),
      actions: look.emptyActions?.(page) ?? [],
    },
  };
}

function plainCell<Row extends ListRow>(column: ListColumn<Row>, row: Row, { t, lang, ui }: CellTools): string | null {
  const value = column.value(row, t);
  if (value instanceof Date) return formatDateTime(value, lang);
  return typeof value === 'number' ? ui.number(value) : value;
}

function pagerOf<Row extends ListRow>(
  { definition, page, shape, state, found }: ListPageInput<Row>,
  last: number,
  total: number | null,
) {
  if (found.rows.length === 0) return null;
  const params = listParams(state, shape);
  const range = { from: found.firstRank, to: Math.max(last, found.firstRank) };
  return {
    previousHref: found.previous ? href(definition.path, params, { avant: found.previous }) : null,
    nextHref: found.next ? href(definition.path, params, { apres: found.next }) : null,
    rangeText:
      total === null
        ? page.t('lists.range', range)
        : page.t('lists.range_of', { ...range, to: Math.min(range.to, Math.max(total, found.firstRank)), total }),
  };
}

function savedViews<Row extends ListRow>({ definition, page, shape, state, views, saving }: ListPageInput<Row>) {
  const current = listQueryString(state, shape);
  const items = views.map((view) => ({
    label: view.name,
    href: view.query === '' ? definition.path : `${definition.path}?${view.query}`,
    detail: view.detail,
    shared: view.isShared,
    current: listQueryString(readListState(parseQueryString(view.query), shape), shape) === current,
  }));
  const mine = { value: 'moi', label: page.t('lists.views.only_me') };
  return { items, saveAction: saving.action, manageHref: saving.manageHref, scopes: [mine, ...saving.scopes] };
}

interface ActiveFilter {
  readonly label: string;
  readonly value: string;
  readonly changes: Record<string, readonly string[] | null>;
}

/** The fields of the filter form, and the filters that are set, each value with the address that removes it. */
async function filterLocals<Row extends ListRow>(input: ListPageInput<Row>) {
  const { definition, context, page, shape, state } = input;
  const known = new Set(shape.filters.map(({ name }) => name));
  const fields: object[] = [];
  const active: ActiveFilter[] = [];
  for (const filter of definition.filters.filter(({ name }) => known.has(name))) {
    const values = state.filters[filter.name] ?? [];
    const options = filter.options ? translated(filter, await filter.options(context), page.t) : [];
    const shown = await Promise.all(values.map((value) => shownValue(filter, value, options, input)));
    // A text field shows the name of a company, not the id a link gave.
    const typed = filter.kind === 'text' ? shown : values;
    if (!filter.hidden) fields.push(fieldOf(filter, typed, options, page.t));
    if (values.length === 0 || !filter.condition(values, context)) continue;
    values.forEach((value, index) => {
      const rest = values.filter((other) => other !== value);
      const changes = { [filter.name]: rest.length > 0 ? rest : null };
      active.push({ label: page.t(filter.label), value: shown[index] ?? value, changes });
    });
  }
  return { filters: fields, active };
}

async function shownValue<Row extends ListRow>(
  filter: ListFilter,
  value: string,
  options: readonly FilterOption[],
  { context, page }: Pick<ListPageInput<Row>, 'context' | 'page'>,
): Promise<string> {
  if (filter.kind === 'flag') return page.t('common.actions.yes');
  const known = options.find((option) => option.value === value)?.label;
  return known ?? (await filter.describe?.(value, context)) ?? value;
}

function translated(
  filter: ListFilter,
  options: readonly FilterOption[],
  t: PageContext['t'],
): readonly FilterOption[] {
  return filter.translate ? options.map(({ value, label }) => ({ value, label: t(label) })) : options;
}

function fieldOf(
  filter: ListFilter,
  values: readonly string[],
  options: readonly FilterOption[],
  t: PageContext['t'],
): object {
  const common = { name: filter.name, label: t(filter.label) };
  switch (filter.kind) {
    case 'several':
      return { ...common, kind: 'multiselect', options, value: values };
    case 'one':
      return { ...common, kind: 'select', options, value: values[0] ?? '', emptyOption: t('lists.any') };
    case 'text':
      return { ...common, kind: 'text', value: values[0] ?? '', maxlength: 200, autocomplete: 'off' };
    case 'flag':
      return { ...common, kind: 'checkbox', value: values.length > 0 };
  }
}
