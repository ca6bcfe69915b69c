/**
 * Totals of lists: always an exact count, never a slow page. A count that was quick is made again each time; one that was
 * slow is remembered for a time that grows with what it cost, and looked at again behind the pages that show it.
 */
import type { Clock } from '../shared/clock.ts';
import type { Database, SqlFragment } from './client.ts';
import { commitsOn } from './transaction.ts';

/** A page waits this long for its total, then goes without. */
const PATIENCE_MS = 250;
/** A count quicker than this is not worth remembering. */
const QUICK_MS = 40;
/** A page that follows a change waits for a count that took less than this to be made again. */
const SHORT_MS = 100;
/** A count of 300 ms is fresh for 15 s. */
const FRESH_FACTOR = 50;
const LONGEST_FRESH_MS = 60_000;
/** Older than this it is not shown any more, even once. */
const LONGEST_STALE_MS = 600_000;
const MOST_REMEMBERED = 500;
/** Counts for pages that run at the same time: the rest of the database is for the pages themselves. */
const MOST_AT_ONCE = 3;

interface Remembered {
  readonly total: number;
  readonly countedAt: number;
  readonly tookMs: number;
  /** Transactions of this process when the count began. */
  readonly commits: number;
}

export function createTotals({ database, clock }: { database: Pick<Database, 'query'>; clock: Clock }) {
  const remembered = new Map<string, Remembered>();
  const running = new Map<string, Promise<number>>();

  const keyOf = (statement: SqlFragment): string => `${statement.sql}\n${JSON.stringify(statement.values)}`;

  function remember(key: string, total: number, tookMs: number, commits: number): void {
    remembered.delete(key);
    if (tookMs < QUICK_MS) return;
    remembered.set(key, { total, countedAt: clock.now().getTime(), tookMs, commits });
    const oldest = remembered.keys().next();
    if (remembered.size > MOST_REMEMBERED && !oldest.done) remembered.delete(oldest.value);
  }

  /** One count at a time for one question, however many pages ask. */
  function run(key: string, statement: SqlFragment): Promise<number> {
    const known = running.get(key);
    if (known) return known;
    const startedAt = performance.now();
    const commits = commitsOn(database);
    const counting = database
      .query<{ total: number }>(statement)
      .then(([row]) => {
        const total = Number(row?.total ?? 0);
        remember(key, total, performance.now() - startedAt, commits);
        return total;
      })
      .finally(() => running.delete(key));
    running.set(key, counting);
    return counting;
  }

  function withinPatience(counting: Promise<number>): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(null), PATIENCE_MS);
      counting.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  return {
    /**
     * The number of rows a count statement finds.
     * @param patience `page`: null when it is not known in time; the count goes on and the next page has it
     */
    async count(statement: SqlFragment, patience: 'page' | 'exact'): Promise<number | null> {
      const key = keyOf(statement);
      const known = remembered.get(key);
      const age = known ? clock.now().getTime() - known.countedAt : 0;
      const isFresh = known && age < Math.min(known.tookMs * FRESH_FACTOR, LONGEST_FRESH_MS);
      const isBefore = known && known.tookMs < SHORT_MS && known.commits !== commitsOn(database);
      if (isFresh && !isBefore) return known.total;
      if (patience === 'exact') return run(key, statement);
      const last = known && age < LONGEST_STALE_MS ? known.total : null;
      if (running.size >= MOST_AT_ONCE && !running.has(key)) return last;
      const counting = run(key, statement);
      // A failure shows to the page that waits; where none does, the next page asks again.
      counting.catch(() => undefined);
      if (last !== null && !isBefore) return last;
      return (await withinPatience(counting)) ?? last;
    },

    /** The number of rows at this moment, however long it takes. */
    exact: (statement: SqlFragment): Promise<number> => run(keyOf(statement), statement),
  };
}
