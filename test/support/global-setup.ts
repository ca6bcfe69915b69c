/**
 * Gives each run of the tests its own set of databases: `<base>_test_<slot>_<worker>`. Runs that happen at once on one server
 * hold different slots, by a lock that the server frees when they end, however they end.
 */
import * as mariadb from 'mariadb';
import type { TestProject } from 'vitest/node';
import { connectionOptions } from './test-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `mysql://…/<base>_test_<slot>`: the worker's number completes the name. Null when no server was given. */
    testDatabaseUrl: string | null;
  }
}

const MOST_RUNS_AT_ONCE = 50;

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const adminUrl = process.env.TEST_DATABASE_ADMIN_URL;
  if (!adminUrl) {
    project.provide('testDatabaseUrl', null);
    return undefined;
  }
  const { options, database: base } = connectionOptions(adminUrl);
  if (!base.endsWith('_test')) throw new Error('TEST_DATABASE_ADMIN_URL must end with a name in "_test"');
  const connection = await mariadb.createConnection(options);
  const slot = await takeSlot(connection, base);
  const url = new URL(adminUrl);
  url.pathname = `/${base}_${slot}`;
  project.provide('testDatabaseUrl', url.href);

  return async () => {
    if (process.env.TEST_DATABASE_KEEP !== '1') await dropDatabases(connection, `${base}_${slot}_`);
    await connection.end();
  };
}

async function takeSlot(connection: mariadb.Connection, base: string): Promise<number> {
  for (let slot = 1; slot <= MOST_RUNS_AT_ONCE; slot += 1) {
    const [row] = await connection.query<{ got: unknown }[]>('SELECT GET_LOCK(?, 0) AS got', [`${base}_run_${slot}`]);
    if (Number(row?.got) === 1) return slot;
  }
  throw new Error(`${MOST_RUNS_AT_ONCE} test runs already use this server`);
}

async function dropDatabases(connection: mariadb.Connection, prefix: string): Promise<void> {
  const found = await connection.query<{ name: string }[]>(
    'SELECT schema_name AS name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ?',
    [prefix.length, prefix],
  );
  for (const { name } of found) await connection.query(`DROP DATABASE \`${name}\``);
}
