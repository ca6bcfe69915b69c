/**
 * A transaction on the driver itself, for thousands of rows at a time and for what is saved all day long: where all that is written
 * is plain SQL, going through Prisma costs more processor time than the rows. Statements that do not wait for each other may be sent one after the other without
 * awaiting: the driver queues them, and the next one is composed while the database works on the last.
 */
import type { PoolConnection } from 'mariadb';
import type { Database } from './client.ts';
import { violatedUniqueIndex } from './errors.ts';
import { countCommit, isRetryable, type Transaction } from './transaction.ts';

export interface BulkOptions {
  /**
   * False for a transaction that writes parents and children together and takes every other key from rows it has just read: the
   * database need not look up each key again. Leave it true wherever rows are deleted, or cascades would not happen.
   */
  readonly foreignKeyChecks?: boolean;
}

const MOST_ATTEMPTS = 3;

/**
 * Runs `work` in one transaction (READ COMMITTED) and commits; rolls back when it throws. A deadlock, or a key that someone
 * else took in between, runs it again from the start, three times at most: `work` must have no effect outside the transaction.
 * `tx.prisma` is not there.
 */
export async function inBulkTransaction<Result>(
  database: Database,
  work: (tx: Transaction) => Promise<Result>,
  { foreignKeyChecks = true }: BulkOptions = {},
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const connection = await database.pool.getConnection();
    const afterCommit: (() => void)[] = [];
    try {
      const result = await attemptOnce(connection, database.nirSchema, work, foreignKeyChecks, afterCommit);
      await connection.release();
      countCommit(database);
      for (const action of afterCommit) action();
      return result;
    } catch (error) {
      await giveBack(connection);
      if (attempt >= MOST_ATTEMPTS || !(isRetryable(error) || violatedUniqueIndex(error))) throw error;
    }
  }
}

async function attemptOnce<Result>(
  connection: PoolConnection,
  nirSchema: string,
  work: (tx: Transaction) => Promise<Result>,
  foreignKeyChecks: boolean,
  afterCommit: (() => void)[],
): Promise<Result> {
  const beforeCommit: (() => Promise<void>)[] = [];
  const tx: Transaction = {
    get prisma(): never {
      throw new Error('A bulk transaction speaks SQL only');
    },
    nirSchema,
    query: (statement) => connection.query(statement.sql, statement.values),
    execute: async (statement) => {
      const { affectedRows } = await connection.query<{ affectedRows: number }>(statement.sql, statement.values);
      return affectedRows;
    },
    beforeCommit: (action) => void beforeCommit.push(action),
    afterCommit: (action) => void afterCommit.push(action),
  };
  if (!foreignKeyChecks) await connection.query('SET foreign_key_checks = 0');
  await connection.beginTransaction();
  const result = await work(tx);
  for (const action of beforeCommit) await action();
  await connection.commit();
  if (!foreignKeyChecks) await connection.query('SET foreign_key_checks = 1');
  return result;
}

/** A connection on which something failed is rolled back and goes back clean; one that does not answer is closed. */
async function giveBack(connection: PoolConnection): Promise<void> {
  try {
    await connection.rollback();
    await connection.query('SET foreign_key_checks = 1');
    await connection.release();
  } catch {
    connection.destroy();
  }
}
