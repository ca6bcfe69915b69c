/** What leaves a list: files of its rows, and what is done to a selection of them. */
import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact, aStudent } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';
import { csvLines, csvRecords, workbookLines } from '../support/list-files.ts';

const app = useTestApp();

const tagsOf = async (): Promise<Record<string, string[]>> => {
  const rows = await app.database.query<{ lastName: string; label: string }>(
    'SELECT s.last_name AS lastName, t.label FROM tagging g JOIN tag t ON t.id = g.tag_id JOIN student s ON s.id = g.subject_id ORDER BY t.label, s.last_name',
  );
  const tags: Record<string, string[]> = {};
  for (const { lastName, label } of rows) (tags[label] ??= []).push(lastName);
  return tags;
};

describe('an export', () => {
  it('holds what the list shows: its filter, its order, its columns', async () => {
    await aStudent(app.services, { lastName: 'ZOLA', status: 'prospect', city: 'Lyon' });
    await aStudent(app.services, { lastName: 'ABADIE', status: 'prospect', city: 'Paris' });
    await aStudent(app.services, { lastName: 'AUTRE', status: 'alumni' });
    const { agent } = await app.signInAs('scolarite');
    const rows = await csvRecords(agent, '/etudiants.csv?statut=prospect&tri=-nom&colonnes=nom,ville');
    expect(rows).toHaveLength(2);
    expect(Object.keys(rows[0] ?? {})).toContain('Ville');
    expect(Object.keys(rows[0] ?? {})).not.toContain('Statut');
    expect(rows.map((row) => Object.values(row).join(' '))).toEqual([
      expect.stringContaining('ZOLA'),
      expect.stringContaining('ABADIE'),
    ]);
  });

  it('names each person by their number, whatever the page shows', async () => {
    const { studentNumber } = await aStudent(app.services, { lastName: 'SEULE' });
    const { agent } = await app.signInAs('scolarite');
    const [row] = await csvRecords(agent, '/etudiants.csv?colonnes=nom,ville');
    expect(Object.values(row ?? {})).toContain(studentNumber);
  });

  it('goes beyond the page', async () => {
    for (let rank = 0; rank < 60; rank += 1) await aStudent(app.services, { lastName: `NOM${rank}` });
    const { agent } = await app.signInAs('scolarite');
    expect(await csvRecords(agent, '/etudiants.csv')).toHaveLength(60);
  });

  it('is a workbook as well, with headings of the reader’s language', async () => {
    await aStudent(app.services, { lastName: 'NAÏMI', firstName: 'Élodie', city: 'Lyon' });
    const person = await app.signInAs('scolarite');
    const [headings, row] = await workbookLines(person.agent, '/etudiants.xlsx');
    expect(headings).toContain('Ville');
    expect(row?.join(' ')).toContain('NAÏMI');
    await person.post('/preferences/langue', { langue: 'en' });
    const [english] = await workbookLines(person.agent, '/etudiants.xlsx');
    expect(english).toContain('City');
  });

  it('runs nothing in a spreadsheet', async () => {
    await aStudent(app.services, { lastName: 'CALCUL', city: '=1+1', street: '@SUM(A1)' });
    const person = await app.signInAs('scolarite');
    const [row] = await csvRecords(person.agent, '/etudiants.csv?colonnes=nom,ville');
    expect(row?.['Ville']).toBe("'=1+1");
    expect((await workbookLines(person.agent, '/etudiants.xlsx?colonnes=nom,ville'))[1]).toContain("'=1+1");
  });

  it('is a right of its own', async () => {
    await aStudent(app.services, { lastName: 'SEUL' });
    const { agent, post } = await app.signInAs('direction');
    expect((await agent.get('/etudiants')).text).not.toContain('etudiants.csv');
    for (const path of ['/etudiants.csv', '/etudiants.xlsx']) expect((await agent.get(path)).status, path).toBe(403);
    expect((await post('/etudiants/export.csv', { tous: '1' })).status).toBe(403);
    expect(await journalOf(app, 'students')).toEqual([]);
  });

  it('leaves out the rows and fields that its reader may not see', async () => {
    await aStudent(app.services, { lastName: 'CACHE', status: 'prospect', email: 'cache@example.org' });
    const company = await aCompany(app.services, { name: 'Ateliers Vasseur' });
    await aContact(app.services, { companyId: company.id, lastName: 'LIBRE' });
    const { agent } = await app.signInAs('relations-exterieures');
    expect((await agent.get('/etudiants.csv')).status).toBe(403);
    expect(await csvRecords(agent, '/contacts.csv')).toHaveLength(1);
    expect(await csvRecords(agent, '/entreprises.csv')).toHaveLength(1);
  });

  it('is journalled with who, what and how many, before it leaves', async () => {
    await aStudent(app.services, { lastName: 'UN' });
    await aStudent(app.services, { lastName: 'DEUX' });
    const { agent } = await app.signInAs('scolarite');
    await agent.get('/etudiants.csv?statut=en_fonction');
    const dpo = await app.signInAs('dpo');
    const journal = await dpo.agent.get('/journal');
    expect(journal.text).toContain('Liste exportée');
    expect(await journalOf(app, 'students')).toEqual(['list.exported']);
  });
});

