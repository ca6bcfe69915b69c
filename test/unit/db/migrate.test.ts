import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MigrationError, isUpToDate, migrate, pendingMigrations } from '../../../src/db/migrate.ts';
import { useMigrationBase } from '../../support/migration-base.ts';

const base = useMigrationBase('migrate');
const { url, database } = base;

function writeMigration(name: string, sql: string): void {
  mkdirSync(join(base.folder, name), { recursive: true });
  writeFileSync(join(base.folder, name, 'migration.sql'), sql);
}

async function tables(schema = database): Promise<string[]> {
  const rows = await base.connection.query<{ name: string }[]>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_name <> '_prisma_migrations' ORDER BY 1",
    [schema],
  );
  return rows.map(({ name }) => name);
}

function records(): Promise<Record<string, unknown>[]> {
  return base.connection.query(`SELECT * FROM \`${database}\`.\`_prisma_migrations\` ORDER BY started_at`);
}

describe('migrate', () => {
  it('creates the database and its NIR schema, and applies the files in the order of their stamps', async () => {
    writeMigration('20260102000000_second', 'ALTER TABLE person ADD COLUMN name VARCHAR(20);');
    writeMigration(
      '20260101000000_first',
      'CREATE TABLE person (id INT PRIMARY KEY);\n-- apart;\nCREATE TABLE __NIR__.secret (id INT PRIMARY KEY);',
    );
    const said: string[] = [];

    const applied = await migrate({ databaseUrl: url, folder: base.folder, log: (message) => said.push(message) });

    expect(applied).toEqual(['20260101000000_first', '20260102000000_second']);
    expect(said).toHaveLength(2);
    expect(await tables()).toEqual(['person']);
    expect(await tables(`${database}_nir`)).toEqual(['secret']);
  });

  it('records each migration as Prisma does', async () => {
    writeMigration('20260101000000_first', 'SELECT 1; SELECT 2;');
    await migrate({ databaseUrl: url, folder: base.folder });

    const [record] = await records();
    expect(record).toMatchObject({
      migration_name: '20260101000000_first',
      // sha256sum of the file
      checksum: '706663be04d8cbe6023f2354f0af9e5f9f3314533d90dec6e2f90994e93289df',
      applied_steps_count: 1,
      logs: null,
      rolled_back_at: null,
      finished_at: expect.any(Date) as Date,
    });
    expect(record?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('finds nothing to do the second time', async () => {
    writeMigration('20260101000000_first', 'CREATE TABLE person (id INT PRIMARY KEY);');
    await migrate({ databaseUrl: url, folder: base.folder });

    expect(await migrate({ databaseUrl: url, folder: base.folder })).toEqual([]);
  });

  it('lets two processes migrate at once: one does the work, the other finds it done', async () => {
    writeMigration('20260101000000_first', 'DO SLEEP(0.2); CREATE TABLE person (id INT PRIMARY KEY);');

    const applied = await Promise.all([
      migrate({ databaseUrl: url, folder: base.folder }),
      migrate({ databaseUrl: url, folder: base.folder }),
    ]);

    expect(applied.flat()).toEqual(['20260101000000_first']);
  });

  it('refuses a migration that was changed after it was applied, by name', async () => {
    writeMigration('20260101000000_first', 'SELECT 1;');
    await migrate({ databaseUrl: url, folder: base.folder });
    writeMigration('20260101000000_first', 'SELECT 2;');

    await expect(migrate({ databaseUrl: url, folder: base.folder })).rejects.toThrow(
      /20260101000000_first\/migration.sql was changed after it was applied/,
    );
  });

  it('refuses a database that is ahead of this version', async () => {
    writeMigration('20260101000000_first', 'SELECT 1;');
    writeMigration('20260102000000_second', 'SELECT 1;');
    await migrate({ databaseUrl: url, folder: base.folder });
    rmSync(join(base.folder, '20260102000000_second'), { recursive: true });

    await expect(migrate({ databaseUrl: url, folder: base.folder })).rejects.toThrow(
      /20260102000000_second.*older than its database/,
    );
  });

  it('names the migration and the statement that failed, then goes on from there', async () => {
    writeMigration(
      '20260101000000_first',
      'CREATE TABLE person (id INT PRIMARY KEY); INSERT INTO missing VALUES (1); CREATE TABLE last (id INT PRIMARY KEY);',
    );
    const failure = await migrate({ databaseUrl: url, folder: base.folder }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MigrationError);
    expect(String(failure)).toContain('Statement 2 of 3 of the migration 20260101000000_first failed');
    expect(String(failure)).toContain('INSERT INTO missing VALUES (1)');
    expect(await records()).toMatchObject([{ finished_at: null, applied_steps_count: 1 }]);

    await base.connection.query(`CREATE TABLE \`${database}\`.missing (id INT PRIMARY KEY)`);
    expect(await migrate({ databaseUrl: url, folder: base.folder })).toEqual(['20260101000000_first']);
    expect(await tables()).toEqual(['last', 'missing', 'person']);
  });

  it('asks for the old file when a half-applied migration was changed', async () => {
    writeMigration('20260101000000_first', 'CREATE TABLE person (id INT PRIMARY KEY); BROKEN;');
    await expect(migrate({ databaseUrl: url, folder: base.folder })).rejects.toThrow(MigrationError);
    writeMigration('20260101000000_first', 'CREATE TABLE person (id INT PRIMARY KEY);');

    await expect(migrate({ databaseUrl: url, folder: base.folder })).rejects.toThrow(
      /failed after 1 statements and was changed since/,
    );
  });

  it('takes the corrected file when nothing of the failed one was applied', async () => {
    writeMigration('20260101000000_first', 'BROKEN;');
    await expect(migrate({ databaseUrl: url, folder: base.folder })).rejects.toThrow(MigrationError);
    writeMigration('20260101000000_first', 'CREATE TABLE person (id INT PRIMARY KEY);');

    expect(await migrate({ databaseUrl: url, folder: base.folder })).toEqual(['20260101000000_first']);
  });
});

it('names the server it cannot reach, without the password', async () => {
  const failure = await migrate({ databaseUrl: 'mysql://crm:hidden@127.0.0.1:1/crm' }).catch((error: unknown) => error);
  expect(String(failure)).toContain('127.0.0.1:1');
  expect(String(failure)).not.toContain('hidden');
});

describe('the migrations of the product', () => {
  it('are all pending on an empty database, and none once applied', async () => {
    await base.connection.query(`CREATE DATABASE \`${database}\``);
    await base.connection.query(`USE \`${database}\``);
    const before = await pendingMigrations(base.connection);
    expect(before.length).toBeGreaterThan(0);
    expect(await isUpToDate(base.connection)).toBe(false);

    expect(await migrate({ databaseUrl: url })).toEqual(before);

    expect(await pendingMigrations(base.connection)).toEqual([]);
    expect(await isUpToDate(base.connection)).toBe(true);
  });
});
