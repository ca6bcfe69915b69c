/** What an import found odd about a person, said on their record in words. */
import { describe, expect, it } from 'vitest';
import { textOf } from '../support/answers.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { imported, studentCsv, validRows, workByHand, type FileRow } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

const NINE = validRows(9);

/** Imports someone among others. @returns the address of their record */
async function importOf(signedIn: SignedInAgent, row: FileRow): Promise<string> {
  await imported(app, signedIn, studentCsv([...NINE, { name: 'ROUX Jean', ...row }]));
  const [student] = await app.database.query<{ id: string }>("SELECT id FROM student WHERE last_name = 'ROUX'");
  return `/etudiants/${student?.id}`;
}

const noticeOf = async (signedIn: SignedInAgent, url: string): Promise<string> => {
  const { text } = await signedIn.agent.get(url);
  return textOf(/<div class="notice notice-warning">.*?<\/ul>.*?<\/div><\/div>/s.exec(text)?.[0] ?? '');
};

const REGROUPED = { phones: '06 11 22 33 44 02 98 11 22 33' };

describe('the anomalies of a person', () => {
  it('are named by their field and explained, with the way to the import', async () => {
    const signedIn = await app.signInAs('scolarite');
    const url = await importOf(signedIn, { ...REGROUPED, company: 'Inconnue SARL', status: 'alumni' });
    const notice = await noticeOf(signedIn, url);
    for (const said of [
      '2 anomalies à regarder',
      'Téléphones · Téléphone recomposé',
      'ils ont été réunis en numéros',
      'Entreprise (alumni) · Entreprise inconnue',
      'Voir les imports',
    ])
      expect(notice).toContain(said);
    expect(notice).not.toContain('Trancher');
  });

  it('are those of the last import alone, and go with it', async () => {
    const signedIn = await app.signInAs('scolarite');
    const url = await importOf(signedIn, REGROUPED);
    expect(await noticeOf(signedIn, url)).toContain('Téléphone recomposé');
    await importOf(signedIn, { phones: '0611223344' });
    expect((await signedIn.agent.get(url)).text).not.toContain('Téléphone recomposé');
  });

  it('that wait for a decision lead to it', async () => {
    const signedIn = await app.signInAs('scolarite');
    const url = await importOf(signedIn, { address: '1 rue A, 29200, Brest' });
    await app.database.query("UPDATE student SET city = 'Quimper', version = version + 1 WHERE last_name = 'ROUX'");
    await importOf(signedIn, { address: '1 rue A, 69001, Lyon' });
    const notice = await noticeOf(signedIn, url);
    expect(notice).toContain('Ville · Écart à trancher');
    expect(notice).toContain('Trancher');
    expect((await signedIn.agent.get(url)).text).toContain(`href="/imports/ecarts?fiche=${url.split('/').at(-1)}"`);
  });

  it('of fields that a reader may not see are not told, nor where they come from', async () => {
    const scolarite = await app.signInAs('scolarite');
    const url = await importOf(scolarite, { ...REGROUPED, status: 'en fonction' });
    const reader = await app.signInAs('recherche');
    const { status, text } = await reader.agent.get(url);
    expect(status).toBe(200);
    expect(text).toContain('1 anomalie');
    for (const hidden of ['Téléphone recomposé', 'Voir les imports', '/imports/ecarts'])
      expect(text).not.toContain(hidden);
  });

  it('cost a statement more on the records that have some', async () => {
    const signedIn = await app.signInAs('scolarite');
    const odd = await importOf(signedIn, REGROUPED);
    const [other] = await app.database.query<{ id: string }>('SELECT id FROM student WHERE anomaly_count = 0 LIMIT 1');
    const cost = async (url: string) => {
      await signedIn.agent.get(url);
      const before = app.services.database.statementCount();
      await signedIn.agent.get(url);
      return app.services.database.statementCount() - before;
    };
    expect(await cost(odd)).toBe((await cost(`/etudiants/${other?.id}`)) + 1);
  });
});
