/** A process killed in the middle, and run again: the end is that of one clean run. @see import rules §5 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { testEnvironment, useTestApp } from '../support/app.ts';
import { importStudents, personNir, personsFile, type PersonRow } from '../support/imports.ts';

const app = useTestApp();
const actor = systemActor('test', 'cli');
const CHILD = fileURLToPath(new URL('../support/import-child.ts', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'crm-kill-'));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

function startImport(file: string): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, file], {
    env: { PATH: process.env['PATH'], ...testEnvironment(app.database.url, dataDir), LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

const progress = async (state: string): Promise<{ rowsDone: number } | undefined> =>
  (
    await app.database.query<{ rowsDone: number }>(
      'SELECT rows_done AS rowsDone FROM import_batch WHERE state = ? ORDER BY id DESC LIMIT 1',
      [state],
    )
  )[0];

/** Kills the import once it has applied (or read) more than so many rows. */
async function killAfter(child: ChildProcess, state: string, rows: number): Promise<void> {
  const gone = once(child, 'exit');
  for (;;) {
    const now = await progress(state);
    if (now && now.rowsDone > rows) break;
    if (child.exitCode !== null) throw new Error('The import ended before it could be killed');
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  child.kill('SIGKILL');
  await gone;
}

async function outcomeOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('No output');
  return (await text(child.stdout)).trim();
}

const PEOPLE = 900;
const STATUSES = ['prospect', 'en fonction', 'alumni'];

function people(day: 1 | 2): PersonRow[] {
  return Array.from({ length: PEOPLE }, (_, index): PersonRow => {
    const moved = day === 2 && index % 5 === 0;
    return {
      name: `NOM${index % 40} Prénom-${index}`,
      // A tenth of the second day's people are new, as many of the first day's are gone.
      nir: personNir(day === 2 && index % 10 === 3 ? index + 5_000 : index),
      status: STATUSES[(index + (moved ? 1 : 0)) % 3] ?? '',
      address: index % 4 === 0 ? '' : `${index + (moved ? 1 : 0)} rue des Lilas, 75001, Paris`,
      company: `Société ${index % 30}`,
      cursus: `Cursus ${(index + (moved ? 1 : 0)) % 6}`,
      email: index % 50 === 7 ? 'pas une adresse' : `p${index}@mail.example.org`,
    };
  });
}

/** Every table as it stands, told without ids, times and what encryption makes different each time. */
async function dump(): Promise<Record<string, unknown>> {
  const [{ name } = { name: '' }] = await app.database.query<{ name: string }>('SELECT DATABASE() AS name');
  const numberOf = (column: string) => `(SELECT student_number FROM student WHERE id = ${column})`;
  const labelOf = (column: string) => `(SELECT label FROM programme WHERE id = ${column})`;
  const queries = {
    students: `SELECT student_number, last_name, first_name, name_key, status, email, personal_phone, street, postcode, city, cursus, ${labelOf('programme_id')} AS programme, origin, missing_since IS NOT NULL AS missing, anomaly_count, version FROM student ORDER BY 1`,
    words: `SELECT ${numberOf('student_id')} AS number, token FROM student_search_token ORDER BY 1, 2`,
    bases: `SELECT ${numberOf('student_id')} AS number, fields FROM student_import_base ORDER BY 1`,
    statuses: `SELECT ${numberOf('student_id')} AS number, from_status, to_status, origin FROM student_status_change ORDER BY 1, 2, 3`,
    enrolments: `SELECT ${numberOf('student_id')} AS number, ${labelOf('programme_id')} AS programme, origin FROM enrolment ORDER BY 1, 2`,
    profiles: `SELECT ${numberOf('student_id')} AS number, cursus, version FROM alumni_profile ORDER BY 1`,
    positions: `SELECT ${numberOf('student_id')} AS number, company_text, ended_on, version FROM \`position\` ORDER BY 1, 2`,
    programmes: 'SELECT label, label_key, version FROM programme ORDER BY 1',
    numbers: 'SELECT year, last_value FROM student_number_sequence',
    nirs: `SELECT ${numberOf('student_id')} AS number, HEX(nir_index) AS nir, key_digits FROM \`${name}_nir\`.student_nir ORDER BY 1`,
    batches:
      'SELECT source, state, file_sha256, row_count, position, rows_done, totals, suspicion FROM import_batch ORDER BY id',
    rows: `SELECT \`row_number\`, outcome, ${numberOf('entity_id')} AS number, errors, warnings, suggestion, fields, changes, entity_version FROM import_row r JOIN import_batch b ON b.id = r.batch_id ORDER BY b.id, 1`,
    issues:
      'SELECT `row_number`, code, severity, field FROM import_row_issue i JOIN import_batch b ON b.id = i.batch_id ORDER BY b.id, 1, 2',
    images: 'SELECT `row_number` FROM import_before_image i JOIN import_batch b ON b.id = i.batch_id ORDER BY b.id, 1',
    missing: `SELECT ${numberOf('subject_id')} AS number, kind FROM import_missing m JOIN import_batch b ON b.id = m.batch_id ORDER BY b.id, 1`,
    conflicts: `SELECT ${numberOf('subject_id')} AS number, field, base_value, file_value, crm_value, state FROM edit_conflict ORDER BY 1, 2`,
    events: `SELECT action, COALESCE(${numberOf('subject_id')}, subject_type) AS number, COUNT(*) AS times FROM audit_event WHERE subject_type IN ('student', 'import') GROUP BY 1, 2 ORDER BY 1, 2`,
    leases: 'SELECT job FROM job_lease',
  };
  const tables: Record<string, unknown> = {};
  for (const [table, sql] of Object.entries(queries)) tables[table] = await app.database.query(sql);
  return tables;
}

