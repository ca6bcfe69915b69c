/** The migrations that change rows, on a base that held some before them. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as mariadb from 'mariadb';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrationNames, migrationsFolder } from '../../../src/db/migration-files.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { newId } from '../../../src/shared/ids.ts';
import { connectionOptions } from '../../support/test-server.ts';

const base = inject('testDatabaseUrl');
if (base === null) throw new Error('This test needs a database: run it with `npm test -- <file>`.');
const url = `${base}_${process.env.VITEST_POOL_ID ?? '1'}_upgrade`;
const { options, database } = connectionOptions(url);

let folder: string;
let connection: mariadb.Connection;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crm-upgrade-'));
  connection = await mariadb.createConnection(options);
  await dropBoth();
});
afterEach(async () => {
  await dropBoth();
  await connection.end();
  rmSync(folder, { recursive: true });
});

async function dropBoth(): Promise<void> {
  for (const name of [database, `${database}_nir`]) await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
}

/** Makes the base as it was before a migration, and goes into it. */
async function baseBefore(migration: string): Promise<void> {
  for (const name of migrationNames(migrationsFolder))
    if (name < migration) cpSync(join(migrationsFolder, name), join(folder, name), { recursive: true });
  await migrate({ databaseUrl: url, folder });
  await connection.query(`USE \`${database}\``);
}

describe('an upgrade', () => {
  it('takes from contacts what leads nowhere before it forbids it', async () => {
    await baseBefore('20261122223500_contact_links');
    const [company, linked, lost, student] = [newId(), newId(), newId(), newId()];
    await connection.query(
      "INSERT INTO company (id, name, name_key, origin) VALUES (?, 'ATELIER', 'atelier', 'manual')",
      [company],
    );
    await connection.query(
      "INSERT INTO student (id, student_number, last_name, first_name, name_key, status, origin) VALUES (?, 'A100', 'BERRIVIN', 'Ada', 'berrivin ada', 'alumni', 'manual')",
      [student],
    );
    for (const [id, of] of [
      [linked, student],
      [lost, newId()],
    ]) {
      await connection.query(
        "INSERT INTO contact (id, company_id, last_name, name_key, student_id) VALUES (?, ?, 'BERRIVIN', 'berrivin', ?)",
        [id, company, of],
      );
      await connection.query("INSERT INTO contact_search_token (token, contact_id) VALUES ('berrivin', ?)", [id]);
    }
    await connection.query("INSERT INTO contact_search_token (token, contact_id) VALUES ('parti', ?)", [newId()]);

    await migrate({ databaseUrl: url });

    const contacts = await connection.query('SELECT id, student_id FROM contact ORDER BY id');
    expect(contacts).toEqual([
      { id: linked, student_id: student },
      { id: lost, student_id: null },
    ]);
    expect(await connection.query('SELECT DISTINCT token FROM contact_search_token')).toEqual([{ token: 'berrivin' }]);
    await expect(connection.query('DELETE FROM student')).rejects.toThrow(/contact_student/);
  });

  it('forgets how many duplicates were found before they were counted by kind', async () => {
    await baseBefore('20261122233200_job_run_found');
    const runs = {
      old: { found: 12, reason: null },
      recent: { found: { student: 3, company: 4 } },
      import: { totals: { created: 5 } },
    };
    for (const [job, detail] of Object.entries(runs))
      await connection.query(
        "INSERT INTO job_run (id, site, job, `trigger`, detail) VALUES (?, 'srvcrm1', ?, 'user', ?)",
        [newId(), job, JSON.stringify(detail)],
      );
    await connection.query("INSERT INTO job_run (id, site, job, `trigger`) VALUES (?, 'srvcrm1', 'none', 'user')", [
      newId(),
    ]);

    await migrate({ databaseUrl: url });

    const rows = await connection.query<{ job: string; detail: string | null }[]>('SELECT job, detail FROM job_run');
    const details = Object.fromEntries(rows.map(({ job, detail }) => [job, JSON.parse(detail ?? 'null') as unknown]));
    expect(details).toEqual({ ...runs, old: { reason: null }, none: null });
  });
});
