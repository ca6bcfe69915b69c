import * as mariadb from 'mariadb';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { guardJournal, JOURNAL_PURGE } from '../../src/db/journal-guard.ts';
import { isUpToDate, migrate } from '../../src/db/migrate.ts';
import { connectionOptions } from './test-server.ts';

export interface TestDatabase {
  /** DATABASE_URL for the container. The database stands, migrated and empty, from the first hook on. */
  readonly url: string;
  /** Empties every table of both schemas. */
  reset(): Promise<void>;
  /** Plain SQL on the same database, to look at what the product wrote. */
  query<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
}

/**
 * The database of this worker: a real one, migrated once and kept between files, with its NIR schema beside it.
 * Call it at the top of a test file. Tables are emptied before each test, or once with `emptied: 'once'` for a file whose
 * tests build on one another.
 */
export function useTestDatabase({ emptied = 'each' }: { emptied?: 'each' | 'once' } = {}): TestDatabase {
  const base = inject('testDatabaseUrl');
  if (base === null) throw new Error('This test needs a database: run it with `npm test -- <file>`.');
  const url = `${base}_${process.env.VITEST_POOL_ID ?? '1'}`;
  let connection: mariadb.Connection | undefined;
  let tables: string[] = [];

  const opened = (): mariadb.Connection => {
    if (!connection) throw new Error('The test database is open inside tests and hooks only.');
    return connection;
  };
  const reset = (): Promise<void> => emptyTables(opened(), tables);

  beforeAll(async () => {
    await migrateOnce(url);
    const { options, database } = connectionOptions(url);
    connection = await mariadb.createConnection({ ...options, database });
    // Tests empty the journal as well, as what deletes events whose time has come does.
    await connection.query(`SET ${JOURNAL_PURGE} = 1`);
    tables = await listTables(connection, database);
    if (emptied === 'once') await reset();
  });
  if (emptied === 'each') beforeEach(reset);
  afterAll(async () => {
    await connection?.end();
    connection = undefined;
  });

  return { url, reset, query: (sql, values) => opened().query(sql, values) };
}

/** A database left by an earlier run serves again when it was made from the same migrations; otherwise it is made anew. */
async function migrateOnce(url: string): Promise<void> {
  const { options, database } = connectionOptions(url);
  const connection = await mariadb.createConnection(options);
  try {
    const names = [database, `${database}_nir`];
    const found = await connection.query<unknown[]>(
      'SELECT 1 FROM information_schema.schemata WHERE schema_name IN (?, ?)',
      names,
    );
    if (found.length === names.length) {
      await connection.query(`USE \`${database}\``);
      if (await isUpToDate(connection)) {
        await guardJournal(connection);
        return;
      }
    }
    for (const name of names) await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
    await migrate({ databaseUrl: url });
  } finally {
    await connection.end();
  }
}

async function listTables(connection: mariadb.Connection, database: string): Promise<string[]> {
  const rows = await connection.query<{ place: string; name: string }[]>(
    "SELECT table_schema AS place, table_name AS name FROM information_schema.tables WHERE table_schema IN (?, ?) AND table_type = 'BASE TABLE' AND table_name <> '_prisma_migrations'",
    [database, `${database}_nir`],
  );
  return rows.map(({ place, name }) => `\`${place}\`.\`${name}\``);
}

/** Most tables are empty most of the time: one statement finds those that are not, and only they are cleared. */
async function emptyTables(connection: mariadb.Connection, tables: string[]): Promise<void> {
  const probes = tables.map((table) => `SELECT '${table}' AS name FROM DUAL WHERE EXISTS (SELECT 1 FROM ${table})`);
  const filled = await connection.query<{ name: string }[]>(probes.join(' UNION ALL '));
  if (filled.length === 0) return;
  await connection.query('SET FOREIGN_KEY_CHECKS = 0');
  for (const { name } of filled) await connection.query(`DELETE FROM ${name}`);
  await connection.query('SET FOREIGN_KEY_CHECKS = 1');
}
