import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';
import { textOf } from '../support/answers.ts';
import { dryRun, imported, inventedNir, studentCsv, validRows, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

async function batches(count: number, over: { state?: string; source?: string; fileName?: string } = {}) {
  for (let index = 0; index < count; index += 1) {
    await app.services.database.prisma.importBatch.create({
      data: {
        id: newId(),
        source: 'students',
        state: 'applied',
        origin: 'page',
        fileName: `referentiel-${String(index + 1).padStart(2, '0')}.xls`,
        ...over,
      },
    });
  }
}

const students = async (): Promise<number> =>
  Number((await app.database.query<{ count: number }>('SELECT COUNT(*) AS count FROM student'))[0]?.count);

describe('the list of imports', () => {
  it('tells the next step when it is empty', async () => {
    const { agent } = await app.signInAs('scolarite');
    const list = await agent.get('/imports');
    expect(list.status).toBe(200);
    expect(list.text).toContain('Aucun import pour l’instant');
    expect(list.text).toContain('href="/imports/nouveau"');
  });

  it('is shown to who reads imports, without the way to start one', async () => {
    const { agent } = await app.signInAs('informatique');
    const list = await agent.get('/imports');
    expect(list.status).toBe(200);
    expect(list.text).not.toContain('href="/imports/nouveau"');
  });

  it.each(['recherche', 'rh-finance', 'direction'])('is refused to %s', async (role) => {
    const { agent } = await app.signInAs(role);
    expect((await agent.get('/imports')).status).toBe(403);
  });

  it('sends anonymous visitors to sign in', async () => {
    const answer = await supertest(app.admin).get('/imports').set('Accept', 'text/html');
    expect(answer.status).toBe(303);
  });

  it('says of work under way that it is under way', async () => {
    await batches(1, { state: 'reading' });
    const { agent } = await app.signInAs('scolarite');
    const [id] = (await agent.get('/imports.json')).body.rows.map((row: { id: string }) => row.id);
    const { text } = await agent.get(`/imports/${id}`);
    expect(text).toContain('Lecture du fichier…');
    expect(text).not.toContain('Le fichier est lu<');
  });

  it('narrows to what waits, to a source, to a name', async () => {
    await batches(2, { fileName: 'fini.xls' });
    await batches(1, { state: 'needs_confirmation', fileName: 'suspect.xls' });
    await batches(1, { state: 'ready', source: 'companies', fileName: 'GetEnt' });
    const { agent } = await app.signInAs('scolarite');
    const waiting = await agent.get('/imports?etat=a-traiter');
    expect(textOf(waiting.text)).toContain('2 imports');
    expect(waiting.text).toContain('suspect.xls');
    expect(waiting.text).not.toContain('fini.xls');
    expect(textOf((await agent.get('/imports?etat=a-traiter&source=entreprises')).text)).toContain('1 import ');
    expect(textOf((await agent.get('/imports?q=fini')).text)).toContain('2 imports');
    expect(textOf((await agent.get('/imports?q=100%25')).text)).toContain('Aucun résultat');
  });

  it('answers programs with the same rights', async () => {
    await batches(60);
    const { agent } = await app.signInAs('scolarite');
    const first = (await agent.get('/imports.json')).body as { rows: { file: string }[]; total: number; next: string };
    expect(first.total).toBe(60);
    expect(first.rows[0]).toMatchObject({ file: 'referentiel-60.xls', source: 'students' });
    const second = (await agent.get(`/imports.json?apres=${first.next}`)).body as { rows: unknown[] };
    expect(first.rows.length + second.rows.length).toBe(60);
    const stranger = await app.signInAs('recherche');
    expect((await stranger.agent.get('/imports.json')).status).toBe(403);
  });

  it('goes to its second page and back', async () => {
    await batches(60);
    const { agent } = await app.signInAs('scolarite');
    const first = await agent.get('/imports');
    expect(first.text).toContain('referentiel-60.xls');
    expect(first.text).not.toContain('referentiel-10.xls');
    const next = /href="([^"]*apres=[^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await agent.get(next);
    expect(second.text).toContain('referentiel-10.xls');
    expect(second.text).not.toContain('referentiel-11.xls');
    const back = /href="([^"]*avant=[^"]*)"/.exec(second.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await agent.get(back)).text).toContain('referentiel-60.xls');
  });

  it('opens at an address cut or invented', async () => {
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/imports?etat=nimporte&apres=%00%00&source=x')).status).toBe(200);
  });

  it('answers in a constant number of statements', async () => {
    await batches(30);
    const { agent } = await app.signInAs('scolarite');
    await agent.get('/imports');
    const before = app.services.database.statementCount();
    await agent.get('/imports');
    expect(app.services.database.statementCount() - before).toBeLessThanOrEqual(6);
  });
});

