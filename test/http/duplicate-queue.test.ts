import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aStudent } from '../support/builders.ts';
import { theirPair } from '../support/merging.ts';

const app = useTestApp();
const { services, database } = app;

/** A role of the school's own, for rights no built-in role has. */
async function aRoleWith(
  label: string,
  grants: readonly (readonly [permission: string, scope: string, groups: string])[],
) {
  const id = newId();
  await database.query('INSERT INTO role (id, `key`, label) VALUES (?, ?, ?)', [id, label, label]);
  for (const [permission, scope, groups] of grants)
    await database.query('INSERT INTO role_grant (role_id, permission, scope, field_groups) VALUES (?, ?, ?, ?)', [
      id,
      permission,
      scope,
      groups,
    ]);
  return label;
}

async function twinStudents(count: number, seed: Parameters<typeof aStudent>[1] = {}) {
  for (let index = 0; index < count; index += 1)
    for (const firstName of ['Gaëlle', 'Gaelle'])
      await aStudent(services, {
        lastName: `ABRIAL${String.fromCharCode(65 + index)}`,
        firstName,
        personalPhone: `+3363998${String(1000 + index)}`,
        city: 'Quimper',
        ...seed,
      });
  await services.duplicateScans.scan(systemActor('test'), { since: null });
}

