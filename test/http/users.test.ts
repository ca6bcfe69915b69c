/** Long because every right over accounts is tried by who holds it and who does not. */
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { csrfIn, TEST_PASSWORD, useTestApp, type SignedInAgent } from '../support/app.ts';
import { anAccount, codeOf, journalOf, linkIn, openDoor, takeMails } from '../support/door.ts';

const app = useTestApp();

const roleId = async (key: string): Promise<string> =>
  (await app.database.query<{ id: string }>('SELECT id FROM role WHERE `key` = ?', [key]))[0]?.id ?? '';
const rolesOf = async (userId: string): Promise<(string | null)[]> =>
  (
    await app.database.query<{ key: string | null }>(
      'SELECT r.`key` FROM user_role ur JOIN role r ON r.id = ur.role_id WHERE ur.user_id = ? ORDER BY r.`key`',
      [userId],
    )
  ).map(({ key }) => key);
const versionIn = (html: string): string => /name="version" value="(\d+)"/.exec(html)?.[1] ?? '';

async function aProgramme(label: string): Promise<string> {
  const id = newId();
  await app.database.query('INSERT INTO programme (id, label, label_key) VALUES (?, ?, ?)', [id, label, label]);
  return id;
}

/** What the form of an account sends, as it stands. */
async function formOf(person: SignedInAgent, id: string) {
  const user = await app.services.users.get(systemActor('test'), id);
  const page = await person.agent.get(`/utilisateurs/${id}/modifier`);
  return {
    name: user.name,
    email: user.email,
    language: user.language,
    roles: user.roles.map((role) => role.id),
    programmes: user.programmes.map((programme) => programme.id),
    version: versionIn(page.text),
  };
}

describe('the list of accounts', () => {
  it('is for those who may see accounts', async () => {
    const anonymous = await supertest(app.admin).get('/utilisateurs').set('Accept', 'text/html');
    expect(anonymous.headers['location']).toBe('/connexion?suite=%2Futilisateurs');
    expect((await supertest(app.admin).get('/utilisateurs.json')).status).toBe(401);
    expect((await (await app.signInAs('scolarite')).agent.get('/utilisateurs')).status).toBe(403);
    const dpo = await (await app.signInAs('dpo')).agent.get('/utilisateurs');
    expect(dpo.status).toBe(200);
    expect(dpo.text).not.toContain('/utilisateurs/nouveau');
    const it = await (await app.signInAs('informatique')).agent.get('/utilisateurs');
    expect(it.text).toContain('/utilisateurs/nouveau');
  });

  it('finds by name or address, without accents, and by role and state', async () => {
    const { agent } = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'recherche');
    await app.database.query("UPDATE staff_user SET name = 'Hélène Aubrac' WHERE id = ?", [id]);
    await anAccount(app, 'scolarite');
    const names = async (query: string) =>
      (await agent.get(`/utilisateurs.json?${query}`)).body.rows.map(({ name }: { name: string }) => name) as string[];
    expect(await names('q=helene')).toEqual(['Hélène Aubrac']);
    expect(await names('q=aubrac+hel')).toEqual(['Hélène Aubrac']);
    expect(await names('q=100%25')).toEqual([]);
    expect(await names(`role=${await roleId('recherche')}`)).toEqual(['Hélène Aubrac']);
    expect(await names('etat=disabled')).toEqual([]);
    const page = await agent.get('/utilisateurs?q=helene');
    expect(page.text).toContain('<mark>Hélène</mark>');
    expect((await agent.get('/utilisateurs?q=personne-de-ce-nom')).text).toContain('Aucun résultat');
  });

  it('goes forward and back by keyset without losing or repeating anyone', async () => {
    const { agent } = await app.signInAs('informatique');
    const rows = Array.from({ length: 70 }, (_, index) => [
      newId(),
      `serie${index}@acme.example`,
      `Même Nom ${index % 7}`,
    ]);
    for (const row of rows) await app.database.query('INSERT INTO staff_user (id, email, name) VALUES (?, ?, ?)', row);
    for (const tri of ['nom', '-nom', 'connexion', '-connexion']) {
      const first = (await agent.get(`/utilisateurs.json?tri=${tri}`)).body as { rows: { id: string }[]; next: string };
      const second = (await agent.get(`/utilisateurs.json?tri=${tri}&apres=${first.next}`)).body as typeof first;
      expect(first.rows).toHaveLength(50);
      expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size, tri).toBe(71);
      expect(second.next).toBeNull();
    }
    const page = await agent.get('/utilisateurs');
    const next = /rel="next"[^>]*href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const later = await agent.get(next);
    const previous = /rel="prev"[^>]*href="([^"]+)"/.exec(later.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const links = (html: string) => [...html.matchAll(/class="identity-name" href="([^"]+)"/g)].map(([, href]) => href);
    expect(links((await agent.get(previous)).text)).toEqual(links(page.text));
  });

  it('ignores what its address does not know', async () => {
    const { agent } = await app.signInAs('informatique');
    for (const query of [
      'apres=zzz',
      'tri=autre',
      'etat=autre',
      'role=1',
      'apres=W10',
      'avant=bnVsbA',
      'apres=WyJub20iLCAiYSIsICLDqSJd',
      'inconnu=1',
    ])
      expect((await agent.get(`/utilisateurs?${query}`)).status, query).toBe(200);
  });

  it('asks the same number of statements whatever the number of accounts', async () => {
    const { agent } = await app.signInAs('informatique');
    const count = async () => {
      const before = app.services.database.statementCount();
      await agent.get('/utilisateurs');
      return app.services.database.statementCount() - before;
    };
    await count();
    const few = await count();
    for (let index = 0; index < 8; index += 1) await anAccount(app, 'scolarite', 'agent-nir');
    expect(await count()).toBe(few);
  });
});

