/** Step of `npm run check`: migrates a database made for the occasion and compares it with the Prisma schema. */
import { join } from 'node:path';
import * as mariadb from 'mariadb';
import { migrate } from '../../src/db/migrate.ts';
import { projectRoot } from '../../src/project-root.ts';
import { readSchema } from './prisma-schema.ts';
import { findDrift } from './schema-drift.ts';

const adminUrl = process.env.TEST_DATABASE_ADMIN_URL;
if (!adminUrl) throw new Error('TEST_DATABASE_ADMIN_URL is missing: run npm run check');
const url = new URL(adminUrl);
const database = `${url.pathname.slice(1)}_drift_${process.pid}`;
url.pathname = `/${database}`;

await migrate({ databaseUrl: url.href });
const connection = await mariadb.createConnection({
  host: url.hostname,
  port: Number(url.port || 3306),
  user: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
  database,
});
try {
  const differences = await findDrift(connection, readSchema(join(projectRoot, 'prisma', 'schema')));
  for (const difference of differences) process.stdout.write(`${difference}\n`);
  process.exitCode = differences.length > 0 ? 1 : 0;
} finally {
  for (const name of [database, `${database}_nir`]) await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
  await connection.end();
}
