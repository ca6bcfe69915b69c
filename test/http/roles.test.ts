import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { anAccount, journalOf } from '../support/door.ts';

const app = useTestApp();

const roleId = async (key: string): Promise<string> =>
  (await app.database.query<{ id: string }>('SELECT id FROM role WHERE `key` = ?', [key]))[0]?.id ?? '';
const versionIn = (html: string): string => /name="version" value="(\d+)"/.exec(html)?.[1] ?? '';
const ticked = (html: string): string[] =>
  [...html.matchAll(/<input[^>]*name="droits"[^>]*>/g)]
    .map(([input]) => input)
    .filter((input) => / checked/.test(input))
    .map((input) => /value="([^"]+)"/.exec(input)?.[1] ?? '');
const grantsOf = (id: string) =>
  app.database.query<{ permission: string; scope: string; groups: string }>(
    'SELECT permission, scope, field_groups AS `groups` FROM role_grant WHERE role_id = ? ORDER BY permission, scope',
    [id],
  );

async function create(by: SignedInAgent, label: string, droits: string[] = []): Promise<string> {
  const answer = await by.post('/roles/nouveau', { label, description: '', droits });
  expect(answer.status, answer.text.slice(0, 200)).toBe(303);
  return (answer.headers['location'] ?? '').split('/').at(-1) ?? '';
}

const give = (roleId: string, userId: string) =>
  app.database.query('INSERT INTO user_role (user_id, role_id) VALUES (?, ?)', [userId, roleId]);

describe('the matrix of rights', () => {
  it('is for those who may see accounts', async () => {
    const anonymous = await supertest(app.admin).get('/roles').set('Accept', 'text/html');
    expect(anonymous.headers['location']).toBe('/connexion?suite=%2Froles');
    expect((await (await app.signInAs('scolarite')).agent.get('/roles')).status).toBe(403);
    const dpo = await (await app.signInAs('dpo')).agent.get('/roles');
    expect(dpo.status).toBe(200);
    expect(dpo.text).not.toContain('/roles/nouveau');
  });

  it('says of every role, in words, what it grants and on whom', async () => {
    const { agent } = await app.signInAs('informatique');
    const { text } = await agent.get('/roles');
    const heads = [...text.matchAll(/<th scope="col"><a href="\/roles\/[^"]+">([^<]+)<\/a>/g)].map(
      ([, label]) => label,
    );
    const row = /<th scope="row">Voir les fiches\u202f: Coordonnées[^]*?<\/tr>/.exec(text)?.[0] ?? '';
    const cells = [...row.matchAll(/<td>([^]*?)<\/td>/g)].map(([, cell]) =>
      (cell ?? '')
        .replace(/<svg[^]*?<\/svg>/g, '')
        .replace(/<[^>]+>/g, ' ')
        .trim(),
    );
    const said = Object.fromEntries(heads.map((label, index) => [label, cells[index]]));
    expect(said['Pôle Scolarité']).toBe('Accordé');
    expect(said['Pôle Relations extérieures']).toBe('Alumni');
    expect(said['Pôle Recherche']).toMatch(/Non accordé/);
    expect(said['Pôle Informatique']).toMatch(/Non accordé/);
  });

  it('asks the same number of statements whatever the number of roles', async () => {
    const it = await app.signInAs('informatique');
    const count = async () => {
      const before = app.services.database.statementCount();
      await it.agent.get('/roles');
      return app.services.database.statementCount() - before;
    };
    await count();
    const few = await count();
    for (const label of ['Un', 'Deux', 'Trois']) await create(it, label, ['students.create:all']);
    await anAccount(app, 'scolarite');
    // The first page shows the word that follows a creation, and forgets it.
    await count();
    expect(await count()).toBe(few);
  });
});