describe('creating an account', () => {
  it('sends a link with which the person chooses a password and enters', async () => {
    const it = await app.signInAs('informatique');
    const programme = await aProgramme('Mastère Achats');
    const answer = await it.post('/utilisateurs/nouveau', {
      name: ' Inès Valbrun ',
      email: 'Ines.Valbrun@ACME.example',
      language: 'fr',
      roles: [await roleId('recherche')],
      programmes: [programme],
    });
    expect(answer.status).toBe(303);
    const page = await it.agent.get(answer.headers['location'] ?? '');
    expect(page.text).toContain('Inès Valbrun');
    expect(page.text).toContain('Mastère Achats');
    expect(page.text).toContain('n’a pas encore choisi son mot de passe');
    const [mail] = await takeMails(app);
    expect(mail).toMatchObject({ to: 'ines.valbrun@acme.example', template: 'account-created' });
    const password = 'Sept-Hérons-Cendrés-18';
    await openDoor(app.admin).send(linkIn(mail), { password, passwordAgain: password }, linkIn(mail));
    const entered = await openDoor(app.admin).knock({ email: 'ines.valbrun@acme.example', password });
    expect(entered.status).toBe(303);
    const id = (answer.headers['location'] ?? '').split('/').at(-1) ?? '';
    expect(await journalOf(app, id)).toEqual(['user.created', 'password.changed', 'session.opened']);
  });

  it('sends the link again, until a password is chosen', async () => {
    const it = await app.signInAs('informatique');
    const fields = { name: 'Inès', email: 'ines@acme.example', language: 'fr', roles: [] };
    const created = (await it.post('/utilisateurs/nouveau', fields)).headers['location'] ?? '';
    expect((await it.post(`${created}/lien`)).status).toBe(303);
    expect(await takeMails(app)).toHaveLength(2);
    const other = await anAccount(app, 'scolarite');
    expect((await it.post(`/utilisateurs/${other.id}/lien`)).status).toBe(404);
  });

  it('keeps what was typed when something is wrong, and says it of the field', async () => {
    const it = await app.signInAs('informatique');
    const role = await roleId('recherche');
    const fields = { name: 'Inès Valbrun', language: 'fr', roles: [role] };
    const taken = await it.post('/utilisateurs/nouveau', { ...fields, email: it.email });
    expect(taken.status).toBe(422);
    expect(taken.text).toContain('Un compte existe déjà pour cette adresse');
    expect(taken.text).toContain('value="Inès Valbrun"');
    expect(taken.text).toMatch(new RegExp(`value="${role}" checked`));
    for (const email of ['', 'ines', 'ines@acme', 'ines@acme.example, autre@acme.example'])
      expect((await it.post('/utilisateurs/nouveau', { ...fields, email })).status, email).toBe(422);
    const unknown = await it.post('/utilisateurs/nouveau', { ...fields, email: 'i@acme.example', roles: [newId()] });
    expect(unknown.status).toBe(422);
    expect(await takeMails(app)).toEqual([]);
  });

  it('refuses roles that together would manage accounts and show social-security numbers', async () => {
    const it = await app.signInAs('informatique');
    const answer = await it.post('/utilisateurs/nouveau', {
      name: 'Inès Valbrun',
      email: 'ines@acme.example',
      language: 'fr',
      roles: [await roleId('informatique'), await roleId('agent-nir')],
    });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('ne peut pas afficher de numéros de sécurité sociale');
  });

  it('shows names as they were typed, whatever they hold', async () => {
    const it = await app.signInAs('informatique');
    const name = `<script>alert('é')</script> & "Co"`;
    const fields = { name, email: 'naughty@acme.example', language: 'fr', roles: [] };
    const created = await it.post('/utilisateurs/nouveau', fields);
    const page = await it.agent.get(created.headers['location'] ?? '');
    expect(page.text).not.toContain('<script>alert');
    expect(page.text).toContain('&lt;script&gt;alert(&#39;é&#39;)&lt;/script&gt; &amp; &#34;Co&#34;');
  });
});

