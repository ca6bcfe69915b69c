/** `crm import`: what it prints, what it leaves behind, and how it ends. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { runCommand } from '../support/command-line.ts';
import { legacyPath } from '../support/golden-files.ts';
import { personNir, personsFile } from '../support/imports.ts';

const app = useTestApp({ emptied: 'once' });
const folder = mkdtempSync(join(tmpdir(), 'crm-command-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const students = (...words: string[]) => runCommand(app, ['import', 'students', ...words]);
const count = async (): Promise<number> =>
  Number((await app.database.query<{ n: number }>('SELECT COUNT(*) AS n FROM student'))[0]?.n);
const TWO = personsFile([{}, {}]);

describe('crm import students', { timeout: 120_000 }, () => {
  it('shows in a dry run what it would do, and writes nothing', async () => {
    const outcome = await students(TWO, '--dry-run');
    expect(outcome).toMatchObject({ code: 0, complaint: '' });
    expect(outcome.output).toContain('Dry run, nothing was written: 2 rows, 2 created');
    expect(await count()).toBe(0);
  });

  it('refuses a report that cannot be written before it imports anything', async () => {
    const outcome = await students(TWO, '--report', join(folder, 'nowhere', 'r.json'));
    expect(outcome.code).toBe(2);
    expect(outcome.complaint).toContain('cannot be written (ENOENT)');
    expect(await count()).toBe(0);
  });

  it('writes the report beside its one line, and nothing but the document with --json', async () => {
    const report = join(folder, 'r.json');
    const outcome = await students(TWO, '--report', report);
    expect(outcome).toEqual({
      code: 0,
      output: 'Applied: 2 rows, 2 created, 0 updated, 0 unchanged, 0 duplicate, 0 rejected, 0 missing.\n',
      complaint: '',
    });
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ status: 'applied', totals: { created: 2 } });
    const again = await students(TWO, '--json');
    expect(again.code).toBe(1);
    expect(JSON.parse(again.output)).toMatchObject({ status: 'refused', error: 'ALREADY_IMPORTED' });
    expect((await students(TWO, '--force')).output).toContain('2 unchanged');
  });

  it('ends with 3 at a suspicious file, and applies it once confirmed', async () => {
    const one = personsFile([{}]);
    const waiting = await students(one);
    expect(waiting.code).toBe(3);
    expect(waiting.output).toContain('run again with --confirm');
    expect((await students(one, '--dry-run')).code).toBe(3);
    expect((await students(one, '--confirm')).code).toBe(0);
  });

  it('ends with 1 at an unreadable file, even confirmed, and with 2 when it is called wrongly', async () => {
    const refused = await students(legacyPath('referentiel-illisible.xls'), '--confirm');
    expect(refused).toEqual({ code: 1, output: 'Refused: FILE_UNREADABLE. Nothing was written.\n', complaint: '' });
    expect((await students(legacyPath('referentiel-illisible.xls'), '--dry-run')).code).toBe(1);
    expect((await students()).code).toBe(2);
    expect((await students(TWO, '--bogus')).code).toBe(2);
  });
});

describe('the report of an import that did not end well', { timeout: 120_000 }, () => {
  const reportOf = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as unknown;
  const refuseInto = (table: string) =>
    app.database.query(
      `CREATE TRIGGER refused_by_test BEFORE INSERT ON ${table} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by the test'`,
    );
  afterEach(() => app.database.query('DROP TRIGGER IF EXISTS refused_by_test'));

  it('says refused, with a code that tells whether something is written', async () => {
    const file = personsFile([{ name: 'PANNE Anne', nir: personNir(800) }]);
    const report = join(folder, 'failed.json');
    await refuseInto('import_row');
    expect((await students(file, '--confirm', '--report', report)).code).toBe(1);
    expect(reportOf(report)).toMatchObject({ status: 'refused', error: 'IMPORT_FAILED', state: 'failed', rows: [] });
    await app.database.query('DROP TRIGGER refused_by_test');
    await refuseInto('student');
    expect((await students(file, '--confirm', '--report', report)).code).toBe(1);
    expect(reportOf(report)).toMatchObject({ status: 'refused', error: 'IMPORT_INCOMPLETE', state: 'failed' });
  });

  it('is not made while the batch is under way, which a command that is interrupted leaves', async () => {
    // Another process is said to write: the command waits for it.
    await app.database.query(
      "INSERT INTO job_lease (site, job, owner, held_until) VALUES ('srvcrm1', 'imports.write', 'another process', NOW(3) + INTERVAL 1 HOUR)",
    );
    const applying = () => app.database.query<{ id: string }>("SELECT id FROM import_batch WHERE state = 'applying'");
    const report = join(folder, 'under-way.json');
    const file = personsFile([{ name: 'ATTENTE Anne', nir: personNir(801) }]);
    let interrupt = (): void => undefined;
    const ended = runCommand(app, ['import', 'students', file, '--confirm', '--report', report], '', (stop) => {
      interrupt = stop;
    });
    await expect.poll(applying, { timeout: 30_000 }).toHaveLength(1);
    interrupt();
    expect(await ended).toMatchObject({ code: 1, output: '' });
    expect(reportOf(report)).toMatchObject({ error: { code: 'IMPORT_UNDER_WAY' } });

    const [batch] = await applying();
    const person = await app.signInAs('scolarite');
    for (const extension of ['json', 'xlsx']) {
      const answer = await person.agent.get(`/imports/${batch?.id ?? ''}.${extension}`);
      expect([extension, answer.status]).toEqual([extension, 409]);
      expect(answer.headers['content-disposition']).toBeUndefined();
      expect(answer.text).toContain('Cet import est en cours');
    }
    const { body } = await person.agent.get(`/imports/${batch?.id ?? ''}.json`);
    expect(body).toMatchObject({ error: { code: 'IMPORT_UNDER_WAY' } });
  });
});

describe('crm import companies', { timeout: 120_000 }, () => {
  it('refuses a source that does not answer, without a trace of the program', async () => {
    const source = 'mysql://nobody:secret@127.0.0.1:1/getent';
    const outcome = await runCommand(app, ['import', 'companies', '--source', source]);
    expect(outcome).toEqual({ code: 1, output: 'Refused: SOURCE_UNREACHABLE. Nothing was written.\n', complaint: '' });
  });
});

describe('crm students list', { timeout: 120_000 }, () => {
  it('leaves out people under limitation of processing', async () => {
    await app.database.query('UPDATE student SET restricted_at = NOW(3) ORDER BY id LIMIT 1');
    const { output } = await runCommand(app, ['students', 'list', '--json']);
    expect(JSON.parse(output)).toHaveLength((await count()) - 1);
  });
});