/** The first day applied in one go, and someone who works in the CRM afterwards. */
async function firstDay(): Promise<void> {
  await importStudents(app.services, personsFile(people(1)));
  await app.database.query(
    "UPDATE student SET cursus = 'Choisi dans le CRM', version = version + 1 WHERE name_key LIKE 'nom5 %'",
  );
}

describe('an import killed in the middle', () => {
  it('ends, run again, as one clean run', { timeout: 240_000 }, async () => {
    const file = personsFile(people(2));
    await firstDay();
    expect(await outcomeOf(startImport(file))).toBe('applied');
    const clean = await dump();
    expect(clean['conflicts']).not.toEqual([]);

    await app.database.reset();
    await app.services.accounts.ensureBuiltInRoles();
    await firstDay();
    await killAfter(startImport(file), 'applying', 100);
    const first = await progress('applying');
    await killAfter(startImport(file), 'applying', (first?.rowsDone ?? 0) + 150);
    const second = await progress('applying');
    expect(second?.rowsDone).toBeGreaterThan(first?.rowsDone ?? 0);
    expect(second?.rowsDone).toBeLessThan(PEOPLE);
    expect(await outcomeOf(startImport(file))).toBe('applied');

    const killed = await dump();
    for (const [table, rows] of Object.entries(clean)) expect([table, killed[table]]).toEqual([table, rows]);
    expect((await app.services.verifyJournal()).broken).toBeNull();
  });

  it('is finished by the worker when nobody runs it again', { timeout: 120_000 }, async () => {
    await killAfter(startImport(personsFile(people(1))), 'applying', 100);
    await app.database.query('UPDATE job_lease SET held_until = NOW(3) - INTERVAL 1 SECOND');
    await app.services.imports.work();
    expect(await app.database.query('SELECT state, rows_done AS done FROM import_batch')).toEqual([
      { state: 'applied', done: PEOPLE },
    ]);
  });

  it('is undone to the end when the undoing is killed', { timeout: 120_000 }, async () => {
    const { id } = await importStudents(app.services, personsFile(people(1)));
    const { version } = await app.services.imports.get(actor, id);
    // Another process holds the work: this one only asks for it.
    await app.database.query(
      "INSERT INTO job_lease (site, job, owner, held_until) VALUES ('srvcrm1', 'imports.write', 'autre', NOW(3) + INTERVAL 2 SECOND)",
    );
    await app.services.imports.cancel(actor, { id, version });
    await killAfter(startImport(personsFile(people(2))), 'cancelling', 100);
    expect((await progress('cancelling'))?.rowsDone).toBeLessThan(PEOPLE);
    await app.database.query('DELETE FROM job_lease');
    await app.services.imports.work();
    const undone = await app.services.imports.get(actor, id);
    expect(undone).toMatchObject({ state: 'cancelled', undo: { restored: undone.totals?.created, left: 0 } });
    expect(
      await app.database.query('SELECT COUNT(*) AS n FROM student_import_base WHERE last_batch_id = ?', [id]),
    ).toEqual([{ n: 0 }]);
  });
});
