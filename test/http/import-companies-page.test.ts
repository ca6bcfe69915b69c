import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { textOf } from '../support/answers.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { createLegacyDatabase, runSql } from '../support/legacy-database.ts';
import { confirm, inventedNir, settled, versionIn, workByHand } from '../support/student-file.ts';

const getentUrl = await createLegacyDatabase('getent');
const app = useTestApp({ environment: { GETENT_URL: getentUrl } });
workByHand(app);

async function fillGetent(...rows: [number, string, string, string][]): Promise<void> {
  const values = rows.map((row) => `(${row.map((value) => `'${String(value).replaceAll("'", "''")}'`).join(',')})`);
  await runSql(
    getentUrl,
    `DROP TABLE IF EXISTS entreprise;
     CREATE TABLE entreprise (id_entreprise INT, nom VARCHAR(255), adresse VARCHAR(255), mail VARCHAR(120), telephone VARCHAR(60)) ENGINE=InnoDB;
     INSERT INTO entreprise (id_entreprise, nom, adresse, mail) VALUES ${values.join(',')}`,
  );
}

const FIVE: [number, string, string, string][] = [1, 2, 3, 4, 5].map((id) => [
  id,
  `Atelier nº ${id}`,
  `${id} quai de la Houle, 29200, Brest`,
  `accueil${id}@example.org`,
]);

async function readGetent(signedIn: SignedInAgent) {
  const answer = await signedIn.agent
    .post('/imports')
    .field('_csrf', await signedIn.csrf())
    .field('source', 'companies');
  expect(answer.status).toBe(303);
  const url = answer.headers['location'] ?? '';
  const id = url.split('/').at(-1) ?? '';
  return { id, url, state: await settled(app, id) };
}

describe('reading GetEnt from the page', () => {
  it.each(['scolarite', 'relations-exterieures'])(
    'shows %s the companies row by row, then writes them',
    async (role) => {
      await fillGetent(...FIVE, [6, 'Sans adresse juste', '3 rue courte', 'x@example.org']);
      const signedIn = await app.signInAs(role);
      const form = await signedIn.agent.get('/imports/nouveau');
      expect(textOf(form.text)).toContain('Lire GetEnt');
      const batch = await readGetent(signedIn);
      expect(batch.state).toBe('ready');
      const page = await signedIn.agent.get(batch.url);
      expect(textOf(page.text)).toContain('Table « entreprise », 6 lignes lues');
      expect(page.text).toContain('Atelier nº 3');
      expect(textOf(page.text)).toContain('Adresse incomplète');
      expect(await confirm(app, signedIn, batch)).toBe('applied');
      const [{ count } = { count: 0 }] = await app.database.query<{ count: number }>(
        'SELECT COUNT(*) AS count FROM company',
      );
      expect(Number(count)).toBe(5);
      const report = await signedIn.agent.get(`${batch.url}.json`);
      expect(report.body).toMatchObject({ source: 'companies', totals: { created: 5, rejected: 1 } });
    },
  );

  it('corrects a rejected company on its page', async () => {
    await fillGetent(...FIVE, [6, 'Sans adresse juste', '3 rue courte', 'x@example.org']);
    const signedIn = await app.signInAs('scolarite');
    const batch = await readGetent(signedIn);
    await confirm(app, signedIn, batch);
    const page = await signedIn.agent.get(`${batch.url}/lignes/6`);
    expect(page.text).toMatch(/name="adresse"[^>]*aria-invalid="true"[^>]*value="3 rue courte"/);
    const answer = await signedIn.post(`${batch.url}/lignes/6`, {
      nom: 'Sans adresse juste',
      adresse: '3 rue courte, 29200, Brest',
    });
    expect(answer.headers['location']).toBe(batch.url);
    expect(await app.database.query('SELECT city FROM company WHERE legacy_id = 6')).toEqual([{ city: 'Brest' }]);
  });

  it('lists the companies that GetEnt no longer names', async () => {
    await fillGetent(...FIVE);
    const signedIn = await app.signInAs('relations-exterieures');
    await confirm(app, signedIn, await readGetent(signedIn));
    await fillGetent(...FIVE.slice(0, 4));
    const batch = await readGetent(signedIn);
    await confirm(app, signedIn, batch);
    const list = await signedIn.agent.get(`${batch.url}/absents`);
    expect(textOf(list.text)).toContain('1 entreprise');
    expect(list.text).toContain('Atelier nº 5');
    expect(list.text).toMatch(/href="\/entreprises\/[\w-]{36}"/);
  });

  it('says so when GetEnt does not answer', async () => {
    await runSql(getentUrl, 'DROP TABLE IF EXISTS entreprise');
    const signedIn = await app.signInAs('scolarite');
    const batch = await readGetent(signedIn);
    expect(batch.state).toBe('refused');
    expect(textOf((await signedIn.agent.get(batch.url)).text)).toContain('Source injoignable');
  });

  it('refuses the batch when nothing listens at its address, rather than read it for ever', async () => {
    const url = 'mysql://nobody:secret@127.0.0.1:1/getent';
    const batch = await app.services.imports.run(systemActor('test', 'cli'), {
      origin: 'cli',
      from: { source: 'companies', url },
    });
    expect(batch).toMatchObject({
      state: 'refused',
      errorCode: 'SOURCE_UNREACHABLE',
      errorDetail: { reason: 'ECONNREFUSED' },
    });
  });

  it('shows the people who only read imports no row of it', async () => {
    await fillGetent(...FIVE);
    const batch = await readGetent(await app.signInAs('scolarite'));
    const { agent } = await app.signInAs('informatique');
    expect((await agent.get(batch.url)).text).not.toContain('Atelier');
  });
});

describe('an import that stopped while it was written', () => {
  it('says that it can go on, and does', async () => {
    await fillGetent(...FIVE);
    const signedIn = await app.signInAs('scolarite');
    const batch = await readGetent(signedIn);
    await app.database.query(
      `UPDATE import_batch SET state = 'failed', apply_started_at = NOW(3), error_detail = '{"reason":"ENOSPC"}' WHERE id = ?`,
      [batch.id],
    );
    const page = await signedIn.agent.get(batch.url);
    expect(textOf(page.text)).toContain('L’import s’est arrêté');
    expect(textOf(page.text)).toContain('Reprendre l’import');
    await signedIn.post(`${batch.url}/confirmation`, { version: versionIn(page.text) });
    expect(await settled(app, batch.id)).toBe('applied');
  });
});

describe('a company of GetEnt', () => {
  it('that holds a social-security number in its text is rejected, and the number is shown nowhere', async () => {
    const nir = inventedNir(901);
    await fillGetent(
      ...FIVE,
      [6, `Cabinet ${nir}`, '6 rue du Port, 29200, Brest', 'six@example.org'],
      [7, 'Cabinet Sept', `7 rue ${nir}, 29200, Brest`, 'sept@example.org'],
    );
    const signedIn = await app.signInAs('relations-exterieures');
    const batch = await readGetent(signedIn);
    const page = await signedIn.agent.get(batch.url);
    expect(textOf(page.text)).toContain('Numéro de sécurité sociale hors de sa colonne');
    expect(page.text).not.toContain(nir.slice(0, 13));
    expect((await signedIn.agent.get(`${batch.url}/lignes/6`)).text).not.toContain(nir.slice(0, 13));
  });

  it('says on its record what the import found odd, and to whom it may', async () => {
    await fillGetent(
      ...FIVE,
      [6, 'Conserverie du Ponant', '6 quai de la Houle, 29200, Brest', 'six@example.org'],
      [7, 'CONSERVERIE DU PONANT SARL', '6 quai de la Houle, 29200, Brest', 'sept@example.org'],
    );
    await runSql(getentUrl, "UPDATE entreprise SET telephone = '02 98 11 22 33' WHERE id_entreprise > 5");
    const signedIn = await app.signInAs('relations-exterieures');
    const batch = await readGetent(signedIn);
    expect(await confirm(app, signedIn, batch)).toBe('applied');
    const [odd] = await app.database.query<{ id: string }>('SELECT id FROM company WHERE legacy_id = 7');
    const [plain] = await app.database.query<{ id: string }>('SELECT id FROM company WHERE anomaly_count = 0 LIMIT 1');
    const record = textOf((await signedIn.agent.get(`/entreprises/${odd?.id}`)).text);
    for (const said of [
      '2 anomalies à regarder',
      'Entreprise peut-être en double',
      'Téléphone · Téléphone recomposé',
      'Voir les imports',
    ])
      expect(record).toContain(said);
    expect(textOf((await signedIn.agent.get(`/entreprises/${plain?.id}`)).text)).not.toContain('à regarder');
    const reader = await app.signInAs('recherche');
    const seen = textOf((await reader.agent.get(`/entreprises/${odd?.id}`)).text);
    expect(seen).toContain('Entreprise peut-être en double');
    for (const hidden of ['Téléphone recomposé', 'Voir les imports']) expect(seen).not.toContain(hidden);
  });
});
