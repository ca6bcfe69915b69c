/**
 * What the address of a list asks for: search, filters, order, place, columns, page size. Read from the query string to a
 * typed state and written back the same way, so that every link of a list is made from its state.
 * @see docs/decisions/011-lists.md
 */

/** `several` and `one` hold values of a known set or ids, `text` what someone typed, `flag` is there or not. */
export type FilterKind = 'several' | 'one' | 'text' | 'flag';

/** What of a list's declaration its address depends on. */
export interface ListShape {
  readonly filters: readonly { readonly name: string; readonly kind: FilterKind }[];
  /** Names `tri` takes, with or without a leading `-`. */
  readonly sorts: readonly string[];
  /** Order when `tri` names none: a name of `sorts`, with `-` for descending. */
  readonly defaultSort: string;
  readonly columns: readonly string[];
}

export interface ListSort {
  readonly key: string;
  readonly descending: boolean;
}

/** One value of a place in the order. Dates stand as ISO texts. */
export type CursorValue = string | number | null;

/** A place between two rows: the sort values of the row beside it and its id. */
export interface ListCursor {
  /** The order it belongs to, as `tri` writes it. */
  readonly sort: string;
  /** Number of the row in the whole list when the page was made, from 1. */
  readonly rank: number;
  /** Which stretch of the order the row stands in (see ListPhase), from 0. */
  readonly phase: number;
  readonly values: readonly CursorValue[];
  readonly id: string;
}

export interface ListState {
  /** As typed, trimmed; empty: no search. */
  readonly q: string;
  /** Filter name → values; a filter that is not set is absent. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly sort: ListSort;
  /** `after`: the page that follows the row; `before`: the one that precedes it. */
  readonly place: { readonly direction: 'after' | 'before'; readonly cursor: ListCursor } | null;
  /** Chosen in the address; null: what the reader chose before, or the default. */
  readonly columns: readonly string[] | null;
  readonly limit: number;
}

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 100;
const LONGEST_QUERY = 200;
const LONGEST_VALUE = 200;
const MOST_VALUES = 50;

/** Query parameters as Express gives them. */
export type QueryInput = Readonly<Record<string, unknown>>;

function valuesOf(query: QueryInput, name: string): string[] {
  const given = query[name];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.flatMap((value) => {
    if (typeof value !== 'string') return [];
    const text = value.trim();
    return text === '' || text.length > LONGEST_VALUE ? [] : [text];
  });
}

/** `nom` → ascending, `-nom` → descending. */
function parseSort(text: string): ListSort {
  return text.startsWith('-') ? { key: text.slice(1), descending: true } : { key: text, descending: false };
}

export function sortText(sort: ListSort): string {
  return sort.descending ? `-${sort.key}` : sort.key;
}

/**
 * Reads the address of a list. What it does not know or cannot read is as if it were not there: an address typed by hand,
 * kept for a year or cut by a mail program still opens the list.
 */
export function readListState(query: QueryInput, shape: ListShape): ListState {
  const filters: Record<string, readonly string[]> = {};
  for (const { name, kind } of shape.filters) {
    const values = [...new Set(valuesOf(query, name))].slice(0, MOST_VALUES);
    if (values.length === 0) continue;
    if (kind === 'flag') {
      if (values[0] !== '0') filters[name] = ['1'];
    } else filters[name] = kind === 'several' ? values : values.slice(0, 1);
  }
  const wanted = parseSort(valuesOf(query, 'tri')[0] ?? shape.defaultSort);
  const sort = shape.sorts.includes(wanted.key) ? wanted : parseSort(shape.defaultSort);
  const columns = valuesOf(query, 'colonnes')
    .flatMap((value) => value.split(','))
    .filter((key) => shape.columns.includes(key));
  const limit = Number(valuesOf(query, 'limite')[0]);
  return {
    q: (typeof query['q'] === 'string' ? query['q'] : '').slice(0, LONGEST_QUERY).trim(),
    filters,
    sort,
    place: readPlace(query, sort),
    columns: columns.length > 0 ? [...new Set(columns)] : null,
    limit: Number.isInteger(limit) && limit >= 1 ? Math.min(limit, LARGEST_LIMIT) : DEFAULT_LIMIT,
  };
}

function readPlace(query: QueryInput, sort: ListSort): ListState['place'] {
  for (const [name, direction] of [
    ['apres', 'after'],
    ['avant', 'before'],
  ] as const) {
    const given = query[name];
    const cursor = typeof given === 'string' ? decodeCursor(given) : null;
    if (cursor && cursor.sort === sortText(sort)) return { direction, cursor };
  }
  return null;
}

/** The address of a state as parameters, without its place: what links, forms and saved views carry. */
export function listParams(
  state: ListState,
  shape: Pick<ListShape, 'defaultSort'>,
): Record<string, string | readonly string[]> {
  const params: Record<string, string | readonly string[]> = {};
  if (state.q !== '') params['q'] = state.q;
  for (const [name, values] of Object.entries(state.filters))
    params[name] = values.length === 1 ? (values[0] ?? '') : values;
  if (sortText(state.sort) !== shape.defaultSort) params['tri'] = sortText(state.sort);
  if (state.columns) params['colonnes'] = state.columns;
  if (state.limit !== DEFAULT_LIMIT) params['limite'] = String(state.limit);
  return params;
}

/** The same as a query string, in a stable order: equal states give equal texts. */
export function listQueryString(state: ListState, shape: Pick<ListShape, 'defaultSort'>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(listParams(state, shape)))
    for (const one of typeof value === 'string' ? [value] : value) search.append(name, one);
  return search.toString();
}

/** Parameters of a query string, repeated ones as arrays: the inverse of {@link listQueryString} for readListState. */
export function parseQueryString(text: string): QueryInput {
  const search = new URLSearchParams(text.replace(/^\?/, ''));
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return query;
}

const LONGEST_CURSOR = 2_000;

/** A cursor as it stands in an address: opaque, base64url. */
export function encodeCursor(cursor: ListCursor): string {
  const parts = [cursor.sort, cursor.rank, cursor.phase, cursor.id, ...cursor.values];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Reads a cursor; null when it is none. */
export function decodeCursor(text: string): ListCursor | null {
  if (text.length > LONGEST_CURSOR || !/^[\w-]+$/.test(text)) return null;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parts)) return null;
  const [sort, rank, phase, id, ...values] = parts as unknown[];
  if (typeof sort !== 'string' || !isCount(rank) || !isCount(phase)) return null;
  // Ids are compared as ASCII: the database refuses anything else.
  if (typeof id !== 'string' || !/^[\w-]{1,36}$/.test(id)) return null;
  if (!values.every((value) => value === null || typeof value === 'string' || Number.isFinite(value))) return null;
  return { sort, rank, phase, id, values: values as CursorValue[] };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
