/** Reads the pages, totals and streams of lists. */
import type { Clock } from '../shared/clock.ts';
import { encodeCursor, sortText, type CursorValue, type ListCursor, type ListState } from '../shared/list-state.ts';
import type { Actor } from '../shared/actor.ts';
import type { Permission } from '../shared/permissions.ts';
import type { Database } from './client.ts';
import { createTotals } from './list-totals.ts';
import { nothingFound, planSearch, type SearchLimits } from './list-search.ts';
import type { ListColumn, ListContext, ListDefinition, ListRow } from './list-definition.ts';
import {
  countStatement,
  orderOf,
  pageStatement,
  phasesFor,
  sortField,
  type ListQuestion,
  type Stretch,
} from './list-statement.ts';

export interface ListPage<Row extends ListRow> {
  readonly rows: readonly Row[];
  /** Cursors of the pages around this one (`apres`, `avant`); null at the ends. */
  readonly next: string | null;
  readonly previous: string | null;
  /** Number of the first row in the whole list, from 1; 0 when there is none. */
  readonly firstRank: number;
}

/** What is read of a list. */
export interface ListRequest<Row extends ListRow> {
  readonly definition: ListDefinition<Row>;
  readonly actor: Actor;
  readonly state: ListState;
  readonly columns: readonly ListColumn<Row>[];
  /** Beside the right to read: the rows that each of these permissions reaches as well. */
  readonly permissions?: readonly Permission[];
  /** Only these rows. */
  readonly ids?: readonly string[] | null;
}

type RawRow = ListRow & { phase: number } & Record<string, unknown>;

/** Rows read at a time by a stream: some hundred kilobytes. */
const CHUNK = 1_000;

