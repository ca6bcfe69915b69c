import type { Keyset } from './import-screens.ts';

/** Where a page of a list begins or ends: the key of a row. */
export interface Place {
  readonly after: string | null;
  readonly before: string | null;
}

/** Lines of a page. */
export const PAGE_ROWS = 50;

/**
 * One page of a list, read one row longer than shown so as to know whether it goes on.
 * @param read gives `limit` rows after a key (null: from the start), or, `backwards`, those before it in reverse order
 */
export async function readPage<Row>(
  { after, before }: Place,
  total: number,
  keyOf: (row: Row) => string,
  read: (from: string | null, backwards: boolean, limit: number) => Promise<readonly Row[]>,
  pageRows = PAGE_ROWS,
): Promise<Keyset<Row>> {
  const backwards = before !== null;
  const found = await read(before ?? after, backwards, pageRows + 1);
  const goesOn = found.length > pageRows;
  const shown = found.slice(0, pageRows);
  const rows = backwards ? [...shown].reverse() : shown;
  const first = rows[0];
  const last = rows.at(-1);
  const hasPrevious = backwards ? goesOn : after !== null;
  const hasNext = backwards || goesOn;
  return {
    rows,
    total,
    previous: first && hasPrevious ? keyOf(first) : null,
    next: last && hasNext ? keyOf(last) : null,
  };
}