describe('changing an account', () => {
  it('gives other rights, which hold at the next click', async () => {
    const it = await app.signInAs('informatique');
    const person = await app.signInAs('scolarite');
    expect((await person.agent.get('/utilisateurs')).status).toBe(403);
    const form = await formOf(it, person.userId);
    const saved = await it.post(`/utilisateurs/${person.userId}/modifier`, {
      ...form,
      roles: [await roleId('rh-finance')],
    });
    expect(saved.status).toBe(303);
    expect((await person.agent.get('/utilisateurs')).status).toBe(200);
    expect(await journalOf(app, person.userId)).toContain('user.updated');
  });

  it('shows both versions to whoever saves second', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'scolarite');
    const form = await formOf(it, id);
    await it.post(`/utilisateurs/${id}/modifier`, {
      ...form,
      name: 'Nom de la base',
      roles: [await roleId('recherche')],
    });
    const late = await it.post(`/utilisateurs/${id}/modifier`, { ...form, name: 'Nom saisi' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('value="Nom saisi"');
    expect(late.text).toContain('value="Nom de la base"');
    expect(late.text).toContain('Pôle Scolarité');
    expect(late.text).toContain('Pôle Recherche');
    const chosen = { ...form, name: 'Nom saisi', roles: await roleId('recherche'), version: versionIn(late.text) };
    expect((await it.post(`/utilisateurs/${id}/modifier`, chosen)).status).toBe(303);
    expect(await rolesOf(id)).toEqual(['recherche']);
  });

  it('never lets anyone change their own rights', async () => {
    const it = await app.signInAs('informatique');
    const form = await formOf(it, it.userId);
    const more = { ...form, roles: [...form.roles, await roleId('scolarite')] };
    const answer = await it.post(`/utilisateurs/${it.userId}/modifier`, more);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Personne ne change ses propres droits');
    const programme = await aProgramme('Mastère Achats');
    const narrowed = await it.post(`/utilisateurs/${it.userId}/modifier`, { ...form, programmes: [programme] });
    expect(narrowed.status).toBe(422);
    expect(await rolesOf(it.userId)).toEqual(['informatique']);
    const renamed = await it.post(`/utilisateurs/${it.userId}/modifier`, { ...form, name: 'Nadia Kerjean' });
    expect(renamed.status).toBe(303);
  });

  it('tells the old address that the account has a new one, and leaves it neither a link nor a session', async () => {
    const it = await app.signInAs('informatique');
    const person = await app.signInAs('scolarite');
    await openDoor(app.admin).send('/mot-de-passe-oublie', { email: person.email }, '/mot-de-passe-oublie');
    const link = linkIn((await takeMails(app))[0]);
    const form = await formOf(it, person.userId);
    const saved = await it.post(`/utilisateurs/${person.userId}/modifier`, { ...form, email: 'autre@acme.example' });
    expect(saved.status).toBe(303);
    expect(await takeMails(app)).toMatchObject([{ to: person.email, template: 'email-changed' }]);
    expect((await openDoor(app.admin).agent.get(link)).status).toBe(404);
    expect((await person.agent.get('/compte')).status).toBe(303);
  });

  it('refuses an address that someone else has', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'scolarite');
    const form = await formOf(it, id);
    const answer = await it.post(`/utilisateurs/${id}/modifier`, { ...form, email: it.email });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Un compte existe déjà pour cette adresse');
  });

  it('is for those who manage accounts', async () => {
    const dpo = await app.signInAs('dpo');
    const { id } = await anAccount(app, 'scolarite');
    expect((await dpo.agent.get(`/utilisateurs/${id}`)).status).toBe(200);
    expect((await dpo.agent.get(`/utilisateurs/${id}/modifier`)).status).toBe(403);
    for (const path of ['modifier', 'desactivation', 'lien'])
      expect((await dpo.post(`/utilisateurs/${id}/${path}`)).status, path).toBe(403);
  });

  it('answers 404 for an account that does not exist', async () => {
    const it = await app.signInAs('informatique');
    for (const id of [newId(), 'pas-un-identifiant']) {
      expect((await it.agent.get(`/utilisateurs/${id}`)).status).toBe(404);
      expect((await it.agent.get(`/utilisateurs/${id}/modifier`)).status).toBe(404);
      expect((await it.post(`/utilisateurs/${id}/desactivation`)).status).toBe(404);
    }
  });
});