/** @param searchLimits where the plans of a search change, other than the ones that were measured */
export function createListReader({
  database,
  clock,
  searchLimits,
}: {
  database: Database;
  clock: Clock;
  searchLimits?: SearchLimits;
}) {
  const totals = createTotals({ database, clock });

  function contextFor(actor: Actor): ListContext {
    return { actor, reader: database, now: clock.now() };
  }

  /** The plan of what was typed and of the filters that know how many rows they leave. */
  async function findPlan<Row extends ListRow>(
    definition: ListDefinition<Row>,
    context: ListContext,
    state: ListState,
  ): Promise<Pick<ListQuestion<Row>, 'search' | 'planned'>> {
    const searched = state.q === '' ? [] : await definition.search(state.q, context, state);
    if ('conditions' in searched) return { search: searched, planned: new Set() };
    if (state.q !== '' && searched.length === 0) return { search: nothingFound, planned: new Set() };
    const filters = definition.filters.flatMap((filter) => {
      const values = state.filters[filter.name];
      return values && filter.terms ? [{ name: filter.name, terms: filter.terms(values, context) }] : [];
    });
    const terms = [...searched, ...filters.flatMap((filter) => filter.terms)];
    if (terms.length === 0) return { search: null, planned: new Set() };
    const { from, id } = definition;
    return {
      search: await planSearch(database, { from, id }, terms, searchLimits),
      planned: new Set(filters.map(({ name }) => name)),
    };
  }

  async function ask<Row extends ListRow>(request: ListRequest<Row>): Promise<ListQuestion<Row>> {
    const { definition, actor, state } = request;
    const context = contextFor(actor);
    const { search, planned } = await findPlan(definition, context, state);
    return {
      definition,
      context,
      state,
      search,
      planned,
      phases: await phasesFor(definition, state, context, search),
      permissions: [definition.permissions.read, ...(request.permissions ?? [])],
      ids: request.ids ?? null,
    };
  }

  /** Reads on from a place until `limit` rows: the stretch of the place first, the others only when it ends. */
  async function readOn<Row extends ListRow>(
    question: ListQuestion<Row>,
    columns: readonly ListColumn<Row>[],
    from: ListCursor | null,
    { limit, backward }: { limit: number; backward: boolean },
  ): Promise<RawRow[]> {
    const count = question.phases.length;
    const order = Array.from({ length: count }, (_, index) => (backward ? count - 1 - index : index));
    const start = from && from.values.length === orderOf(question).columns.length ? order.indexOf(from.phase) : -1;
    const stretches: Stretch[] = order
      .slice(Math.max(start, 0))
      .map((phase, index) => ({ phase, beyond: index === 0 && start >= 0 ? from : null }));
    const [first, ...others] = stretches;
    if (!first) return [];
    const rows = await database.query<RawRow>(pageStatement(question, columns, [first], { limit, backward }));
    const missing = limit - rows.length;
    if (missing > 0 && others.length > 0)
      rows.push(
        ...(await database.query<RawRow>(pageStatement(question, columns, others, { limit: missing, backward }))),
      );
    return rows;
  }

  function cursorOf<Row extends ListRow>(question: ListQuestion<Row>, row: RawRow, rank: number): ListCursor {
    const values = orderOf(question).columns.map((_, index): CursorValue => {
      const value = row[sortField(index)];
      return value instanceof Date ? value.toISOString() : (value as CursorValue);
    });
    return { sort: sortText(question.state.sort), rank, phase: Number(row.phase), values, id: row.id };
  }

  /** The row without what only its place in the order needed. */
  function plain<Row extends ListRow>(question: ListQuestion<Row>, raw: RawRow): Row {
    const { phase: _phase, ...row } = raw;
    orderOf(question).columns.forEach((_, index) => delete row[sortField(index)]);
    return row as unknown as Row;
  }

  async function readPage<Row extends ListRow>(
    question: ListQuestion<Row>,
    columns: readonly ListColumn<Row>[],
  ): Promise<ListPage<Row>> {
    const { place, limit } = question.state;
    const backward = place?.direction === 'before';
    const found = await readOn(question, columns, place?.cursor ?? null, { limit: limit + 1, backward });
    const more = found.length > limit;
    const raw = backward ? found.slice(0, limit).reverse() : found.slice(0, limit);
    const first = raw[0];
    const last = raw.at(-1);
    if (!first || !last) {
      // The rows of the place are gone: the list from its beginning says more than an empty page.
      if (place) return readPage({ ...question, state: { ...question.state, place: null } }, columns);
      return { rows: [], next: null, previous: null, firstRank: 0 };
    }
    const hasPrevious = backward ? more : place !== null;
    const rankBefore = backward ? (place?.cursor.rank ?? 1) - 1 - raw.length : (place?.cursor.rank ?? 0);
    const firstRank = hasPrevious ? Math.max(rankBefore + 1, 2) : 1;
    return {
      rows: raw.map((row) => plain(question, row)),
      next: backward || more ? encodeCursor(cursorOf(question, last, firstRank + raw.length - 1)) : null,
      previous: hasPrevious ? encodeCursor(cursorOf(question, first, firstRank)) : null,
      firstRank,
    };
  }

  return {
    contextFor,

    /** One page and the number of all rows; the total is null when counting takes longer than a page may. */
    async page<Row extends ListRow>(
      request: ListRequest<Row>,
      { patience }: { patience: 'page' | 'exact' } = { patience: 'page' },
    ): Promise<ListPage<Row> & { readonly total: number | null }> {
      const question = await ask(request);
      const [page, total] = await Promise.all([
        readPage(question, request.columns),
        totals.count(countStatement(question), patience),
      ]);
      return { ...page, total };
    },

    /** The number of rows that answer a request. */
    async total<Row extends ListRow>(request: ListRequest<Row>): Promise<number> {
      return totals.exact(countStatement(await ask(request)));
    },

    /**
     * Every row of a request, some at a time: memory stays flat whatever their number. Each chunk goes on after the last
     * row of the one before, so that rows written meanwhile are neither doubled nor make others disappear.
     */
    async *chunks<Row extends ListRow>(request: ListRequest<Row>): AsyncGenerator<Row[]> {
      const question = await ask(request);
      let cursor: ListCursor | null = null;
      for (;;) {
        const raw: RawRow[] = await readOn(question, request.columns, cursor, { limit: CHUNK, backward: false });
        if (raw.length > 0) yield raw.map((row) => plain(question, row));
        const last = raw.at(-1);
        if (!last || raw.length < CHUNK) return;
        cursor = cursorOf(question, last, 0);
      }
    },
  };
}