describe('a role of the school’s own', () => {
  it('grants what is ticked and nothing else', async () => {
    const it = await app.signInAs('informatique');
    const id = await create(it, 'Accueil', ['students.read:en_fonction:contact', 'contacts.read:accounting']);
    expect(await grantsOf(id)).toEqual([
      { permission: 'contacts.read', scope: 'accounting', groups: '' },
      { permission: 'students.read', scope: 'en_fonction', groups: 'identity,contact' },
    ]);
    const { id: holder } = await anAccount(app);
    await give(id, holder);
    const page = await it.agent.get(`/roles/${id}`);
    expect(page.text).toContain('Ce rôle ne permet rien d’autre');
    expect(page.text).toContain(`/utilisateurs/${holder}`);
    expect(page.text).not.toContain('Entreprises</h2>');
    expect(await journalOf(app, id)).toEqual(['role.created']);
  });

  it('starts as a copy of another', async () => {
    const it = await app.signInAs('informatique');
    const model = await roleId('recherche');
    const form = await it.agent.get(`/roles/nouveau?modele=${model}`);
    expect(form.text).toContain('value="Copie de Pôle Recherche"');
    const droits = ticked(form.text);
    expect(droits).toEqual([
      'students.read:en_fonction:identity',
      'companies.read:all:identity',
      'statistics.read:all',
    ]);
    const id = await create(it, 'Copie de Pôle Recherche', droits);
    expect(await grantsOf(id)).toEqual(await grantsOf(model));
    expect((await it.agent.get(`/roles/nouveau?modele=${newId()}`)).status).toBe(404);
  });

  it('changes, and whoever holds it has the new rights at the next click', async () => {
    const it = await app.signInAs('informatique');
    const id = await create(it, 'Accueil');
    const person = await app.signInAs();
    await give(id, person.userId);
    expect((await person.agent.get('/utilisateurs')).status).toBe(403);
    const form = await it.agent.get(`/roles/${id}/modifier`);
    const fields = {
      label: 'Accueil',
      description: 'Au guichet',
      droits: ['users.read:all'],
      version: versionIn(form.text),
    };
    expect((await it.post(`/roles/${id}/modifier`, fields)).status).toBe(303);
    expect((await person.agent.get('/utilisateurs')).status).toBe(200);
    expect(await journalOf(app, id)).toEqual(['role.created', 'role.updated']);
  });

  it('shows both versions to whoever saves second, rights in words', async () => {
    const it = await app.signInAs('informatique');
    const id = await create(it, 'Accueil', ['students.create:all']);
    const version = versionIn((await it.agent.get(`/roles/${id}/modifier`)).text);
    const fields = { label: 'Accueil', description: '', version };
    await it.post(`/roles/${id}/modifier`, { ...fields, droits: ['students.create:all', 'jobs.run:all'] });
    const late = await it.post(`/roles/${id}/modifier`, {
      ...fields,
      label: 'Guichet',
      droits: ['students.create:all', 'students.read:alumni:contact'],
    });
    expect(late.status).toBe(409);
    expect(late.text).toContain('Voir les fiches\u202f: Coordonnées (Alumni)');
    expect(late.text).toContain('Lancer les tâches planifiées');
    const mine = /name="droits" value="([^"]*alumni[^"]*)"/.exec(late.text)?.[1] ?? '';
    const chosen = { label: 'Guichet', description: '', droits: mine, version: versionIn(late.text) };
    expect((await it.post(`/roles/${id}/modifier`, chosen)).status).toBe(303);
    expect((await grantsOf(id)).map(({ permission }) => permission)).toEqual(['students.create', 'students.read']);
  });

  it('is deleted once nobody holds it, after a confirmation', async () => {
    const it = await app.signInAs('informatique');
    const id = await create(it, 'Accueil');
    const { id: holder } = await anAccount(app);
    await give(id, holder);
    expect((await it.remove(`/roles/${id}`)).status).toBe(422);
    expect((await it.agent.get(`/roles/${id}/suppression`)).status).toBe(422);
    await app.database.query('DELETE FROM user_role WHERE role_id = ?', [id]);
    expect((await it.agent.get(`/roles/${id}/suppression`)).text).toContain('Supprimer le rôle Accueil');
    expect((await it.remove(`/roles/${id}`)).status).toBe(303);
    expect((await it.agent.get(`/roles/${id}`)).status).toBe(404);
    expect(await journalOf(app, id)).toContain('role.deleted');
  });

  it('keeps what was ticked when its name is wrong', async () => {
    const it = await app.signInAs('informatique');
    for (const label of ['', 'Pôle Recherche', 'pole recherche']) {
      const answer = await it.post('/roles/nouveau', { label, description: '', droits: ['jobs.run:all'] });
      expect(answer.status, label).toBe(422);
      expect(answer.text).toContain('id="label-error"');
      expect(ticked(answer.text)).toEqual(['jobs.run:all']);
    }
  });

  it('grants no right that does not exist', async () => {
    const it = await app.signInAs('informatique');
    const answer = await it.post('/roles/nouveau', { label: 'X', description: '', droits: ['students.erase:all'] });
    expect(answer.status).toBe(422);
  });
});