describe('the queue of duplicates', () => {
  it('is for people who merge', async () => {
    const door = await supertest(app.admin).get('/doublons');
    expect(door.status).toBe(303);
    expect(door.headers['location']).toContain('/connexion');
    const { agent } = await app.signInAs('recherche');
    expect((await agent.get('/doublons')).status).toBe(403);
    const companies = await app.signInAs('relations-exterieures');
    expect((await companies.agent.get('/doublons')).status).toBe(200);
    expect((await companies.agent.get('/doublons?type=etudiants')).status).toBe(403);
  });

  it('says that nothing waits', async () => {
    const { agent } = await app.signInAs('scolarite');
    const page = await agent.get('/doublons');
    expect(page.text).toContain('Aucun doublon à examiner');
  });

  it('leads from an empty queue to the search for those who run it, and to the records', async () => {
    const { agent } = await app.signInAs('scolarite');
    const mine = (await agent.get('/doublons')).text;
    expect(mine).toContain('href="/traitements#job-duplicates.scan"');
    expect((await agent.get('/traitements')).text).toContain('id="job-duplicates.scan"');
    expect(mine).toContain('Ouvrir la liste des étudiants');
    const relations = await app.signInAs('relations-exterieures');
    const theirs = (await relations.agent.get('/doublons')).text;
    expect(theirs).not.toContain('/traitements');
    expect(theirs).toContain('Ouvrir la liste des entreprises');
    expect((await agent.get('/doublons?etat=ecartes')).text).not.toContain('Ouvrir la liste');
  });

  it('shows both records, how sure it is and why, in words', async () => {
    await twinStudents(1);
    const { agent } = await app.signInAs('scolarite');
    const page = await agent.get('/doublons');
    expect(page.text).toContain('1 paire à examiner');
    expect(page.text).toContain('ABRIALA Gaëlle');
    expect(page.text).toContain('ABRIALA Gaelle');
    expect(page.text).toContain('même mobile');
    expect(page.text).toContain('nom à un accent, une majuscule ou un trait d’union près');
    expect(page.text).toContain('Quimper');
  });

  it('goes on over pages, each pair once, in as many statements whatever the number of pairs', async () => {
    await twinStudents(23);
    const { agent } = await app.signInAs('scolarite');
    await agent.get('/doublons');
    const count = async (path: string) => {
      const before = services.database.statementCount();
      const page = await agent.get(path);
      return { page, statements: services.database.statementCount() - before };
    };
    const first = await count('/doublons');
    const next = /rel="next" href="([^"]+)"/.exec(first.page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await count(next);
    const idsIn = (text: string) => [...text.matchAll(/href="\/doublons\/([0-9a-f-]{36})"/g)].map(([, id]) => id);
    expect(idsIn(first.page.text)).toHaveLength(20);
    expect(idsIn(second.page.text)).toHaveLength(3);
    expect(new Set([...idsIn(first.page.text), ...idsIn(second.page.text)]).size).toBe(23);
    expect(second.page.text).not.toContain('rel="next"');
    expect(first.statements).toBe(second.statements);
    expect(first.statements).toBeLessThanOrEqual(12);
  });

  it('shows a pair to those only who may see and merge both of its records', async () => {
    await aRoleWith('alumni-seulement', [
      ['students.read', 'alumni', 'identity,contact'],
      ['students.merge', 'alumni', ''],
    ]);
    await twinStudents(1, { status: 'prospect' });
    const { agent } = await app.signInAs('alumni-seulement');
    expect((await agent.get('/doublons')).text).not.toContain('ABRIALA');
    const [pair] = await database.query<{ id: string }>('SELECT id FROM duplicate_candidate');
    expect((await agent.get(`/doublons/${pair?.id}`)).status).toBe(404);

    await database.query("UPDATE student SET status = 'alumni' WHERE BINARY first_name = 'Gaelle'");
    expect((await agent.get('/doublons')).text).not.toContain('ABRIALA');
    await database.query("UPDATE student SET status = 'alumni'");
    expect((await agent.get('/doublons')).text).toContain('ABRIALA');
  });

  it('does not tell by contact details those who may not read them, nor on the page that compares', async () => {
    await aRoleWith('sans-coordonnees', [
      ['students.read', 'all', 'identity'],
      ['students.merge', 'all', ''],
    ]);
    await twinStudents(1);
    const { agent } = await app.signInAs('sans-coordonnees');
    const queue = await agent.get('/doublons');
    expect(queue.text).toContain('ABRIALA');
    expect(queue.text).not.toContain('même mobile');
    expect(queue.text).not.toContain('Quimper');
    const [pair] = await database.query<{ id: string }>('SELECT id FROM duplicate_candidate');
    const comparison = await agent.get(`/doublons/${pair?.id}`);
    expect(comparison.text).toContain('hors de votre périmètre');
    expect(comparison.text).not.toContain('Quimper');
    expect(comparison.text).not.toContain('39 98 10 00');
    expect(comparison.text).not.toContain('même mobile');
  });

  it('remembers a refusal: the pair leaves the queue and never comes back, until someone says so', async () => {
    await twinStudents(1);
    const who = await app.signInAs('scolarite');
    const [pair] = await database.query<{ id: string }>('SELECT id FROM duplicate_candidate');
    expect((await who.post(`/doublons/${pair?.id}/rejet`)).status).toBe(303);
    await services.duplicateScans.scan(systemActor('test'), { since: null });
    expect((await who.agent.get('/doublons')).text).not.toContain('ABRIALA');
    const refused = await who.agent.get('/doublons?etat=ecartes');
    expect(refused.text).toContain('ABRIALA');
    expect(refused.text).toContain('Écartée par Personne Numéro');
    const decided = await who.agent.get(`/doublons/${pair?.id}`);
    expect(decided.status).toBe(409);
    expect(decided.text).toContain('a écarté cette paire');

    expect((await who.remove(`/doublons/${pair?.id}/rejet`)).status).toBe(303);
    expect((await who.agent.get('/doublons')).text).toContain('ABRIALA');
  });

  it('puts two records together by hand, found by the search of their list', async () => {
    const [one, other] = [
      await aCompany(services, { name: 'Hamelin Énergie' }),
      await aCompany(services, { name: 'Hamelin & Cie', city: 'Rennes' }),
    ];
    const who = await app.signInAs('relations-exterieures');
    expect((await who.agent.get(`/entreprises/${one.id}`)).text).toContain(
      `/doublons/rapprochement?type=entreprises&amp;fiche=${one.id}`,
    );
    const page = await who.agent.get(`/doublons/rapprochement?type=entreprises&fiche=${one.id}&q=hamelin`);
    expect(page.text).toContain('Hamelin &amp; Cie');
    expect(page.text).toContain('Rennes');
    const answer = await who.post('/doublons/rapprochement', { type: 'entreprises', fiche: one.id, autre: other.id });
    expect(answer.status).toBe(303);
    const comparison = await who.agent.get(String(answer.headers['location']));
    expect(comparison.text).toContain('rapprochées à la main');
    expect(
      (await who.post('/doublons/rapprochement', { type: 'entreprises', fiche: one.id, autre: one.id })).status,
    ).toBe(422);
  });

  it('compares the record that stays first, the other one when asked', async () => {
    const [one, other] = [
      await aCompany(services, { name: 'Première', city: 'Brest' }),
      await aCompany(services, { name: 'Seconde', city: 'Lyon', phone: '+33199001234' }),
    ];
    await database.query("UPDATE company SET created_at = '2020-01-01' WHERE id = ?", [one.id]);
    const pair = await theirPair(app, 'company', [one.id, other.id]);
    const { agent } = await app.signInAs('relations-exterieures');
    const page = await agent.get(`/doublons/${pair.id}`);
    expect(page.text).toContain('Fusionner dans Première');
    expect(page.text.indexOf('>Première<')).toBeLessThan(page.text.indexOf('>Seconde<'));
    const checked = (name: string, text: string) =>
      new RegExp(`name="field_${name}" value="(first|second)"[^>]* checked`).exec(text)?.[1];
    expect(checked('name', page.text)).toBe(pair.sideOf(one.id));
    expect(checked('phone', page.text)).toBe(pair.sideOf(other.id));
    const swapped = await agent.get(`/doublons/${pair.id}?garder=${pair.sideOf(other.id)}`);
    expect(swapped.text).toContain('Fusionner dans Seconde');
    expect(checked('name', swapped.text)).toBe(pair.sideOf(other.id));
  });

  it('does not know a pair that does not exist', async () => {
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/doublons/018cc251-f40f-7002-8000-0000000000ff')).status).toBe(404);
    expect((await agent.get('/doublons/abc')).status).toBe(404);
    expect((await agent.get('/doublons/fusions/018cc251-f40f-7002-8000-0000000000ff/annulation')).status).toBe(404);
  });
});
