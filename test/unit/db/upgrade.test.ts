/** The migrations that change rows, on a base that held some before them. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { migrationNames, migrationsFolder } from '../../../src/db/migration-files.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { newId } from '../../../src/shared/ids.ts';
import { useMigrationBase } from '../../support/migration-base.ts';

const base = useMigrationBase('upgrade');

/** Makes the base as it was before a migration, and goes into it. */
async function baseBefore(migration: string): Promise<void> {
  for (const name of migrationNames(migrationsFolder))
    if (name < migration) cpSync(join(migrationsFolder, name), join(base.folder, name), { recursive: true });
  await migrate({ databaseUrl: base.url, folder: base.folder });
  await base.connection.query(`USE \`${base.database}\``);
}

describe('an upgrade', () => {
  it('takes from contacts what leads nowhere before it forbids it', async () => {
    await baseBefore('20261122223500_contact_links');
    const [company, linked, lost, student] = [newId(), newId(), newId(), newId()];
    await base.connection.query(
      "INSERT INTO company (id, name, name_key, origin) VALUES (?, 'ATELIER', 'atelier', 'manual')",
      [company],
    );
    await base.connection.query(
      "INSERT INTO student (id, student_number, last_name, first_name, name_key, status, origin) VALUES (?, 'A100', 'BERRIVIN', 'Ada', 'berrivin ada', 'alumni', 'manual')",
      [student],
    );
    for (const [id, of] of [
      [linked, student],
      [lost, newId()],
    ]) {
      await base.connection.query(
        "INSERT INTO contact (id, company_id, last_name, name_key, student_id) VALUES (?, ?, 'BERRIVIN', 'berrivin', ?)",
        [id, company, of],
      );
      await base.connection.query("INSERT INTO contact_search_token (token, contact_id) VALUES ('berrivin', ?)", [id]);
    }
    await base.connection.query("INSERT INTO contact_search_token (token, contact_id) VALUES ('parti', ?)", [newId()]);

    await migrate({ databaseUrl: base.url });

    const contacts = await base.connection.query('SELECT id, student_id FROM contact ORDER BY id');
    expect(contacts).toEqual([
      { id: linked, student_id: student },
      { id: lost, student_id: null },
    ]);
    expect(await base.connection.query('SELECT DISTINCT token FROM contact_search_token')).toEqual([
      { token: 'berrivin' },
    ]);
    await expect(base.connection.query('DELETE FROM student')).rejects.toThrow(/contact_student/);
  });

  it('forgets how many duplicates were found before they were counted by kind', async () => {
    await baseBefore('20261122233200_job_run_found');
    const runs = {
      old: { found: 12, reason: null },
      recent: { found: { student: 3, company: 4 } },
      import: { totals: { created: 5 } },
    };
    for (const [job, detail] of Object.entries(runs))
      await base.connection.query(
        "INSERT INTO job_run (id, site, job, `trigger`, detail) VALUES (?, 'srvcrm1', ?, 'user', ?)",
        [newId(), job, JSON.stringify(detail)],
      );
    await base.connection.query(
      "INSERT INTO job_run (id, site, job, `trigger`) VALUES (?, 'srvcrm1', 'none', 'user')",
      [newId()],
    );

    await migrate({ databaseUrl: base.url });

    const rows = await base.connection.query<{ job: string; detail: string | null }[]>(
      'SELECT job, detail FROM job_run',
    );
    const details = Object.fromEntries(rows.map(({ job, detail }) => [job, JSON.parse(detail ?? 'null') as unknown]));
    expect(details).toEqual({ ...runs, old: { reason: null }, none: null });
  });
});
