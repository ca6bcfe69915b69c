/**
 * One pool a process, two ways to use it: Prisma for writes and everyday reads, plain SQL for the reads that decide
 * how fast a page is (a list through Prisma costs four times the processor time of the same SQL).
 */
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import * as mariadb from 'mariadb';
import { Prisma, PrismaClient } from './generated/client.ts';
import { guardPool } from './guarded-pool.ts';

export { Prisma };
export type SqlFragment = Prisma.Sql;

export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: mariadb.Pool;
  /** Back-quoted name of the schema that holds the NIR, for qualified SQL. */
  readonly nirSchema: string;
  /** Runs a read and returns its rows as objects; dates as Date (UTC), BIGINT as number. */
  query<Row>(statement: Prisma.Sql): Promise<Row[]>;
  /** Number of statements sent since the process started; tests use it to prove a page has no N+1. */
  statementCount(): number;
  close(): Promise<void>;
}

/** Reads inside a transaction as well as outside: what query functions take. */
export type Reader = Pick<Database, 'query' | 'nirSchema'>;

/**
 * Opens the pool; no connection is made before the first query.
 * @param url `mysql://user:password@host:port/database`
 * @param connectionLimit connections of this process at most
 */
export function openDatabase(url: string, { connectionLimit = 10 }: { connectionLimit?: number } = {}): Database {
  const address = new URL(url);
  const database = address.pathname.slice(1);
  const server = {
    host: address.hostname,
    port: address.port === '' ? 3306 : Number(address.port),
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    database,
    ...(address.searchParams.has('ssl') ? { ssl: true } : {}),
  };
  const pool = mariadb.createPool({
    ...server,
    connectionLimit,
    minimumIdle: 1,
    idleTimeout: 600,
    acquireTimeout: 5_000,
    connectTimeout: 3_000,
    // For so long the pool tries again twice a second; beyond it waits longer and longer, up to ten seconds after a long night.
    initializationTimeout: 60_000,
    timezone: 'Z',
    initSql: [
      // MySQL cuts GROUP_CONCAT at 1 024 bytes; what MariaDB allows by itself holds the labels of any record.
      "SET time_zone = '+00:00', group_concat_max_len = 1048576, sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
      // Of every transaction: said once a connection, not once a transaction.
      'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    ],
    prepareCacheLength: 0,
    bigIntAsNumber: true,
    insertIdAsNumber: true,
    decimalAsNumber: true,
    collation: 'utf8mb4_unicode_ci',
  });
  const endGuard = guardPool(pool, async () => {
    const connection = await mariadb.createConnection({ ...server, connectTimeout: 1_000 });
    // It answered, which is all that was asked: nobody waits for a goodbye that may never come.
    connection.end().catch(() => connection.destroy());
  });
  let statements = 0;
  const adapter = new PrismaMariaDb(pool, { useTextProtocol: true, database });
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
  prisma.$on('query', () => {
    statements += 1;
  });
  return {
    prisma,
    pool,
    nirSchema: `\`${database}_nir\``,
    async query<Row>(statement: Prisma.Sql) {
      statements += 1;
      return pool.query<Row[]>(statement.sql, statement.values);
    },
    statementCount: () => statements,
    async close() {
      endGuard();
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
