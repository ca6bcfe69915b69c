import { describe, expect, it } from 'vitest';
import { nirKey } from '../../src/shared/nir.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp();

const BODY = '2750375123456';
const NIR = `${BODY}${nirKey(BODY)}`;
const SPACED = `2 75 03 75 123 456 ${NIR.slice(-2)}`;
const MASK = `* ** ** ** *** *** ${NIR.slice(-2)}`;
const REASON = { motif: 'work_accident' };

const revealed = async (): Promise<number> => {
  const [row] = await app.database.query<{ total: number }>(
    "SELECT COUNT(*) AS total FROM audit_event WHERE action = 'nir.revealed'",
  );
  return row?.total ?? 0;
};

describe('a social-security number', () => {
  it('is masked everywhere, even for who may reveal it', async () => {
    const { id } = await aStudent(app.services, { nir: NIR, status: 'alumni' });
    const { agent } = await app.signInAs('scolarite', 'agent-nir');
    for (const tab of [
      '',
      '/parcours',
      '/carriere',
      '/notes',
      '/historique',
      '/imports',
      '.json',
      '/modifier/identite',
    ])
      expect((await agent.get(`/etudiants/${id}${tab}`)).text).not.toContain(BODY);
    expect((await agent.get(`/etudiants/${id}`)).text).toContain(MASK);
    expect((await agent.get(`/etudiants/${id}/modifier/nir`)).text).not.toContain(BODY);
  });

  it('is shown once to who may, with a reason, and the journal keeps who and why', async () => {
    const { id } = await aStudent(app.services, { nir: NIR });
    const { agent, post, userId } = await app.signInAs('scolarite', 'agent-nir');
    const answer = await post(`/etudiants/${id}/nir`, { motif: 'other', precision: 'Dossier CPAM du 12 mars' });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(SPACED);
    expect(answer.headers['cache-control']).toContain('no-store');
    expect((await agent.get(`/etudiants/${id}`)).text).not.toContain(SPACED);
    const [event] = await app.database.query<{ actor_id: string; subject_id: string }>(
      "SELECT * FROM audit_event WHERE action = 'nir.revealed'",
    );
    expect(event).toMatchObject({ actor_id: userId, subject_id: id });
    const history = (await agent.get(`/etudiants/${id}/historique`)).text;
    expect(history).toContain('NIR affiché');
    expect(history).toContain('Dossier CPAM du 12 mars');
    expect(history).not.toContain(BODY);
    expect((await app.services.verifyJournal()).broken).toBeNull();
    expect(app.logs.entries.map((entry) => JSON.stringify(entry)).join()).not.toContain(BODY);
  });

  it('comes alone where htmx asks for it', async () => {
    const { id } = await aStudent(app.services, { nir: NIR });
    const { agent, csrf } = await app.signInAs('dpo');
    const token = await csrf();
    const ask = (fields: object) =>
      agent
        .post(`/etudiants/${id}/nir`)
        .set('HX-Request', 'true')
        .type('form')
        .send({ ...fields, _csrf: token });
    const refused = await ask({ motif: '' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('cinq caractères');
    expect(refused.text).not.toContain('<html');
    const { text, status } = await ask(REASON);
    expect(status).toBe(200);
    expect(text).toContain(SPACED);
    expect(text).not.toContain('<html');
    expect(text).toContain('data-hide-after');
  });

  it.each([
    ['none', {}],
    ['an empty one', { motif: '' }],
    ['too short', { motif: 'pour' }],
    ['another one, not detailed', { motif: 'other' }],
    ['another one, hardly detailed', { motif: 'other', precision: 'x' }],
  ])('is not shown when the reason is %s', async (_what, fields) => {
    const { id } = await aStudent(app.services, { nir: NIR });
    const { post } = await app.signInAs('scolarite', 'agent-nir');
    const answer = await post(`/etudiants/${id}/nir`, fields);
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain(SPACED);
    expect(answer.text).toContain(MASK);
    expect(await revealed()).toBe(0);
  });

  it.each(['scolarite', 'relations-exterieures', 'recherche', 'rh-finance', 'informatique', 'direction'])(
    'is not for %s',
    async (role) => {
      const { id } = await aStudent(app.services, { nir: NIR });
      const { agent, post } = await app.signInAs(role);
      const answer = await post(`/etudiants/${id}/nir`, REASON);
      expect(answer.status).toBe(403);
      expect(answer.text).not.toContain(BODY);
      expect((await agent.get(`/etudiants/${id}`)).text).not.toContain('/nir"');
      expect(await revealed()).toBe(0);
    },
  );

  it('is not asked by its address: the address shows nothing', async () => {
    const { id } = await aStudent(app.services, { nir: NIR });
    const { agent } = await app.signInAs('dpo');
    expect((await agent.get(`/etudiants/${id}/nir`)).status).toBe(404);
    expect(await revealed()).toBe(0);
  });

  it('is nothing where there is none, and for nobody', async () => {
    const { id } = await aStudent(app.services, {});
    const { post } = await app.signInAs('dpo');
    expect((await post(`/etudiants/${id}/nir`, REASON)).status).toBe(404);
    expect((await post('/etudiants/00000000-0000-7000-8000-000000000000/nir', REASON)).status).toBe(404);
    expect(await revealed()).toBe(0);
  });

  it('is shown twenty times an hour to one person, and not once more; another starts at zero', async () => {
    const { id } = await aStudent(app.services, { nir: NIR });
    const first = await app.signInAs('dpo');
    const token = await first.csrf();
    const ask = (agent: SignedInAgent['agent'], csrf: string) =>
      agent
        .post(`/etudiants/${id}/nir`)
        .type('form')
        .send({ ...REASON, _csrf: csrf });
    const statuses: number[] = [];
    for (let count = 0; count < 21; count += 1) statuses.push((await ask(first.agent, token)).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), 429]);
    const blocked = await ask(first.agent, token);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(60);
    expect(blocked.text).not.toContain(SPACED);
    expect(await revealed()).toBe(20);
    const second = await app.signInAs('dpo');
    expect((await ask(second.agent, await second.csrf())).status).toBe(200);
    const counters = await app.database.query('SELECT 1 FROM rate_limit WHERE `key` LIKE ?', ['%nir%']);
    expect(counters.length).toBe(2);
  });
});
