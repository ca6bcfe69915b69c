import { request as httpRequest, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import exceljs from 'exceljs';
import spreadsheet from '@e965/xlsx';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWorkbook } from '../../src/connectors/workbook/index.ts';
import { STUDENT_COLUMNS } from '../../src/features/imports/student-columns.ts';
import { useTestApp } from '../support/app.ts';
import { binaryBody, textOf } from '../support/answers.ts';
import { legacyPath } from '../support/golden-files.ts';
import { dryRun, imported, studentCsv, upload, validRows, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

describe('the form that starts an import', () => {
  it('offers the file to Scolarité, and tells when GetEnt is not connected', async () => {
    const { agent } = await app.signInAs('scolarite');
    const form = await agent.get('/imports/nouveau');
    expect(form.status).toBe(200);
    expect(form.text).toContain('name="fichier"');
    expect(form.text).toContain('data-max-bytes="52428800"');
    expect(form.text).toContain('GetEnt n’est pas encore relié');
  });

  it('offers the companies alone to who decides about companies alone', async () => {
    const { agent } = await app.signInAs('relations-exterieures');
    const form = await agent.get('/imports/nouveau');
    expect(form.status).toBe(200);
    expect(form.text).not.toContain('name="fichier"');
    expect(form.text).toContain('Les entreprises de GetEnt');
  });

  it.each(['informatique', 'dpo', 'recherche', 'rh-finance', 'direction'])('is refused to %s', async (role) => {
    const signedIn = await app.signInAs(role);
    expect((await signedIn.agent.get('/imports/nouveau')).status).toBe(403);
    expect((await upload(signedIn, studentCsv(validRows(1)))).status).toBe(403);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);
  });

  it('refuses the students’ file of who decides about companies alone', async () => {
    const signedIn = await app.signInAs('relations-exterieures');
    expect((await upload(signedIn, studentCsv(validRows(1)))).status).toBe(403);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);
  });

  it('sends anonymous visitors to sign in', async () => {
    const answer = await supertest(app.admin).get('/imports/nouveau').set('Accept', 'text/html');
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toContain('/connexion');
  });

  it('refuses a file sent without the token of the form', async () => {
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent
      .post('/imports')
      .field('source', 'students')
      .attach('fichier', studentCsv([{}]), 'e.csv');
    expect(answer.status).toBe(403);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);
  });

  it('asks for the file when there is none, and keeps the box ticked', async () => {
    const signedIn = await app.signInAs('scolarite');
    const answer = await signedIn.agent
      .post('/imports')
      .field('_csrf', await signedIn.csrf())
      .field('source', 'students')
      .field('forcer', '1');
    expect(answer.status).toBe(422);
    expect(textOf(answer.text)).toContain('Choisissez d’abord un fichier');
    expect(answer.text).toMatch(/name="forcer"[^>]*checked/);
  });

  it('says that GetEnt is not connected when it is read all the same', async () => {
    const signedIn = await app.signInAs('scolarite');
    const answer = await signedIn.agent
      .post('/imports')
      .field('_csrf', await signedIn.csrf())
      .field('source', 'companies');
    expect(answer.status).toBe(422);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);
  });

  it('gives an empty workbook with the columns that it reads', async () => {
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get('/imports/modele.xlsx').buffer(true).parse(binaryBody);
    expect(answer.headers['content-disposition']).toContain('modele-referentiel-etudiants.xlsx');
    const workbook = new exceljs.Workbook();
    await workbook.xlsx.load(answer.body as never);
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Étudiants', 'Mode d’emploi']);
    // Once a row is typed in it, it is read: every column is known, and the second sheet is no second file.
    workbook.worksheets[0]?.addRow(['ESSAI Anne', '', 'prospect', '', '', '', '', '']);
    const reading = await readWorkbook({
      buffer: new Uint8Array(await workbook.xlsx.writeBuffer()),
      columns: STUDENT_COLUMNS,
    });
    expect(reading.rowCount).toBe(1);
    expect(reading.unknownColumns).toEqual([]);
    expect(reading.otherSheets).toEqual([]);
  });
});

