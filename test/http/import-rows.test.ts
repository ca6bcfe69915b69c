import exceljs from 'exceljs';
import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { binaryBody, textOf } from '../support/answers.ts';
import { importStudents, type Report } from '../support/imports.ts';
import {
  dryRun,
  imported,
  inventedNir,
  studentCsv,
  validRows,
  type FileRow,
  workByHand,
} from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

interface Person {
  lastName: string;
  firstName: string;
  city: string | null;
  email: string | null;
}
const person = async (lastName: string): Promise<Person | undefined> =>
  (
    await app.database.query<Person>(
      'SELECT last_name AS lastName, first_name AS firstName, city, email FROM student WHERE last_name = ?',
      [lastName],
    )
  )[0];

const NINE = validRows(9);

describe('a rejected row', () => {
  const rejected = async (row: FileRow, ...others: FileRow[]) => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await imported(app, signedIn, studentCsv([...NINE, row, ...others]));
    return { signedIn, batch, url: `${batch.url}/lignes/11` };
  };

  it('shows every cell as read, what is wrong cell by cell, and no social-security number', async () => {
    const nir = `${inventedNir(500).slice(0, 13)}00`;
    const { signedIn, url } = await rejected({ name: 'MARTIN Lucie', nir, phones: '12', status: 'ancien' });
    const page = await signedIn.agent.get(url);
    const text = textOf(page.text);
    expect(text).toContain('Ligne 11 · MARTIN Lucie');
    expect(text).toContain('Les deux derniers chiffres ne correspondent pas');
    expect(text).toContain('Ce statut n’existe pas');
    expect(text).toContain('un ou deux numéros valables');
    expect(page.text).toMatch(/name="phones"[^>]*aria-invalid="true"[^>]*value="12"/);
    expect(page.text).toMatch(/name="nir"[^>]*placeholder="\* \*\* \*\* \*\* \*\*\* \*\*\* 00"[^>]*>/);
    expect(page.text).not.toContain(nir.slice(0, 10));
  });

  it('is written once corrected, and leads to the next one', async () => {
    const { signedIn, batch, url } = await rejected({ name: 'MARTIN Lucie', phones: '12' }, { name: 'SEUL' });
    const answer = await signedIn.post(url, {
      name: 'MARTIN Lucie',
      phones: '0261910203',
      status: 'prospect',
      nir: '',
    });
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe(`${batch.url}/lignes/12`);
    expect(await person('MARTIN')).toMatchObject({ firstName: 'Lucie' });
    const page = textOf((await signedIn.agent.get(url)).text);
    expect(page).toContain('Ligne corrigée par');
    const report = textOf((await signedIn.agent.get(batch.url)).text);
    expect(report).toContain('10 fiches créées');
    expect(report).toContain('1 ligne rejetée');
  });

  it('comes back with what was typed when it still fails', async () => {
    const { signedIn, url } = await rejected({ name: 'MARTIN Lucie', phones: '12', email: 'lucie@example.org' });
    const answer = await signedIn.post(url, { name: 'MARTIN-DUVAL Lucie', phones: '13', email: 'lucie' });
    expect(answer.status).toBe(422);
    expect(textOf(answer.text)).toContain('La ligne ne peut toujours pas être importée');
    expect(answer.text).toMatch(/name="name"[^>]*value="MARTIN-DUVAL Lucie"/);
    expect(answer.text).toMatch(/name="phones"[^>]*aria-invalid="true"[^>]*value="13"/);
    expect(answer.text).toMatch(/name="email"[^>]*aria-invalid="true"[^>]*value="lucie"/);
    expect(await person('MARTIN-DUVAL')).toBeUndefined();
  });

  it('keeps nothing of a social-security number that was typed wrong', async () => {
    const { signedIn, url } = await rejected({ name: 'MARTIN Lucie', nir: '123' });
    const typed = `${inventedNir(501).slice(0, 13)}00`;
    const answer = await signedIn.post(url, { name: 'MARTIN Lucie', nir: typed });
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain(typed.slice(0, 10));
    expect((await signedIn.post(url, { nir: inventedNir(501) })).status).toBe(303);
    expect(await person('MARTIN')).toBeDefined();
  });

  it('takes the proposed correction in one click', async () => {
    const { signedIn, batch, url } = await rejected({ name: 'PETIT Marie Anne' });
    const page = await signedIn.agent.get(url);
    expect(textOf(page.text)).toContain('Correction proposée');
    expect(page.text).toMatch(/type="hidden" name="name" value="PETIT Marie-Anne"/);
    const answer = await signedIn.post(url, { name: 'PETIT Marie-Anne' });
    expect(answer.headers['location']).toBe(batch.url);
    expect(await person('PETIT')).toMatchObject({ firstName: 'Marie-Anne' });
  });

  it('names the known person whose social-security number was mistyped, to be taken in one click', async () => {
    const signedIn = await app.signInAs('scolarite');
    const nir = inventedNir(600);
    await imported(
      app,
      signedIn,
      studentCsv([...NINE, { name: 'GARNIER Luc', nir, address: '1 rue A, 29200, Brest' }]),
    );
    const mistyped = { name: 'GARNIER Luc', nir: `${nir.slice(0, 13)}00`, address: '1 rue A, 69001, Lyon' };
    const batch = await imported(app, signedIn, studentCsv([...NINE, mistyped]));
    const page = await signedIn.agent.get(`${batch.url}/lignes/11`);
    expect(textOf(page.text)).toContain('Le CRM connaît une personne de ce nom');
    const number = /name="studentNumber" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    expect((await signedIn.post(`${batch.url}/lignes/11`, { studentNumber: number })).status).toBe(303);
    expect(await person('GARNIER')).toMatchObject({ city: 'Lyon' });
  });

  it('refuses a field that no row has', async () => {
    const { signedIn, url } = await rejected({ phones: '12' });
    expect((await signedIn.post(url, { phones: '0261910203', token: 'x' })).status).toBe(422);
  });

  it('walks from one to the other, and cannot be corrected before the import', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(
      app,
      signedIn,
      studentCsv([
        ...NINE,
        ...NINE.map((_, i) => ({ nir: inventedNir(200 + i) })),
        { phones: '1' },
        { nir: inventedNir(300) },
        { phones: '2' },
      ]),
    );
    const page = await signedIn.agent.get(`${batch.url}/lignes/20`);
    expect(page.text).toContain(`rel="next" data-shortcut="]" href="${batch.url}/lignes/22"`);
    expect(page.text).not.toContain('name="phones"');
    expect(textOf(page.text)).toContain('Vous pourrez la corriger ici une fois l’import terminé');
    expect((await signedIn.post(`${batch.url}/lignes/20`, { phones: '' })).status).toBeGreaterThanOrEqual(400);
    expect(await app.database.query('SELECT id FROM student')).toEqual([]);
  });

  it('is not corrected by who may not decide', async () => {
    const { url } = await rejected({ phones: '12' });
    const other = await app.signInAs('relations-exterieures');
    expect((await other.agent.get(url)).status).toBe(403);
    expect((await other.post(url, { phones: '' })).status).toBe(403);
  });
});

