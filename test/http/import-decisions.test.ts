import { describe, expect, it } from 'vitest';
import { textOf } from '../support/answers.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import {
  confirm,
  dryRun,
  imported,
  settled,
  studentCsv,
  validRows,
  versionIn,
  workByHand,
} from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

const students = async (): Promise<number> =>
  Number((await app.database.query<{ count: number }>('SELECT COUNT(*) AS count FROM student'))[0]?.count);

describe('deciding about an import', () => {
  it('applies it once confirmed', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv(validRows(4)));
    expect(await confirm(app, signedIn, batch)).toBe('applied');
    expect(await students()).toBe(4);
    const text = textOf((await signedIn.agent.get(batch.url)).text);
    expect(text).toContain('Import terminé');
    expect(text).toContain('4 fiches créées');
    expect(text).toContain('peut être annulé jusqu’au');
  });

  it('drops it, and writes nothing', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv(validRows(4)));
    const question = await signedIn.agent.get(`${batch.url}/abandon`);
    expect(textOf(question.text)).toContain('Abandonner cet import ?');
    await signedIn.post(`${batch.url}/abandon`, { version: versionIn(question.text) });
    expect(textOf((await signedIn.agent.get(batch.url)).text)).toContain('Import abandonné');
    expect(await students()).toBe(0);
  });

  it('applies once what two people confirm at once', async () => {
    const [one, other] = [await app.signInAs('scolarite'), await app.signInAs('scolarite')];
    const batch = await dryRun(app, one, studentCsv(validRows(4)));
    const version = versionIn((await one.agent.get(batch.url)).text);
    const answers = await Promise.all(
      [one, other].map((each: SignedInAgent) => each.post(`${batch.url}/confirmation`, { version })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(await settled(app, batch.id)).toBe('applied');
    expect(await students()).toBe(4);
  });

  it('tells who comes too late how it stands', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv(validRows(2)));
    const version = versionIn((await signedIn.agent.get(batch.url)).text);
    await signedIn.post(`${batch.url}/abandon`, { version });
    const late = await signedIn.post(`${batch.url}/confirmation`, { version });
    expect(late.status).toBe(409);
    expect(textOf(late.text)).toContain('Cet import a changé entre-temps');
    expect(textOf(late.text)).toContain('Import abandonné');
    expect(await students()).toBe(0);
  });

  it('is not for who only reads, and needs the token of the form', async () => {
    const scolarite = await app.signInAs('scolarite');
    const batch = await dryRun(app, scolarite, studentCsv(validRows(2)));
    const version = versionIn((await scolarite.agent.get(batch.url)).text);
    const reader = await app.signInAs('informatique');
    expect((await reader.post(`${batch.url}/confirmation`, { version })).status).toBe(403);
    const companies = await app.signInAs('relations-exterieures');
    expect((await companies.post(`${batch.url}/confirmation`, { version })).status).toBe(403);
    const bare = await scolarite.agent.post(`${batch.url}/confirmation`).type('form').send({ version });
    expect(bare.status).toBe(403);
    expect(await students()).toBe(0);
  });

  it('says what is unusual, and asks again before it goes on', async () => {
    const signedIn = await app.signInAs('scolarite');
    const suspect = [...validRows(6), ...Array.from({ length: 4 }, () => ({ phones: '12' }))];
    const batch = await dryRun(app, signedIn, studentCsv(suspect));
    expect(batch.state).toBe('needs_confirmation');
    const text = textOf((await signedIn.agent.get(batch.url)).text);
    expect(text).toContain('À vérifier avant de continuer');
    expect(text).toContain('40 % des lignes sont rejetées. 4 lignes sur 10');
    const question = await signedIn.agent.get(`${batch.url}/confirmation`);
    expect(textOf(question.text)).toContain('Importer malgré tout ?');
    expect(textOf(question.text)).toContain('40 % des lignes sont rejetées');
    await signedIn.post(`${batch.url}/confirmation`, { version: versionIn(question.text) });
    expect(await settled(app, batch.id)).toBe('applied');
    expect(await students()).toBe(6);
  });
});

describe('undoing an import', () => {
  it('takes back what it wrote, and says which records were left alone', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await imported(app, signedIn, studentCsv(validRows(5)));
    await app.database.query(
      "UPDATE student SET city = 'Lyon', version = version + 1 WHERE last_name = 'ESSAI' AND first_name = 'Personne-2'",
    );
    const question = await signedIn.agent.get(`${batch.url}/annulation`);
    expect(textOf(question.text)).toContain('5 fiches créées par cet import seront retirées.');
    await signedIn.post(`${batch.url}/annulation`, { version: versionIn(question.text) });
    expect(await settled(app, batch.id)).toBe('cancelled');
    expect(await students()).toBe(1);
    const page = await signedIn.agent.get(batch.url);
    expect(textOf(page.text)).toContain('4 fiches sont redevenues ce qu’elles étaient.');
    expect(textOf(page.text)).toContain('1 fiche a été laissée telle quelle');
    expect(textOf(page.text)).toContain('Laissée telle quelle');
  });

  it('is no longer offered once its days are over', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await imported(app, signedIn, studentCsv(validRows(2)));
    const version = versionIn((await signedIn.agent.get(`${batch.url}/annulation`)).text);
    await app.database.query('UPDATE import_batch SET applied_at = applied_at - INTERVAL 40 DAY WHERE id = ?', [
      batch.id,
    ]);
    expect((await signedIn.agent.get(batch.url)).text).not.toContain('peut être annulé');
    const late = await signedIn.post(`${batch.url}/annulation`, { version });
    expect(late.status).toBe(409);
    expect(await students()).toBe(2);
  });
});
