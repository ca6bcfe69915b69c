/**
 * How a list finds what was typed. A search is a set of terms, all of which a row must answer; each term knows the indexes
 * that give its rows and the condition that recognises them. What costs is the rows looked at, so the plan depends on how
 * many rows answer a term, counted up to a bound:
 * - few: they are taken from the term's index and the other terms are checked on them;
 * - very many: the list is read in its order and checked row by row, for enough of them answer soon;
 * - a list in the order of names holds all the Duponts together, far from its beginning: names that begin with what was
 *   typed come first, read from their place in the index of names, and the others after them.
 * @see docs/decisions/011-lists.md
 */
import { Prisma, type Reader, type SqlFragment } from './client.ts';
import type { ListPhase, ListSearch } from './list-definition.ts';

export interface SearchTerm {
  /** Each a SELECT of one column `id`, answered by an index: together, the rows that answer the term, perhaps repeated. */
  readonly ways: readonly SqlFragment[];
  /** The same on a row of the list. */
  readonly condition: SqlFragment;
  /** The same on an id alone, where an index can tell without the row. */
  readonly onId?: (id: SqlFragment) => SqlFragment;
  /** True when the ways give rows that the condition refuses (fields that may be read on some rows only). */
  readonly check?: boolean;
  /** Set for a word of a name: the word, and the expression of the name that lists are sorted by. */
  readonly word?: { readonly text: string; readonly nameKey: SqlFragment };
}

/** What of a list its searches stand on. */
export interface SearchedTable {
  /** Table and alias. */
  readonly from: SqlFragment;
  readonly id: SqlFragment;
}

/** Numbers of rows at which plans change. */
export interface SearchLimits {
  /** Rows looked at one by one without a second thought. */
  readonly few: number;
  /** Rows are counted up to here: of what is more frequent, most pages are full at once. */
  readonly counted: number;
  /**
   * A page needs some 50 rows of a million: read in order, a term that c rows answer makes it look at 50 million / c of them.
   * That is less than c, the rows of the term's own index, from here on.
   */
  readonly breakEven: number;
}

const LIMITS: SearchLimits = { few: 1_000, counted: 20_000, breakEven: 7_000 };
/** Words beyond these change nothing to what is found, only to how long it takes. */
export const MOST_TERMS = 6;

