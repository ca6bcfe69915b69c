/**
 * How a list finds what was typed. A search is a set of terms, all of which a row must answer; each term knows the indexes
 * that give its rows and the condition that recognises them. Two plans:
 * - one term is rare: its rows are taken from its index, and the others are checked on them;
 * - all are common: the rows are read in the order of the list and checked one by one, for enough of them answer soon.
 * Names break the second plan, for a list in the order of names holds all the Duponts together, far from the beginning: rows
 * whose name begins with a word come first, read from their place in the index.
 * @see docs/decisions/011-lists.md
 */
import { Prisma, type Reader, type SqlFragment } from './client.ts';
import type { ListPhase, ListSearch } from './list-definition.ts';

export interface SearchTerm {
  /** Each a SELECT of one column `id`, answered by an index: together, the rows that answer the term, perhaps repeated. */
  readonly ways: readonly SqlFragment[];
  /** The same on a row of the list. */
  readonly condition: SqlFragment;
  /** True when the ways give rows that the condition refuses (fields that may be read on some rows only). */
  readonly check?: boolean;
  /** Rows whose sort name begins with the word: a range of the index of names. */
  readonly leading?: SqlFragment;
}

/** What of a list its searches stand on. */
export interface SearchedTable {
  /** Table and alias. */
  readonly from: SqlFragment;
  readonly id: SqlFragment;
}

/** Rows that are read one by one without a second thought. */
const FEW = 3_000;
/** Rows that may be read one by one when everything else would read more. */
const MANY = 20_000;

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
  return {
    ways: [Prisma.sql`SELECT ${owner} AS id FROM ${table} WHERE token LIKE ${pattern}`],
    condition: Prisma.sql`EXISTS (SELECT 1 FROM ${table} WHERE ${owner} = ${id} AND token LIKE ${pattern})`,
    leading: Prisma.sql`${nameKey} LIKE ${pattern}`,
  };
}

/** No row at all. */
export const nothingFound: ListSearch = { conditions: [Prisma.sql`FALSE`] };

/**
 * Chooses the plan of a search: one statement counts the rows of each term, up to a bound.
 * @param terms at least one; a search that means nothing is `nothingFound`
 */
export async function planSearch(
  reader: Pick<Reader, 'query'>,
  { from, id }: SearchedTable,
  terms: readonly SearchTerm[],
): Promise<ListSearch> {
  if (terms.length === 0) return nothingFound;
  const counts = await countTerms(reader, terms);
  const rarest = counts.indexOf(Math.min(...counts));
  const term = terms[rarest];
  const count = counts[rarest] ?? 0;
  if (!term || count === 0) return nothingFound;

  const [way, ...otherWays] = term.ways;
  const ids =
    otherWays.length > 0 ? Prisma.join([...term.ways], ' UNION ') : Prisma.sql`SELECT DISTINCT id FROM (${way}) way`;
  const candidates = Prisma.sql`(${ids}) hit STRAIGHT_JOIN ${from} ON ${id} = hit.id`;
  const others = terms.filter((one, index) => index !== rarest || one.check).map(({ condition }) => condition);
  const leading = terms.flatMap((one) => one.leading ?? []);
  if (count <= FEW) return { from: candidates, conditions: others, phases: bestFirst(leading, {}) };

  const remainder = count <= MANY ? { from: candidates } : {};
  return {
    conditions: terms.map(({ condition }) => condition),
    countFrom: candidates,
    phases: bestFirst(leading, remainder),
  };
}

/** Rows whose name begins with one of the words, then the others. */
function bestFirst(
  leading: readonly SqlFragment[],
  remainder: Pick<ListPhase, 'from'>,
): readonly ListPhase[] | undefined {
  if (leading.length === 0) return undefined;
  const begins = Prisma.sql`(${Prisma.join([...leading], ' OR ')})`;
  return [{ condition: begins }, { condition: Prisma.sql`NOT ${begins}`, ...remainder }];
}

async function countTerms(reader: Pick<Reader, 'query'>, terms: readonly SearchTerm[]): Promise<number[]> {
  const sums = terms.map(({ ways }, index) => {
    const parts = ways.map((way) => Prisma.sql`(SELECT COUNT(*) FROM (${way} LIMIT ${MANY + 1}) few)`);
    return Prisma.sql`${Prisma.join(parts, ' + ')} AS ${Prisma.raw(`term${index}`)}`;
  });
  const [row] = await reader.query<Record<string, number>>(Prisma.sql`SELECT ${Prisma.join(sums)}`);
  return terms.map((_, index) => Number(row?.[`term${index}`] ?? 0));
}