describe('an updated row', () => {
  it('shows what it was and what it becomes', async () => {
    const signedIn = await app.signInAs('scolarite');
    await imported(app, signedIn, studentCsv([{ name: 'ROUX Jean', address: '1 rue A, 29200, Brest' }]));
    const batch = await dryRun(app, signedIn, studentCsv([{ name: 'ROUX Jean', address: '1 rue A, 69001, Lyon' }]));
    const page = await signedIn.agent.get(batch.url);
    expect(textOf(page.text)).toContain('À modifier');
    expect(page.text).toMatch(
      /Ville<\/span> <del class="diff-before">Brest<\/del>.*<ins class="diff-after">Lyon<\/ins>/,
    );
  });
});

describe('the reports', () => {
  it('are a workbook to correct, with the reason of each row and no number in clear', async () => {
    const signedIn = await app.signInAs('scolarite');
    const nir = inventedNir(40);
    const batch = await imported(app, signedIn, studentCsv([...NINE, { name: 'GARNIER Luc', nir, phones: '12' }]), {
      fileName: 'Rentrée 2026.csv',
    });
    const answer = await signedIn.agent.get(`${batch.url}.xlsx`).buffer(true).parse(binaryBody);
    expect(answer.headers['content-disposition']).toContain('.xlsx');
    const workbook = new exceljs.Workbook();
    await workbook.xlsx.load(answer.body as never);
    const sheet = workbook.worksheets[0];
    const headings = (sheet?.getRow(1).values as unknown[]).map(String);
    expect(headings).toEqual(expect.arrayContaining(['Nom Prénom', 'Résultat', 'Motif', 'Jeton']));
    const rows: string[] = [];
    sheet?.eachRow((row) => rows.push((row.values as unknown[]).map(String).join(' | ')));
    const rejected = rows.find((row) => row.includes('GARNIER'));
    expect(rejected).toContain('* ** ** ** *** ***');
    expect(rows.join('\n')).not.toContain(nir.slice(0, 10));
  });

  it('say the same again when they come back as they left', async () => {
    const signedIn = await app.signInAs('scolarite');
    const { id, report } = await importStudents(app.services, 'referentiel-etudiants.xls');
    const workbook = await signedIn.agent.get(`/imports/${id}.xlsx`).buffer(true).parse(binaryBody);
    const back = await dryRun(app, signedIn, workbook.body as Buffer, { fileName: 'rapport.xlsx' });
    const again = (await signedIn.agent.get(`${back.url}.json`)).body as Report;
    const rejected = ({ rows }: Report) =>
      rows.filter(({ outcome }) => outcome === 'rejected').map(({ errors }) => errors.join());
    expect(again.totals).toMatchObject({ created: 0, updated: 0, unchanged: 1_088, duplicate: 5, rejected: 107 });
    expect(rejected(again)).toEqual(rejected(report));
  });

  it('are a document for machines', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await imported(app, signedIn, studentCsv([...NINE, { phones: '12' }]));
    const report = await signedIn.agent.get(`${batch.url}.json`);
    expect(report.headers['content-type']).toContain('application/json');
    expect(report.body).toMatchObject({
      source: 'students',
      status: 'applied',
      error: null,
      totals: { rows: 10, created: 9, rejected: 1 },
    });
    const rows = (report.body as { rows: { row: number; outcome: string; errors: string[] }[] }).rows;
    expect(rows).toHaveLength(10);
    expect(rows.at(-1)).toMatchObject({ row: 11, outcome: 'rejected', errors: ['PHONE_FORMAT'] });
  });
});

describe('persons whom the file no longer names', () => {
  it('are listed with the way to their records', async () => {
    const signedIn = await app.signInAs('scolarite');
    await imported(app, signedIn, studentCsv([...NINE, { name: 'ABSENT Alain' }]));
    const batch = await imported(app, signedIn, studentCsv(NINE));
    expect(textOf((await signedIn.agent.get(batch.url)).text)).toContain(
      '1 personne connue n’est plus dans le fichier',
    );
    const list = await signedIn.agent.get(`${batch.url}/absents`);
    expect(textOf(list.text)).toContain('1 personne');
    expect(list.text).toContain('ABSENT Alain');
    expect(list.text).toMatch(/href="\/etudiants\/[\w-]{36}"/);
  });
});