/** Pattern of LIKE for texts that begin with what was typed. */
export function likePrefix(text: string): string {
  return `${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Words of a table of search words: a folded word stands for every word it begins. */
export interface WordIndex {
  /** Table of words, `student_search_token`, and its column of the row's id. */
  readonly table: SqlFragment;
  readonly owner: SqlFragment;
  /** The id and the sort name of a row of the list. */
  readonly id: SqlFragment;
  readonly nameKey: SqlFragment;
}

/** A term that is the beginning of a word of a name; `word` is folded: letters and digits alone. */
export function wordTerm({ table, owner, id, nameKey }: WordIndex, word: string): SearchTerm {
  const pattern = likePrefix(word.slice(0, 48));
  // Not EXISTS: the database would gather every word that begins so before it looks at the first row.
  const onId = (rowId: SqlFragment): SqlFragment =>
    Prisma.sql`(SELECT 1 FROM ${table} word WHERE word.${owner} = ${rowId} AND word.token LIKE ${pattern} LIMIT 1) = 1`;
  return {
    ways: [Prisma.sql`SELECT ${owner} AS id FROM ${table} WHERE token LIKE ${pattern}`],
    // The first half is on the row itself and spares the second.
    condition: Prisma.sql`(${nameKey} LIKE ${pattern} OR ${onId(id)})`,
    onId,
    word: { text: word, nameKey },
  };
}

/** No row at all. */
export const nothingFound: ListSearch = { conditions: [Prisma.sql`FALSE`] };

/**
 * Chooses the plan of a search: one statement counts the rows of the terms.
 * @param terms none: the search means nothing and finds nothing
 */
export async function planSearch(
  reader: Pick<Reader, 'query'>,
  table: SearchedTable,
  terms: readonly SearchTerm[],
  limits: SearchLimits = LIMITS,
): Promise<ListSearch> {
  if (terms.length === 0) return nothingFound;
  const leading = leadingCondition(terms);
  const wordsAlone = terms.every(({ word }) => word !== undefined);
  const counts = await countRows(reader, terms, leading && terms.length === 1 ? { ...table, leading } : null, limits);
  const fewest = Math.min(...counts.terms);
  const rarest = terms[counts.terms.indexOf(fewest)];
  if (!rarest || fewest === 0) return nothingFound;

  const { from, conditions } = candidatesOf(table, rarest, terms);
  if (fewest <= limits.few) return { from, conditions, phases: bestFirst(leading, {}, {}) };

  const others = terms.map(({ condition }) => condition);
  // Words that begin the name are read from their place; it is the others that the remainder has to find.
  const elsewhere = fewest - (terms.length === 1 ? counts.leading : 0);
  const inOrder = (rows: number): boolean =>
    fewest > limits.counted || (terms.length === 1 && rows * fewest > limits.breakEven ** 2);
  return {
    conditions: others,
    countFrom: from,
    ...(inOrder(fewest) ? {} : { from }),
    phases: bestFirst(
      leading,
      { from: wordsAlone || inOrder(fewest) ? table.from : from },
      { from: inOrder(elsewhere) ? table.from : from },
    ),
  };
}

/** The rows of the rarest term, less those that an index alone tells do not answer the others. */
function candidatesOf({ from, id }: SearchedTable, rarest: SearchTerm, terms: readonly SearchTerm[]) {
  const others = terms.filter((term) => term !== rarest);
  const byIndex = others.flatMap((term) => term.onId?.(Prisma.sql`way.id`) ?? []);
  const where = byIndex.length > 0 ? Prisma.sql` WHERE ${Prisma.join(byIndex, ' AND ')}` : Prisma.empty;
  const ways = Prisma.join([...rarest.ways], ' UNION ALL ');
  return {
    from: Prisma.sql`(SELECT DISTINCT way.id FROM (${ways}) way${where}) hit STRAIGHT_JOIN ${from} ON ${id} = hit.id`,
    conditions: [...others.filter(({ onId }) => !onId), ...(rarest.check ? [rarest] : [])].map(
      ({ condition }) => condition,
    ),
  };
}

/** Names that begin with the words, in any order; null when no term is a word. */
function leadingCondition(terms: readonly SearchTerm[]): SqlFragment | null {
  const words = terms.flatMap(({ word }) => word ?? []);
  const [first] = words;
  if (!first) return null;
  const texts = words.map(({ text }) => text);
  const orders = texts.length <= 3 ? permutations(texts) : [texts, [...texts.slice(-1), ...texts.slice(0, -1)]];
  const patterns = [...new Set(orders.map((order) => likePrefix(order.join(' '))))];
  return Prisma.sql`(${Prisma.join(
    patterns.map((pattern) => Prisma.sql`${first.nameKey} LIKE ${pattern}`),
    ' OR ',
  )})`;
}

function permutations(words: readonly string[]): string[][] {
  if (words.length <= 1) return [[...words]];
  return words.flatMap((word, index) => permutations(words.toSpliced(index, 1)).map((rest) => [word, ...rest]));
}

/** Rows whose name begins with the words, then the others. */
function bestFirst(
  leading: SqlFragment | null,
  first: Pick<ListPhase, 'from'>,
  remainder: Pick<ListPhase, 'from'>,
): readonly ListPhase[] | undefined {
  if (!leading) return undefined;
  return [
    { condition: leading, ...first },
    { condition: Prisma.sql`NOT ${leading}`, ...remainder },
  ];
}

/** Counts of frequent terms, kept for a while: they choose a plan, and a plan chosen on an old count finds the same rows. */
const FREQUENT_MS = 300_000;
const MOST_FREQUENT = 2_000;
const frequent = new WeakMap<object, Map<string, { readonly rows: number; readonly until: number }>>();

async function countRows(
  reader: Pick<Reader, 'query'>,
  terms: readonly SearchTerm[],
  names: (SearchedTable & { readonly leading: SqlFragment }) | null,
  { few, counted }: SearchLimits,
): Promise<{ terms: number[]; leading: number }> {
  const known = frequent.get(reader) ?? new Map<string, { rows: number; until: number }>();
  frequent.set(reader, known);
  const statements = terms.map(({ ways }) => ways);
  if (names) statements.push([Prisma.sql`SELECT ${names.id} AS id FROM ${names.from} WHERE ${names.leading}`]);
  const now = performance.now();
  const asked = statements.map((ways) => {
    const key = JSON.stringify(ways.map(({ sql, values }) => [sql, values]));
    const kept = known.get(key);
    return { ways, key, rows: kept && kept.until > now ? kept.rows : null };
  });

  const missing = asked.filter(({ rows }) => rows === null);
  if (missing.length > 0) {
    const sums = missing.map(({ ways }, index) => {
      const parts = ways.map((way) => Prisma.sql`(SELECT COUNT(*) FROM (${way} LIMIT ${counted + 1}) counted)`);
      return Prisma.sql`${Prisma.join(parts, ' + ')} AS ${Prisma.raw(`count${index}`)}`;
    });
    const [row] = await reader.query<Record<string, number>>(Prisma.sql`SELECT ${Prisma.join(sums)}`);
    missing.forEach((one, index) => {
      one.rows = Number(row?.[`count${index}`] ?? 0);
      if (one.rows <= few) return;
      known.delete(one.key);
      known.set(one.key, { rows: one.rows, until: now + FREQUENT_MS });
      const oldest = known.keys().next();
      if (known.size > MOST_FREQUENT && !oldest.done) known.delete(oldest.value);
    });
  }
  const rows = asked.map((one) => one.rows ?? 0);
  return { terms: rows.slice(0, terms.length), leading: names ? (rows.at(-1) ?? 0) : 0 };
}
