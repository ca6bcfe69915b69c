/** A page of a list that goes on from key to key. */
interface KeyedPage<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  /** Key to read on from; null at the end. */
  readonly next: string | null;
}

/** Everything of a list: how many rows there are, and the rows, a page at a time. */
export interface WholeList<Row> {
  readonly total: number;
  readonly chunks: AsyncGenerator<readonly Row[]>;
}

/**
 * Reads a list from its beginning to its end. The first page is read at once, so that a refusal comes before anything is
 * sent; each other one when the one before it was taken.
 * @param read gives the page after a key; null: the first one
 * @throws what `read` throws
 */
export async function wholeList<Row>(read: (after: string | null) => Promise<KeyedPage<Row>>): Promise<WholeList<Row>> {
  const first = await read(null);
  async function* chunks(): AsyncGenerator<readonly Row[]> {
    let page = first;
    for (;;) {
      yield page.rows;
      if (page.next === null) return;
      page = await read(page.next);
    }
  }
  return { total: first.total, chunks: chunks() };
}
