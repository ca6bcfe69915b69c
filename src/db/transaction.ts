/**
 * The one way to write. A service opens one transaction; inside it the rows, the journal and the outbox are written
 * together or not at all. Journal events are gathered and linked into the hash chain last, just before the commit, so that
 * the chain's lock is held for the shortest time and is always the last one taken (no deadlock with row locks).
 */
import type { Database, Prisma } from './client.ts';
import type { PrismaClient } from './generated/client.ts';

type PrismaTransaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

export interface Transaction {
  /** Prisma inside the transaction. */
  readonly prisma: PrismaTransaction;
  readonly nirSchema: string;
  /** Reads rows inside the transaction; BIGINT as bigint. */
  query<Row>(statement: Prisma.Sql): Promise<Row[]>;
  /** Writes; returns the number of rows affected. */
  execute(statement: Prisma.Sql): Promise<number>;
  /** Runs just before the commit, in the order of registration. */
  beforeCommit(action: () => Promise<void>): void;
  /** Runs once the commit is done: wake a worker, never write. */
  afterCommit(action: () => void): void;
}

export interface TransactionOptions {
  /** Milliseconds before the transaction is given up. */
  readonly timeout?: number;
}

/** MariaDB and MySQL: 1213 deadlock, 1205 lock wait timeout: safe to run again from the start. */
const RETRYABLE = /\b(1213|1205)\b|deadlock|write conflict|P2034/i;

/** True when the database asks for the transaction to be run again. */
export function isRetryable(error: unknown): boolean {
  const detail = error as { code?: string; message?: string; meta?: unknown };
  return RETRYABLE.test(`${detail.code ?? ''} ${detail.message ?? ''} ${JSON.stringify(detail.meta ?? '')}`);
}

const MOST_ATTEMPTS = 3;

/** Runs a statement that stands for itself; one that the database gave up to end a deadlock runs again, three times at most. */
export async function retryingDeadlocks<Result>(statement: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await statement();
    } catch (error) {
      if (attempt >= MOST_ATTEMPTS || !isRetryable(error)) throw error;
    }
  }
}

const commits = new WeakMap<object, number>();

/** How many transactions this process has committed on a database: what was counted before another one may have changed. */
export function commitsOn(database: object): number {
  return commits.get(database) ?? 0;
}

/** Called by whoever commits. */
export function countCommit(database: object): void {
  commits.set(database, commitsOn(database) + 1);
}

/**
 * Runs `work` in one transaction (READ COMMITTED, as every connection is opened) and commits; rolls back when it throws.
 * A deadlock runs it again, three times at most: `work` must have no effect outside the transaction.
 */
export async function inTransaction<Result>(
  database: Database,
  work: (tx: Transaction) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const afterCommit: (() => void)[] = [];
    try {
      const result = await database.prisma.$transaction(
        async (prisma) => {
          const beforeCommit: (() => Promise<void>)[] = [];
          const outcome = await work({
            prisma,
            nirSchema: database.nirSchema,
            query: (statement) => prisma.$queryRaw(statement),
            execute: (statement) => prisma.$executeRaw(statement),
            beforeCommit: (action) => void beforeCommit.push(action),
            afterCommit: (action) => void afterCommit.push(action),
          });
          for (const action of beforeCommit) await action();
          return outcome;
        },
        { timeout: options.timeout ?? 15_000, maxWait: 5_000 },
      );
      countCommit(database);
      for (const action of afterCommit) action();
      return result;
    } catch (error) {
      if (attempt >= MOST_ATTEMPTS || !isRetryable(error)) throw error;
    }
  }
}
