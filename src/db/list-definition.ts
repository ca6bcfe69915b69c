/**
 * A list declared as data: its table, columns, filters and orders, each as a piece of SQL with the right it needs. The reader
 * (list-reader.ts) makes the statements, the pages (src/http/list-*.ts) make the table, the form and the exports.
 * @see docs/decisions/011-lists.md
 */
import type { Actor } from '../shared/actor.ts';
import type { ExportValue } from '../shared/export-cells.ts';
import type { FilterKind, ListShape, ListState } from '../shared/list-state.ts';
import type { Permission } from '../shared/permissions.ts';
import type { Reader, SqlFragment } from './client.ts';
import type { SearchTerm } from './list-search.ts';

/**
 * Where an actor may read a field group: on every row of the list, on none, or on those a condition holds for.
 * A field out of reach is neither selected, nor filtered, nor searched, nor sorted by.
 */
export type Reach = 'everywhere' | 'nowhere' | SqlFragment;

/** Who looks at a list, and what its pieces may need to know. */
export interface ListContext {
  readonly actor: Actor;
  readonly reader: Reader;
  readonly now: Date;
}

/** Any row of any list. */
export interface ListRow {
  readonly id: string;
}

export interface ListColumn<Row extends ListRow> {
  /** Name in `colonnes`. */
  readonly key: string;
  /** i18n key of the heading, on the page and in exports. */
  readonly label: string;
  /** Name in `sorts` of the order its heading gives. */
  readonly sort?: string;
  readonly group?: string;
  /** Shown until the reader chooses; `always`: cannot be hidden. */
  readonly shown?: boolean | 'always';
  /** True: in every file, whatever the page shows, since it tells which row is whose. */
  readonly inFiles?: boolean;
  /** Fields of the row it needs → expression; selected only while the column is. */
  readonly fields: Readonly<Record<string, SqlFragment>>;
  /** Names in `joins` that its expressions use. */
  readonly joins?: readonly string[];
  /** The cell of an export. `t` translates; a presenter may show the same row otherwise. */
  value(row: Row, t: (key: string) => string): ExportValue;
}

export interface FilterOption {
  readonly value: string;
  readonly label: string;
}

export interface ListFilter {
  /** Name in the address. */
  readonly name: string;
  readonly kind: FilterKind;
  /** i18n key. */
  readonly label: string;
  readonly group?: string;
  /**
   * What the rows must hold, for values as the address gives them. Null: none of the values means anything, and the filter
   * is as if it were not there.
   */
  readonly condition: (values: readonly string[], context: ListContext) => SqlFragment | null;
  /**
   * The same as terms of a search, for what hangs on few rows or on very many (a tag): the plan depends on how many. Without
   * them the condition stands, and the database plans.
   */
  readonly terms?: (values: readonly string[], context: ListContext) => readonly SearchTerm[];
  /** Choices of the form. Labels are i18n keys when `translate` is set. */
  readonly options?: (context: ListContext) => Promise<readonly FilterOption[]> | readonly FilterOption[];
  readonly translate?: boolean;
  /** What a value that is in no option is called in the list of active filters (the name behind an id). */
  readonly describe?: (value: string, context: ListContext) => Promise<string | null>;
  /** Not in the form of filters: it comes from a link (the students of a company). */
  readonly hidden?: boolean;
}

export interface SortColumn {
  readonly expression: SqlFragment;
  /** How its values go through a cursor. */
  readonly kind: 'text' | 'number' | 'date';
}

/** A stretch of an order: rows that come before those of the next phase, whatever the direction. */
export interface ListPhase {
  readonly condition: SqlFragment | null;
  /** Columns at the beginning of the order that all rows of the stretch share (NULL among them): they order nothing here. */
  readonly fixed?: number;
  /** Replaces the table of the search for this stretch. */
  readonly from?: SqlFragment;
}

export interface ListOrder {
  /** i18n key is that of its column. Values that may be NULL belong into a phase of their own. */
  readonly columns: readonly SortColumn[];
  /** True when no two rows share the value of the column: the order needs no id, and its index has none. */
  readonly unique?: boolean;
  readonly group?: string;
  /**
   * Stretches of the order, in the order they are read: `[known, unknown]` puts rows without a value last both ways.
   */
  readonly phases?: (context: ListContext, descending: boolean) => Promise<readonly ListPhase[]> | readonly ListPhase[];
}

