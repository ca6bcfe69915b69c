import { describe, expect, it } from 'vitest';
import { textOf } from '../support/answers.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { imported, studentCsv, validRows, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

const NINE = validRows(9);

const cityOf = async (lastName: string): Promise<string | null | undefined> =>
  (await app.database.query<{ city: string | null }>('SELECT city FROM student WHERE last_name = ?', [lastName]))[0]
    ?.city;

describe('edits that the file and the CRM made differently', () => {
  async function conflictOf(signedIn: SignedInAgent, name: string): Promise<string> {
    const row = { name, address: '1 rue A, 29200, Brest' };
    await imported(app, signedIn, studentCsv([...NINE, row]));
    await app.database.query("UPDATE student SET city = 'Quimper', version = version + 1 WHERE last_name = ?", [
      name.split(' ')[0],
    ]);
    const batch = await imported(app, signedIn, studentCsv([...NINE, { ...row, address: '1 rue A, 69001, Lyon' }]));
    return batch.url;
  }

  const waiting = () =>
    app.database.query<{ id: string; field: string }>(
      "SELECT id, field FROM edit_conflict WHERE state = 'open' ORDER BY field",
    );

  it('of a person out of sight are neither shown nor decided', async () => {
    const signedIn = await app.signInAs('scolarite');
    await conflictOf(signedIn, 'ROUX Jean');
    await app.database.query("UPDATE student SET restricted_at = NOW(3) WHERE last_name = 'ROUX'");
    expect((await signedIn.agent.get('/imports/ecarts')).text).not.toContain('ROUX');
    const before = await waiting();
    await signedIn.post('/imports/ecarts/fichier', { ids: before.map(({ id }) => id) });
    expect(await waiting()).toEqual(before);
    expect(await cityOf('ROUX')).toBe('Quimper');
  });

  it('leave the absence of a person out of sight untold', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await imported(app, signedIn, studentCsv(NINE));
    for (const [lastName, restrictedAt] of [
      ['VISIBLE', null],
      ['LIMITE', new Date()],
    ] as const) {
      const { id } = await aStudent(app.services, { lastName, restrictedAt });
      await app.database.query("INSERT INTO import_missing (batch_id, subject_id, kind) VALUES (?, ?, 'missing')", [
        batch.url.split('/').at(-1),
        id,
      ]);
    }
    const { text } = await signedIn.agent.get(`${batch.url}/absents`);
    expect(text).toContain('VISIBLE');
    expect(text).not.toContain('LIMITE');
  });

  it('wait side by side until someone keeps the CRM’s', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batchUrl = await conflictOf(signedIn, 'ROUX Jean');
    expect(textOf((await signedIn.agent.get(batchUrl)).text)).toContain('à trancher entre le fichier et le CRM');
    const queue = await signedIn.agent.get('/imports/ecarts');
    const text = textOf(queue.text);
    expect(text).toContain('ROUX Jean');
    expect(text).toMatch(/Quimper Garder .* Lyon Prendre/);
    const ids = (await waiting()).map(({ id }) => id);
    const answer = await signedIn.post('/imports/ecarts/crm', { ids });
    expect(answer.status).toBe(303);
    expect(await waiting()).toEqual([]);
    expect(await cityOf('ROUX')).toBe('Quimper');
    expect(textOf((await signedIn.agent.get('/imports/ecarts')).text)).toContain('Aucun écart à trancher');
  });

  it('take the file’s value when someone says so', async () => {
    const signedIn = await app.signInAs('scolarite');
    await conflictOf(signedIn, 'ROUX Jean');
    const ids = (await waiting()).map(({ id }) => id);
    await signedIn.post('/imports/ecarts/fichier', { ids });
    expect(await cityOf('ROUX')).toBe('Lyon');
    // Decided twice: the second says that nothing was left to decide.
    expect((await signedIn.post('/imports/ecarts/crm', { ids })).status).toBe(303);
    expect(await cityOf('ROUX')).toBe('Lyon');
  });

  it('are those of one record when its page asks', async () => {
    const signedIn = await app.signInAs('scolarite');
    await conflictOf(signedIn, 'ROUX Jean');
    const [student] = await app.database.query<{ id: string }>("SELECT id FROM student WHERE last_name = 'ROUX'");
    expect(textOf((await signedIn.agent.get(`/imports/ecarts?fiche=${student?.id}`)).text)).toContain('Quimper');
    const [other] = await app.database.query<{ id: string }>(
      "SELECT id FROM student WHERE last_name = 'ESSAI' LIMIT 1",
    );
    expect(textOf((await signedIn.agent.get(`/imports/ecarts?fiche=${other?.id}`)).text)).not.toContain('Quimper');
  });

  it('want at least one of them ticked', async () => {
    const signedIn = await app.signInAs('scolarite');
    expect((await signedIn.post('/imports/ecarts/crm', {})).status).toBe(422);
  });

  it.each([
    ['informatique', 403],
    ['dpo', 403],
    ['recherche', 403],
  ])('are not shown to %s', async (role, status) => {
    const { agent } = await app.signInAs(role);
    expect((await agent.get('/imports/ecarts')).status).toBe(status);
  });

  it('of students stay out of the queue of who decides about companies alone', async () => {
    await conflictOf(await app.signInAs('scolarite'), 'ROUX Jean');
    const { agent } = await app.signInAs('relations-exterieures');
    const queue = await agent.get('/imports/ecarts');
    expect(queue.status).toBe(200);
    expect(queue.text).not.toContain('ROUX');
  });
});