describe('a selection', () => {
  it('made by hand is exported alone', async () => {
    const one = await aStudent(app.services, { lastName: 'UN' });
    await aStudent(app.services, { lastName: 'DEUX' });
    const { post } = await app.signInAs('scolarite');
    const answer = await post('/etudiants/export.csv', { ids: [one.id] });
    expect(csvLines(answer.text)).toHaveLength(2);
    expect(answer.text).toContain('UN');
  });

  it('of all results is that of the list, not of the page', async () => {
    for (let rank = 0; rank < 55; rank += 1) await aStudent(app.services, { lastName: `NOM${rank}`, status: 'alumni' });
    await aStudent(app.services, { lastName: 'DEHORS', status: 'prospect' });
    const { post } = await app.signInAs('scolarite');
    const answer = await post('/etudiants/export.csv', { tous: '1', requete: 'statut=alumni' });
    expect(csvLines(answer.text)).toHaveLength(56);
    expect(answer.text).not.toContain('DEHORS');
  });

  it('that is empty is told, and nothing leaves', async () => {
    await aStudent(app.services, { lastName: 'UN' });
    const { post } = await app.signInAs('scolarite');
    const answer = await post('/etudiants/export.csv', {});
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain('UN;');
  });

  it('out of reach stays there', async () => {
    const hidden = await aStudent(app.services, { lastName: 'PROSPECT', status: 'prospect', restrictedAt: new Date() });
    const seen = await aStudent(app.services, { lastName: 'VU' });
    const { post } = await app.signInAs('scolarite');
    const answer = await post('/etudiants/export.csv', { ids: [hidden.id, seen.id] });
    expect(csvLines(answer.text)).toHaveLength(2);
    await post('/etudiants/etiquettes', { ids: [hidden.id, seen.id], etiquette: 'Jury', operation: 'ajouter' });
    expect(await tagsOf()).toEqual({ Jury: ['VU'] });
  });
});

describe('tags on a selection', () => {
  it('are asked for, put, and taken off', async () => {
    const one = await aStudent(app.services, { lastName: 'UN' });
    const two = await aStudent(app.services, { lastName: 'DEUX' });
    const { post } = await app.signInAs('scolarite');
    const asked = await post('/etudiants/etiquettes', { ids: [one.id, two.id] });
    expect(asked.status).toBe(200);
    expect(asked.text).toContain('name="etiquette"');
    const put = await post('/etudiants/etiquettes', { ids: [one.id, two.id], etiquette: 'Jury', operation: 'ajouter' });
    expect(put.status).toBe(303);
    expect(await tagsOf()).toEqual({ Jury: ['DEUX', 'UN'] });
    await post('/etudiants/etiquettes', { ids: [one.id], etiquette: 'jury', operation: 'retirer' });
    expect(await tagsOf()).toEqual({ Jury: ['DEUX'] });
  });

  it('go on every result of a search, even one that the tag changes', async () => {
    for (let rank = 0; rank < 55; rank += 1)
      await aStudent(app.services, { lastName: `NOM${rank}`, ...(rank % 2 ? { tags: ['Jury'] } : {}) });
    const { post } = await app.signInAs('scolarite');
    const filtered = 'etiquette=Jury';
    await post('/etudiants/etiquettes', { tous: '1', requete: filtered, etiquette: 'Jury', operation: 'retirer' });
    expect(await tagsOf()).toEqual({});
  });

  it('are put once, however often they are asked for', async () => {
    const one = await aStudent(app.services, { lastName: 'UN' });
    const { post } = await app.signInAs('scolarite');
    for (let turn = 0; turn < 2; turn += 1)
      await post('/etudiants/etiquettes', { ids: [one.id], etiquette: 'Jury', operation: 'ajouter' });
    expect(await tagsOf()).toEqual({ Jury: ['UN'] });
  });

  it('need a name, asked for again with the selection kept', async () => {
    const one = await aStudent(app.services, { lastName: 'UN' });
    const { post } = await app.signInAs('scolarite');
    const empty = await post('/etudiants/etiquettes', { ids: [one.id], etiquette: ' ', operation: 'ajouter' });
    expect(empty.status).toBe(422);
    expect(empty.text).toContain(one.id);
    const unknown = await post('/etudiants/etiquettes', { ids: [one.id], etiquette: 'Rien', operation: 'retirer' });
    expect(unknown.status).toBe(422);
    expect(await tagsOf()).toEqual({});
  });

  it('are a right of their own', async () => {
    const one = await aStudent(app.services, { lastName: 'UN' });
    const { post } = await app.signInAs('direction');
    expect((await post('/etudiants/etiquettes', { ids: [one.id], etiquette: 'Jury' })).status).toBe(403);
    expect(await tagsOf()).toEqual({});
  });
});