describe('the door of an account', () => {
  it('closes at once with its sessions, and opens again', async () => {
    const it = await app.signInAs('informatique');
    const person = await app.signInAs('scolarite');
    expect((await it.post(`/utilisateurs/${person.userId}/desactivation`)).status).toBe(303);
    expect((await person.agent.get('/compte')).status).toBe(303);
    expect(await app.database.query('SELECT id FROM staff_session WHERE user_id = ?', [person.userId])).toEqual([]);
    const knock = () => openDoor(app.admin).knock({ email: person.email, password: TEST_PASSWORD });
    expect((await knock()).status).toBe(422);
    expect((await it.agent.get('/utilisateurs?etat=disabled')).text).toContain(person.email);
    expect((await it.remove(`/utilisateurs/${person.userId}/desactivation`)).status).toBe(303);
    expect((await knock()).status).toBe(303);
    expect(await journalOf(app, person.userId)).toEqual(expect.arrayContaining(['user.disabled', 'user.enabled']));
  });

  it('is never closed, reset or emptied by its own holder', async () => {
    const it = await app.signInAs('informatique');
    await app.signInAs('informatique');
    const own = `/utilisateurs/${it.userId}`;
    expect((await it.post(`${own}/desactivation`)).status).toBe(403);
    expect((await it.remove(`${own}/sessions`)).status).toBe(403);
    expect((await it.remove(`${own}/second-facteur`)).status).toBe(403);
    expect((await it.agent.get('/compte')).status).toBe(200);
  });

  it('closes every session on demand', async () => {
    const it = await app.signInAs('informatique');
    const person = await app.signInAs('scolarite');
    expect((await it.remove(`/utilisateurs/${person.userId}/sessions`)).status).toBe(303);
    expect((await person.agent.get('/compte')).status).toBe(303);
    expect((await openDoor(app.admin).knock({ email: person.email, password: TEST_PASSWORD })).status).toBe(303);
  });

  it('loses the second factor of someone who lost their telephone', async () => {
    const it = await app.signInAs('informatique');
    const person = await app.signInAs('scolarite');
    expect((await it.remove(`/utilisateurs/${person.userId}/second-facteur`)).status).toBe(404);
    const page = await person.agent.get('/compte/second-facteur');
    const secret = /<code class="mono">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '';
    await person.agent
      .post('/compte/second-facteur')
      .type('form')
      .send({ code: codeOf(app, secret), confirmPassword: TEST_PASSWORD, _csrf: csrfIn(page.text) });
    expect((await it.remove(`/utilisateurs/${person.userId}/second-facteur`)).status).toBe(303);
    const entered = await openDoor(app.admin).knock({ email: person.email, password: TEST_PASSWORD });
    expect(entered.headers['location']).toBe('/');
    expect(await journalOf(app, person.userId)).toContain('user.second_factor_reset');
  });
});

describe('the last one who manages accounts', () => {
  it('cannot be disabled, nor lose the right', async () => {
    const first = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    // An account nobody can enter does not count.
    await app.services.users.create(systemActor('test'), {
      name: 'Jamais Entré',
      email: 'jamais@acme.example',
      language: 'fr',
      roles: [await roleId('informatique')],
      programmes: [],
    });
    const form = await formOf(first, second.userId);
    expect((await first.post(`/utilisateurs/${second.userId}/desactivation`)).status).toBe(303);
    const system = systemActor('test');
    await expect(app.services.users.disable(system, first.userId)).rejects.toMatchObject({
      code: 'LAST_ADMINISTRATOR',
    });
    const { version } = await app.services.users.get(system, first.userId);
    const fields = { ...form, name: 'X', email: first.email, language: 'fr' as const, roles: [], programmes: [] };
    await expect(app.services.users.update(system, first.userId, fields, version)).rejects.toMatchObject({
      code: 'LAST_ADMINISTRATOR',
    });
    expect(await rolesOf(first.userId)).toEqual(['informatique']);
    expect((await first.agent.get('/utilisateurs')).status).toBe(200);
  });

  it('remains when two disable each other at the same time', async () => {
    const first = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const [firstToken, secondToken] = [await first.csrf(), await second.csrf()];
    const disable = (by: SignedInAgent, token: string, whom: SignedInAgent) =>
      by.agent.post(`/utilisateurs/${whom.userId}/desactivation`).type('form').send({ _csrf: token });
    await Promise.all([disable(first, firstToken, second), disable(second, secondToken, first)]);
    const left = await app.database.query('SELECT id FROM staff_user WHERE disabled_at IS NULL');
    expect(left.length).toBeGreaterThanOrEqual(1);
  });
});