describe('a file that cannot be imported', () => {
  const encrypted = (): Buffer => {
    const container = spreadsheet.CFB.utils.cfb_new();
    spreadsheet.CFB.utils.cfb_add(container, '/EncryptionInfo', Buffer.alloc(200));
    spreadsheet.CFB.utils.cfb_add(container, '/EncryptedPackage', Buffer.alloc(9000));
    return Buffer.from(spreadsheet.CFB.write(container, { type: 'buffer' }) as Uint8Array);
  };

  it.each([
    ['of 0 byte', () => Buffer.alloc(0), 'Fichier vide'],
    ['without a data row', () => readFileSync(legacyPath('referentiel-vide.xls')), 'Fichier vide'],
    ['protected by a password', encrypted, 'Fichier protégé par un mot de passe'],
    ['that is a picture', () => readFileSync(legacyPath('referentiel-image.xls')), 'Fichier illisible'],
    ['broken off', () => readFileSync(legacyPath('referentiel-illisible.xls')), 'Fichier illisible'],
  ])('%s has its sentence, and the way to another one', async (_kind, content, title) => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, content(), { fileName: 'referentiel.xls' });
    expect(batch.state).toBe('refused');
    const page = await signedIn.agent.get(batch.url);
    expect(page.status).toBe(200);
    expect(textOf(page.text)).toContain(title);
    expect(textOf(page.text)).toContain('Rien n’a été écrit');
    expect(page.text).toContain('href="/imports/nouveau"');
    expect(await app.database.query('SELECT id FROM student')).toEqual([]);
  });

  it('names the column that is missing', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, readFileSync(legacyPath('referentiel-sans-nir.xls')));
    const page = textOf((await signedIn.agent.get(batch.url)).text);
    expect(page).toContain('Colonne introuvable');
    expect(page).toContain('Colonne manquante : Numéro de sécurité sociale');
  });

  it('that was already imported can be read all the same', async () => {
    const signedIn = await app.signInAs('scolarite');
    await imported(app, signedIn, studentCsv(validRows(3)));
    const again = await dryRun(app, signedIn, studentCsv(validRows(3)));
    expect(again.state).toBe('refused');
    const page = await signedIn.agent.get(again.url);
    expect(textOf(page.text)).toContain('Fichier déjà importé');
    expect(page.text).toContain('href="/imports/nouveau?forcer=1"');
    expect((await signedIn.agent.get('/imports/nouveau?forcer=1')).text).toMatch(/name="forcer"[^>]*checked/);
    expect((await dryRun(app, signedIn, studentCsv(validRows(3)), { force: true })).state).toBe('ready');
  });
});

describe('a file with odd contents', () => {
  it('in an old encoding comes out right', async () => {
    const signedIn = await app.signInAs('scolarite');
    const content = Buffer.from(studentCsv([{ name: 'LEFÈVRE Anaïs' }]).toString('utf8'), 'latin1');
    const batch = await dryRun(app, signedIn, content);
    expect(batch.state).toBe('ready');
    expect((await signedIn.agent.get(batch.url)).text).toContain('LEFÈVRE Anaïs');
  });

  it('has its very long cells said, not its page broken', async () => {
    const signedIn = await app.signInAs('scolarite');
    const long = (words: number) => `RUE ${'très longue '.repeat(words)}, 29200, Brest`;
    const rows = [...validRows(18), { address: long(300) }, { address: long(30_000) }];
    const batch = await dryRun(app, signedIn, studentCsv(rows));
    const page = await signedIn.agent.get(`${batch.url}?resultat=rejected`);
    expect(textOf(page.text)).toContain('Texte trop long');
    expect(textOf(page.text)).toContain('2 lignes');
    expect(page.text.length).toBeLessThan(60_000);
  });

  it('is shown as it is written, markup and all', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv([...validRows(9), { name: '<script>alert(1)</script> Bob' }]));
    const page = await signedIn.agent.get(batch.url);
    expect(page.text).not.toContain('<script>alert');
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt; Bob');
  });
});

describe('a file too heavy', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer(app.admin);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is refused on its announced length, before any of it is read', async () => {
    const { agent, cookie } = await signedInCookie();
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sending = httpRequest({
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        path: '/imports',
        method: 'POST',
        headers: {
          cookie,
          accept: 'text/html',
          'content-type': 'multipart/form-data; boundary=x',
          'content-length': String(2 * 1024 ** 3),
        },
      });
      sending.on('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
          sending.destroy();
        });
      });
      sending.on('error', reject);
      // The headers alone: not one byte of the two gigabytes.
      sending.flushHeaders();
    });
    expect(answer.status).toBe(413);
    expect(textOf(answer.text)).toContain('50 Mo au plus');
    expect((await agent.get('/imports')).status).toBe(200);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);
  });

  async function signedInCookie() {
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get('/imports');
    const cookie = (answer.request as unknown as { cookies: string }).cookies;
    return { agent, cookie };
  }
});