describe('what roles may not be', () => {
  it('edited by someone who holds them', async () => {
    const it = await app.signInAs('informatique');
    const own = await roleId('informatique');
    expect((await it.agent.get(`/roles/${own}`)).text).toContain('Vous portez ce rôle');
    expect((await it.agent.get(`/roles/${own}/modifier`)).headers['location']).toBe(`/roles/${own}`);
    const { version } = await app.services.roles.get(systemActor('test'), own);
    const fields = { label: 'Moi', description: '', droits: ['students.read:all:identity'], version };
    expect((await it.post(`/roles/${own}/modifier`, fields)).status).toBe(403);
    expect((await grantsOf(own)).map(({ permission }) => permission)).not.toContain('students.read');
  });

  it('a joining of managing roles and showing social-security numbers', async () => {
    const it = await app.signInAs('informatique');
    for (const right of ['roles.manage:all', 'users.manage:all']) {
      const droits = [right, 'students.read:all:identity', 'students.reveal_nir:all'];
      const answer = await it.post('/roles/nouveau', { label: 'Tout', description: '', droits });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('ne peut pas afficher de numéros de sécurité sociale');
      expect(ticked(answer.text)).toEqual(expect.arrayContaining(droits));
    }
  });

  it('a joining of both in one person through two roles', async () => {
    const it = await app.signInAs('informatique');
    const id = await create(it, 'Annuaire', ['jobs.run:all']);
    const agent = await anAccount(app, 'agent-nir');
    await give(id, agent.id);
    const version = versionIn((await it.agent.get(`/roles/${id}/modifier`)).text);
    const fields = { label: 'Annuaire', description: '', droits: ['users.manage:all'], version };
    const answer = await it.post(`/roles/${id}/modifier`, fields);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('porte aussi un autre rôle');
    expect(await grantsOf(id)).toEqual([{ permission: 'jobs.run', scope: 'all', groups: '' }]);
  });

  it('emptied of the last right to manage accounts', async () => {
    await app.signInAs('informatique');
    const id = await roleId('informatique');
    const { version } = await app.services.roles.get(systemActor('test'), id);
    const fields = { label: 'X', description: '', requiresSecondFactor: false, droits: ['roles.manage:all'] };
    await expect(app.services.roles.update(systemActor('test'), id, fields, version)).rejects.toMatchObject({
      code: 'LAST_ADMINISTRATOR',
    });
    expect((await grantsOf(id)).map(({ permission }) => permission)).toContain('users.manage');
  });

  it('deleted when they are those of the school’s services', async () => {
    const it = await app.signInAs('informatique');
    expect((await it.remove(`/roles/${await roleId('direction')}`)).status).toBe(422);
    expect(await roleId('direction')).not.toBe('');
  });

  it('touched by those who may only see them', async () => {
    const dpo = await app.signInAs('dpo');
    const id = await roleId('recherche');
    expect((await dpo.agent.get(`/roles/${id}`)).status).toBe(200);
    expect((await dpo.agent.get('/roles/nouveau')).status).toBe(403);
    expect((await dpo.agent.get(`/roles/${id}/modifier`)).status).toBe(403);
    expect((await dpo.post('/roles/nouveau')).status).toBe(403);
    expect((await dpo.remove(`/roles/${id}`)).status).toBe(403);
  });
});