/** What a search asks of the rows, and how best to find them. */
export interface ListSearch {
  readonly conditions: readonly SqlFragment[];
  /** Replaces the table in FROM: a derived table of candidates joined to it, when they are few. */
  readonly from?: SqlFragment;
  /** Replaces the table for the count alone. */
  readonly countFrom?: SqlFragment;
  /** Best matches first: stretches that stand before all others while the list is in its default order. */
  readonly phases?: readonly ListPhase[];
}

export interface ListDefinition<Row extends ListRow> {
  /** Name in saved views and preferences: 16 characters at most. */
  readonly key: string;
  readonly path: string;
  readonly permissions: {
    readonly read: Permission;
    readonly export: Permission | null;
    readonly tag: Permission | null;
  };
  /** Kind of its rows in taggings: student, company or contact. */
  readonly subjectType: 'student' | 'company' | 'contact';
  /** Table and alias, as FROM takes them. */
  readonly from: SqlFragment;
  readonly id: SqlFragment;
  /** Rows the actor may reach with the permission. */
  readonly scope: (actor: Actor, permission: Permission) => SqlFragment;
  readonly reach: (actor: Actor, group: string) => Reach;
  /** What always holds, unless the state says otherwise (archived rows are hidden until asked for). */
  readonly base: (state: ListState) => readonly SqlFragment[];
  /** LEFT JOINs of the columns, in the order they are written. */
  readonly joins: Readonly<Record<string, SqlFragment>>;
  readonly columns: readonly ListColumn<Row>[];
  readonly filters: readonly ListFilter[];
  readonly orders: Readonly<Record<string, ListOrder>>;
  /** Name in `orders`, with `-` for descending. */
  readonly defaultSort: string;
  /**
   * The index that answers a state's filters and order at once, where one does: named to the database, which otherwise reads
   * the rows of a filter from the first to the place of a page far down. Null: the database chooses.
   */
  readonly index?: (state: ListState, actor: Actor) => string | null;
  /**
   * What a text that is not empty means: terms, planned together with those of the filters (none: it means nothing and
   * finds nothing), or a plan of its own.
   */
  readonly search: (
    q: string,
    context: ListContext,
    state: ListState,
  ) => Promise<ListSearch | readonly SearchTerm[]> | ListSearch | readonly SearchTerm[];
}

/** Any list, where its rows do not matter. */
export type AnyList = ListDefinition<ListRow>;

/** What of a list its address depends on, as far as the actor may read: the rest is unknown to the address. */
export function shapeFor(definition: AnyList, actor: Actor): ListShape {
  const readable = (group: string | undefined): boolean =>
    group === undefined || definition.reach(actor, group) !== 'nowhere';
  return {
    filters: definition.filters.filter(({ group }) => readable(group)),
    sorts: Object.entries(definition.orders)
      .filter(([, { group }]) => group === undefined || definition.reach(actor, group) === 'everywhere')
      .map(([name]) => name),
    defaultSort: definition.defaultSort,
    columns: readableColumns(definition, actor).map(({ key }) => key),
  };
}

/** Columns the actor may read, on some rows at least. */
export function readableColumns<Row extends ListRow>(
  definition: Pick<ListDefinition<Row>, 'columns' | 'reach'>,
  actor: Actor,
): readonly ListColumn<Row>[] {
  return definition.columns.filter(({ group }) => group === undefined || definition.reach(actor, group) !== 'nowhere');
}

/** The columns to show: those asked for, or the default ones; those that are always shown come with them. */
export function chosenColumns<Row extends ListRow>(
  definition: Pick<ListDefinition<Row>, 'columns' | 'reach'>,
  actor: Actor,
  asked: readonly string[] | null,
): readonly ListColumn<Row>[] {
  return readableColumns(definition, actor).filter(
    ({ key, shown }) => shown === 'always' || (asked ? asked.includes(key) : shown === true),
  );
}

/** The columns of a file: those of the page, and those that tell which row is whose. */
export function fileColumns<Row extends ListRow>(
  definition: Pick<ListDefinition<Row>, 'columns' | 'reach'>,
  actor: Actor,
  asked: readonly string[] | null,
): readonly ListColumn<Row>[] {
  const chosen = new Set(chosenColumns(definition, actor, asked));
  return readableColumns(definition, actor).filter((column) => column.inFiles === true || chosen.has(column));
}
