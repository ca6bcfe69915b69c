/** The client's own files through the real engine on a real database, against expected results that no importer made. */
import { beforeAll, describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { readGoldenFile } from '../support/golden-files.ts';
import { expectGolden, importCompanies, importStudents } from '../support/imports.ts';
import { loadLegacyDump } from '../support/legacy-database.ts';

const app = useTestApp({ emptied: 'once' });
let getent = '';

const count = async (table: string): Promise<number> =>
  Number((await app.database.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);

beforeAll(async () => {
  getent = await loadLegacyDump('getent');
});

describe('GetEnt, dumped in latin1', () => {
  it('gives its companies, row by row', async () => {
    const golden = readGoldenFile('getent.sql');
    const { report } = await importCompanies(app.services, getent);
    expect(report).toMatchObject({ source: 'companies', status: 'applied', error: null });
    expectGolden(report, golden);
    expect(report.mergePairs).toEqual(golden.mergePairs);
    expect(await count('company')).toBe(golden.totals.created);
    expect(await count("duplicate_candidate WHERE subject_type = 'company' AND state = 'open'")).toBe(
      golden.mergePairs?.length,
    );
  });

  it('is not read twice', async () => {
    const { report } = await importCompanies(app.services, getent);
    expect(report).toMatchObject({ status: 'refused', error: 'ALREADY_IMPORTED', rows: [] });
  });

  it('changes nothing when it is forced', async () => {
    const { report } = await importCompanies(app.services, getent, { force: true });
    expect(report.totals).toMatchObject(readGoldenFile('getent.sql').secondRun ?? {});
    expect(report.status).toBe('applied');
  });
});

describe('the référentiel', () => {
  it('shows in a dry run what it would write, and writes nothing', async () => {
    const { report } = await importStudents(app.services, 'referentiel-etudiants.xls', { dryRun: true });
    expect(report.status).toBe('dry_run');
    expectGolden(report, readGoldenFile('referentiel-etudiants.xls'));
    expect(await count('student')).toBe(0);
    expect(await count('programme')).toBe(0);
  });

  it('gives its students, row by row', async () => {
    const golden = readGoldenFile('referentiel-etudiants.xls');
    const { report } = await importStudents(app.services, 'referentiel-etudiants.xls');
    expect(report).toMatchObject({ status: 'applied', error: null, sha256: golden.sha256 });
    expectGolden(report, golden);
    expect(await count('student')).toBe(golden.totals.created);
  });

  it('is not read twice', async () => {
    const { report } = await importStudents(app.services, 'referentiel-etudiants.xls');
    expect(report).toMatchObject({ status: 'refused', error: 'ALREADY_IMPORTED', rows: [] });
  });

  it('changes nothing when it is forced', async () => {
    const before = await app.database.query('SELECT id, version, updated_at FROM student ORDER BY id');
    const { report } = await importStudents(app.services, 'referentiel-etudiants.xls', { force: true });
    expect(report.totals).toMatchObject(readGoldenFile('referentiel-etudiants.xls').secondRun ?? {});
    expect(await app.database.query('SELECT id, version, updated_at FROM student ORDER BY id')).toEqual(before);
  });

  it('waits for a person when a third of it is gone, and writes nothing', async () => {
    const before = await app.database.query('SELECT id, version, missing_since FROM student ORDER BY id');
    const { report } = await importStudents(app.services, 'referentiel-suspect.xls');
    expect(report.status).toBe('needs_confirmation');
    expectGolden(report, readGoldenFile('referentiel-suspect.xls'));
    expect(await app.database.query('SELECT id, version, missing_since FROM student ORDER BY id')).toEqual(before);
  });

  it('of the second day follows the first, row by row', async () => {
    const golden = readGoldenFile('referentiel-etudiants-j2.xls');
    const { report } = await importStudents(app.services, 'referentiel-etudiants-j2.xls');
    expect(report.status).toBe('applied');
    expectGolden(report, golden);
    const digits = (golden.missing ?? []).map((nir) => `* ** ** ** *** *** ${nir.slice(-2)}`).sort();
    expect(report.missing.map(({ nirMasked }) => nirMasked).sort()).toEqual(digits);
    expect(await count('student WHERE missing_since IS NOT NULL')).toBe(golden.totals.missing);
    const { report: again } = await importStudents(app.services, 'referentiel-etudiants-j2.xls', { force: true });
    expect(again.totals).toMatchObject(golden.secondRun ?? {});
    expect(again.totals.warnings['STATUS_BACKWARDS']).toBeUndefined();
    expect(again.totals.missing).toBe(golden.totals.missing);
  });

  it.each([
    ['referentiel-illisible.xls', 'FILE_UNREADABLE'],
    ['referentiel-image.xls', 'FILE_UNREADABLE'],
    ['referentiel-sans-nir.xls', 'COLUMN_MISSING'],
    ['referentiel-vide.xls', 'FILE_EMPTY'],
    ['no-such-file.xls', 'FILE_UNREADABLE'],
  ])('is refused as %s, and nothing is written', async (file, error) => {
    const before = await count('student');
    const { report } = await importStudents(app.services, file, { confirm: true });
    expect(report).toMatchObject({ status: 'refused', error, rows: [] });
    expect(await count('student')).toBe(before);
  });

  it('never shows a NIR', async () => {
    const { report } = await importStudents(app.services, 'referentiel-etudiants.xls', { force: true, dryRun: true });
    expect(JSON.stringify(report)).not.toMatch(/[1-478]\d{2}(?:0[1-9]|1[0-2])\d{10}/);
    const stored = await app.database.query<{ fields: string }>(
      'SELECT CONCAT_WS(" ", fields, changes, suggestion) AS fields FROM import_row',
    );
    expect(stored.filter(({ fields }) => /\d{13}/.test(fields))).toEqual([]);
  });
});
