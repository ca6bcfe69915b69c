/**
 * A pool that does not let every request wait for a database that is away: as soon as its server is known not to answer, requests
 * fail at once, until it is seen to answer again. A pool alone cannot tell a server that is gone from one that is busy, and keeps each
 * request for as long as a busy one deserves.
 */
import type { Pool, PoolConnection, QueryOptions } from 'mariadb';
import { isDatabaseDown } from './errors.ts';

/** Milliseconds that a request waits for a first connection before the server is asked aside whether it is there. */
const PATIENCE_MS = 200;
/** Milliseconds without an answer to anything after which the server is asked as well: a host that lost its power says nothing. */
const SILENCE_MS = 2_000;
/** Milliseconds between two looks at a server that is away. */
const LOOK_EVERY_MS = 500;

/** Said as the pool says that it has no connection to give. */
class DatabaseAwayError extends Error {
  readonly code = 'ER_GET_CONNECTION_TIMEOUT';
  readonly errno = 45028;
  readonly sqlState = 'HY000';

  constructor() {
    super('The database server does not answer');
    this.name = 'DatabaseAwayError';
  }
}

/** ER_SERVER_SHUTDOWN. */
const SHUTTING_DOWN = 1053;
/** Numbers of a server are below those of the driver; those of the system are negative. */
const FIRST_OF_DRIVER = 45_000;

/** A server that refuses an account, or has no connection left, is there: whoever holds a connection goes on. */
function isUnreachable(error: unknown): boolean {
  const { errno = 0 } = error as { errno?: number };
  return isDatabaseDown(error) && !(errno > 0 && errno < FIRST_OF_DRIVER && errno !== SHUTTING_DOWN);
}

/**
 * Guards a pool, in place: whoever holds it, Prisma included, is guarded.
 * @param reach opens a connection of its own to the same server, and closes it
 * @returns a function that ends the guard, to be called before the pool is closed
 */
export function guardPool(pool: Pool, reach: () => Promise<void>): () => void {
  const bare = {
    getConnection: pool.getConnection.bind(pool),
    query: pool.query.bind(pool),
    execute: pool.execute.bind(pool),
  };
  let isAway = false;
  let isEnded = false;
  let isLooking = false;
  let nextLook: NodeJS.Timeout | undefined;
  let lastAnswerAt = 0;
  /** What to tell those who wait for an answer. */
  const waiting = new Set<() => void>();
  const listening = setInterval(() => {
    if (waiting.size > 0 && performance.now() - lastAnswerAt > SILENCE_MS) look();
  }, SILENCE_MS / 2).unref();

  function look(): void {
    if (isLooking || isEnded) return;
    isLooking = true;
    clearTimeout(nextLook);
    reach()
      .then(
        () => false,
        (error: unknown) => isUnreachable(error),
      )
      .then((away) => {
        isLooking = false;
        isAway = away;
        if (!away || isEnded) return;
        for (const giveUp of waiting) giveUp();
        nextLook = setTimeout(look, LOOK_EVERY_MS).unref();
      })
      .catch(() => undefined);
  }

  /**
   * Waits for an answer until the server is known to be away, and looks at the server when there is none for want of it.
   * @param onLate given an answer that comes when it was given up
   */
  function watched<Result>(request: Promise<Result>, onLate?: (answer: Result) => void): Promise<Result> {
    if (waiting.size === 0) lastAnswerAt = performance.now();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        waiting.delete(giveUp);
        reject(new DatabaseAwayError());
      };
      waiting.add(giveUp);
      request.then(
        (answer) => {
          lastAnswerAt = performance.now();
          if (waiting.delete(giveUp)) resolve(answer);
          else onLate?.(answer);
        },
        (error: Error) => {
          waiting.delete(giveUp);
          if (isDatabaseDown(error)) look();
          reject(error);
        },
      );
    });
  }

  /** What was to be done on it was given up, and must not be done. */
  const giveBack = (connection: PoolConnection): void => {
    connection.release().catch(() => connection.destroy());
  };

  /** A connection of a pool that has none: its server is gone, or was not called yet. */
  function firstConnection(): Promise<PoolConnection> {
    const patience = setTimeout(look, PATIENCE_MS);
    return watched(
      bare.getConnection().finally(() => clearTimeout(patience)),
      giveBack,
    );
  }

  const hasNone = (): boolean => pool.idleConnections() === 0 && pool.totalConnections() === 0;

  function connect(): Promise<PoolConnection> {
    if (isAway) return Promise.reject(new DatabaseAwayError());
    return hasNone() ? firstConnection() : watched(bare.getConnection(), giveBack);
  }

  /** @param onPool runs the statement on any connection @param onConnection runs it on this one */
  function run<Result>(
    onPool: () => Promise<Result>,
    onConnection: (connection: PoolConnection) => Promise<Result>,
  ): Promise<Result> {
    if (isAway) return Promise.reject(new DatabaseAwayError());
    if (!hasNone()) return watched(onPool());
    return firstConnection().then(async (connection) => {
      try {
        return await watched(onConnection(connection));
      } finally {
        await connection.release();
      }
    });
  }

  pool.getConnection = connect;
  pool.query = <Result>(sql: string | QueryOptions, values?: unknown): Promise<Result> =>
    run<Result>(
      () => bare.query(sql, values),
      (connection) => connection.query(sql, values),
    );
  pool.execute = <Result>(sql: string | QueryOptions, values?: unknown): Promise<Result> =>
    run<Result>(
      () => bare.execute(sql, values),
      (connection) => connection.execute(sql, values),
    );

  return () => {
    isEnded = true;
    clearTimeout(nextLook);
    clearInterval(listening);
  };
}
