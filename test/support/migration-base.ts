/** A base of its own, made and dropped around each test, with a folder to put migrations in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as mariadb from 'mariadb';
import { afterEach, beforeEach, inject } from 'vitest';
import { connectionOptions } from './test-server.ts';

export interface MigrationBase {
  readonly url: string;
  readonly database: string;
  /** Empty at the beginning of each test. */
  readonly folder: string;
  /** Of the server: no database is chosen. */
  readonly connection: mariadb.Connection;
}

/** @param suffix keeps the bases of test files apart */
export function useMigrationBase(suffix: string): MigrationBase {
  const base = inject('testDatabaseUrl');
  if (base === null) throw new Error('This test needs a database: run it with `npm test -- <file>`.');
  const url = `${base}_${process.env.VITEST_POOL_ID ?? '1'}_${suffix}`;
  const { options, database } = connectionOptions(url);
  let folder = '';
  let connection: mariadb.Connection | undefined;

  async function dropBoth(): Promise<void> {
    for (const name of [database, `${database}_nir`]) await connection?.query(`DROP DATABASE IF EXISTS \`${name}\``);
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crm-migrations-'));
    connection = await mariadb.createConnection(options);
    await dropBoth();
  });
  afterEach(async () => {
    await dropBoth();
    await connection?.end();
    rmSync(folder, { recursive: true });
  });

  return {
    url,
    database,
    get folder() {
      return folder;
    },
    get connection() {
      if (!connection) throw new Error('Connected in a test alone');
      return connection;
    },
  };
}