describe('the page of an import', () => {
  it.each([
    '/imports/0198aaaa-0000-7000-8000-000000000000',
    '/imports/rien',
    '/imports/0198aaaa-0000-7000-8000-000000000000/lignes/3',
  ])('answers 404 to %s', async (path) => {
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get(path)).status).toBe(404);
  });

  it('shows what a dry run would do, and no social-security number', async () => {
    const signedIn = await app.signInAs('scolarite');
    const nir = inventedNir(7);
    const rows = [...validRows(6), { name: 'LEROY Paul', nir }, { name: 'PETIT Marie Anne' }];
    const batch = await dryRun(app, signedIn, studentCsv(rows), { fileName: 'rentrée.csv' });
    expect(batch.state).toBe('ready');
    const page = await signedIn.agent.get(batch.url);
    const text = textOf(page.text);
    expect(text).toContain('Tout est prêt');
    expect(text).toContain('7 fiches à créer');
    expect(text).toContain('Importer 7 lignes');
    expect(text).toContain('8 colonnes reconnues');
    expect(text).toContain('LEROY Paul');
    expect(text).toContain('Prénom composé sans tiret');
    expect(text).toContain('PETIT Marie-Anne');
    expect(page.text).not.toContain(nir);
    expect(page.text).not.toContain(nir.slice(0, 13));
    expect(await students()).toBe(0);
  });

  it('narrows its rows to an outcome and to a code', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv([...validRows(8), { phones: '12' }, { email: 'x' }]));
    const rejected = textOf((await signedIn.agent.get(`${batch.url}?resultat=rejected`)).text);
    expect(rejected).toContain('2 lignes');
    expect(rejected).not.toContain('ESSAI Personne-1 ');
    const phones = await signedIn.agent.get(`${batch.url}?code=PHONE_FORMAT`);
    expect(textOf(phones.text)).toContain('1 ligne ');
    expect(phones.text).toMatch(/class="cell-wrong">12</);
    expect(textOf((await signedIn.agent.get(`${batch.url}?resultat=created&code=PHONE_FORMAT`)).text)).toContain(
      'Aucune ligne ici',
    );
  });

  it('goes through its rows page by page', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv(validRows(70)));
    const first = await signedIn.agent.get(batch.url);
    expect(first.text).toContain('ESSAI Personne-50');
    expect(first.text).not.toContain('ESSAI Personne-51');
    const next = /href="([^"#]*apres=[^"#]*)/.exec(first.text)?.[1] ?? '';
    const second = await signedIn.agent.get(next);
    expect(second.text).toContain('ESSAI Personne-51');
    expect(second.text).toContain('ESSAI Personne-70');
  });

  it('answers in as many statements for fifty rows as for five', async () => {
    const signedIn = await app.signInAs('scolarite');
    const small = await dryRun(app, signedIn, studentCsv(validRows(5)));
    const large = await dryRun(app, signedIn, studentCsv(validRows(60)));
    const cost = async (url: string) => {
      await signedIn.agent.get(url);
      const before = app.services.database.statementCount();
      await signedIn.agent.get(url);
      return app.services.database.statementCount() - before;
    };
    expect(await cost(large.url)).toBe(await cost(small.url));
  });

  it.each(['informatique', 'dpo'])('shows %s its state and totals, never a cell nor a name', async (role) => {
    const batch = await imported(
      app,
      await app.signInAs('scolarite'),
      studentCsv([...validRows(8), { name: 'SECRET' }]),
    );
    const { agent } = await app.signInAs(role);
    const page = await agent.get(batch.url);
    expect(page.status).toBe(200);
    expect(textOf(page.text)).toContain('8 fiches créées');
    expect(textOf(page.text)).toContain('Nom ou prénom manquant 1');
    expect(page.text).not.toContain('ESSAI');
    expect(page.text).not.toContain('SECRET');
    expect(page.text).not.toContain(`${batch.url}.json`);
    for (const part of ['.json', '.xlsx', '/lignes/2', '/absents'])
      expect((await agent.get(`${batch.url}${part}`)).status, part).toBe(403);
    expect((await agent.get(`${batch.url}?code=NAME_NO_SPACE`)).text).not.toContain('SECRET');
  });

  it('speaks English to who chose it', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv([...validRows(9), { phones: '12' }]));
    await app.database.query('UPDATE staff_user SET language = ? WHERE id = ?', ['en', signedIn.userId]);
    const text = textOf((await signedIn.agent.get(batch.url)).text);
    expect(text).toContain('All is ready');
    expect(text).toContain('Malformed phone');
  });
});
