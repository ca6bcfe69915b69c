/** Four eyes on the accounts that open what the law protects most. Long because each way into such an account is tried, and each way out. */
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import { TEST_PASSWORD, useTestApp, type SignedInAgent } from '../support/app.ts';
import { aProgramme } from '../support/builders.ts';
import { runCommand } from '../support/command-line.ts';
import { anAccount, journalOf, openDoor, takeMails } from '../support/door.ts';

const app = useTestApp();

const roleId = async (key: string): Promise<string> =>
  (await app.database.query<{ id: string }>('SELECT id FROM role WHERE `key` = ?', [key]))[0]?.id ?? '';

const userOf = async (id: string) => app.services.users.get(systemActor('test'), id);
const rolesOf = async (id: string) => (await userOf(id)).roles.map(({ label }) => label);
const userUrl = (id: string) => `/utilisateurs/${id}`;

/** Address of the first change that waits, as its buttons post it; null when none does. */
async function waitingOn(person: SignedInAgent, id: string): Promise<string | null> {
  const { text } = await person.agent.get(userUrl(id));
  return /action="(\/utilisateurs\/[0-9a-f-]+\/attentes\/[0-9a-f-]+)"/.exec(text)?.[1] ?? null;
}

async function edit(person: SignedInAgent, id: string, fields: Record<string, string | string[]>) {
  const user = await userOf(id);
  return person.post(`${userUrl(id)}/modifier`, {
    name: user.name,
    email: user.email,
    language: user.language,
    roles: user.roles.map((role) => role.id),
    programmes: user.programmes.map((programme) => programme.id),
    version: String(user.version),
    ...fields,
  });
}

const withSecondFactor = async (id: string) =>
  app.database.query("UPDATE staff_user SET totp_secret = 'x', totp_enabled_at = NOW(3) WHERE id = ?", [id]);

describe('the address of an account with sensitive rights', () => {
  it.each(['dpo', 'agent-nir', 'informatique'])('of %s stays until another administrator confirms', async (role) => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id, email } = await anAccount(app, role);
    expect((await edit(it, id, { email: 'pris@ailleurs.example', name: 'Nom Changé' })).status).toBe(303);
    expect(await userOf(id)).toMatchObject({ email, name: 'Nom Changé' });
    const page = (await it.agent.get(userUrl(id))).text;
    expect(page).toContain('En attente d’une seconde personne');
    expect(page).toContain('pris@ailleurs.example');
    expect(page).not.toContain('>Confirmer<');
    // What someone asked for, they do not confirm, whatever the page shows.
    const change = (await waitingOn(it, id)) ?? '';
    expect((await it.post(change)).status).toBe(403);
    expect((await userOf(id)).email).toBe(email);

    const mails = await takeMails(app);
    expect(mails.find(({ template }) => template === 'account-change-asked')).toMatchObject({ to: email });
    const [told] = mails.filter(({ template, to }) => template === 'account-change-waits' && to === second.email);
    expect(told?.params['link']).toContain(userUrl(id));
    expect(mails.map(({ to }) => to)).not.toContain('pris@ailleurs.example');

    expect((await second.agent.get(userUrl(id))).text).toContain('Confirmer');
    expect((await second.post(change)).status).toBe(303);
    expect((await userOf(id)).email).toBe('pris@ailleurs.example');
    expect(await takeMails(app)).toMatchObject([{ to: email, template: 'email-changed' }]);
    expect(await waitingOn(second, id)).toBeNull();
    expect((await second.post(change)).status).toBe(404);
    expect(await journalOf(app, id)).toEqual(
      expect.arrayContaining(['user.change_asked', 'user.change_confirmed', 'user.updated']),
    );
  });

  it('closes the sessions of the account only when it changes', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const dpo = await app.signInAs('dpo');
    await edit(it, dpo.userId, { email: 'pris@ailleurs.example' });
    expect((await dpo.agent.get('/compte')).status).toBe(200);
    await second.post((await waitingOn(second, dpo.userId)) ?? '');
    expect((await dpo.agent.get('/compte')).status).toBe(303);
  });

  it('is one’s own too: a borrowed screen must not take it away', async () => {
    const it = await app.signInAs('informatique');
    expect((await edit(it, it.userId, { email: 'pris@ailleurs.example' })).status).toBe(303);
    expect((await userOf(it.userId)).email).toBe(it.email);
    expect((await it.agent.get(userUrl(it.userId))).text).toContain('crm user confirm');
  });

  it('is refused at once when someone else has it', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'dpo');
    const answer = await edit(it, id, { email: it.email });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Un compte existe déjà pour cette adresse');
    expect(await waitingOn(it, id)).toBeNull();
  });

  it('is refused when someone took it meanwhile, and the request goes on waiting', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id, email } = await anAccount(app, 'dpo');
    await edit(it, id, { email: 'convoitee@acme.example' });
    const { id: other } = await anAccount(app, 'recherche');
    await edit(it, other, { email: 'convoitee@acme.example' });
    const change = (await waitingOn(second, id)) ?? '';
    expect((await second.post(change)).status).toBe(422);
    expect((await userOf(id)).email).toBe(email);
    expect(await waitingOn(second, id)).toBe(change);
  });

  it('of an account without them changes at once', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'scolarite');
    await edit(it, id, { email: 'nouvelle@acme.example' });
    expect((await userOf(id)).email).toBe('nouvelle@acme.example');
  });

  it('waits too while rights are about to be given: nobody confirms them for another mailbox', async () => {
    const it = await app.signInAs('informatique');
    const { id, email } = await anAccount(app, 'scolarite');
    await edit(it, id, { roles: [await roleId('dpo')] });
    await edit(it, id, { email: 'pris@ailleurs.example' });
    expect((await userOf(id)).email).toBe(email);
  });
});

describe('a request', () => {
  it('can be given up by anyone who manages accounts, and is then worth nothing', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id, email } = await anAccount(app, 'dpo');
    await edit(it, id, { email: 'pris@ailleurs.example' });
    const change = (await waitingOn(it, id)) ?? '';
    expect((await it.remove(change)).status).toBe(303);
    expect((await second.post(change)).status).toBe(404);
    expect((await userOf(id)).email).toBe(email);
    expect(await journalOf(app, id)).toContain('user.change_cancelled');
  });

  it('lapses after 72 hours', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id, email } = await anAccount(app, 'dpo');
    await edit(it, id, { email: 'pris@ailleurs.example' });
    const change = (await waitingOn(second, id)) ?? '';
    app.clock.advance(72 * 3_600_000);
    expect(await waitingOn(second, id)).toBeNull();
    expect((await second.post(change)).status).toBe(404);
    expect((await userOf(id)).email).toBe(email);
  });

  it('takes the place of the one before it', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'dpo');
    await edit(it, id, { email: 'une@acme.example' });
    const first = (await waitingOn(second, id)) ?? '';
    await edit(it, id, { email: 'deux@acme.example' });
    expect((await second.post(first)).status).toBe(404);
    await second.post((await waitingOn(second, id)) ?? '');
    expect((await userOf(id)).email).toBe('deux@acme.example');
  });

  it('belongs to its account: another address finds nothing', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'dpo');
    await edit(it, id, { email: 'une@acme.example' });
    const change = ((await waitingOn(second, id)) ?? '').split('/').at(-1) ?? '';
    expect((await second.post(`${userUrl(it.userId)}/attentes/${change}`)).status).toBe(404);
  });

  it('is for those who manage accounts; those who see them see it', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'dpo');
    await edit(it, id, { email: 'une@acme.example' });
    const change = (await waitingOn(it, id)) ?? '';
    const dpo = await app.signInAs('dpo');
    const page = (await dpo.agent.get(userUrl(id))).text;
    expect(page).toContain('une@acme.example');
    expect(page).not.toContain(change);
    expect((await dpo.post(change)).status).toBe(403);
    expect((await dpo.remove(change)).status).toBe(403);
  });
});

describe('the second factor of an account with sensitive rights', () => {
  it('stays until another administrator confirms', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id, email } = await anAccount(app, 'dpo');
    await withSecondFactor(id);
    expect((await it.remove(`${userUrl(id)}/second-facteur`)).status).toBe(303);
    expect((await userOf(id)).secondFactorSince).not.toBeNull();
    expect(await takeMails(app)).toEqual(
      expect.arrayContaining([expect.objectContaining({ to: email, template: 'account-change-asked' })]),
    );
    expect((await second.post((await waitingOn(second, id)) ?? '')).status).toBe(303);
    expect((await userOf(id)).secondFactorSince).toBeNull();
    expect(await journalOf(app, id)).toContain('user.second_factor_reset');
  });
});

describe('sensitive rights', () => {
  it('are given to nobody by one person alone', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'scolarite');
    const roles = [await roleId('scolarite'), await roleId('agent-nir')];
    await edit(it, id, { roles });
    expect(await rolesOf(id)).toEqual(['Pôle Scolarité']);
    await second.post((await waitingOn(second, id)) ?? '');
    expect(await rolesOf(id)).toEqual(['Agent habilité au NIR', 'Pôle Scolarité']);
  });

  it('are not confirmed by who gets them', async () => {
    const it = await app.signInAs('informatique');
    const third = await app.signInAs('informatique');
    await edit(it, third.userId, { roles: [await roleId('informatique'), await roleId('dpo')] });
    // Managing accounts and revealing numbers never meet: nothing is even asked for.
    expect(await waitingOn(it, third.userId)).toBeNull();
    await app.database.query(
      "INSERT INTO role (id, label) VALUES ('0f0e0d0c-0b0a-4908-8706-050403020100', 'Lecture du journal')",
    );
    await app.database.query(
      "INSERT INTO role_grant (role_id, permission, scope, field_groups) VALUES ('0f0e0d0c-0b0a-4908-8706-050403020100', 'audit.read', 'all', 'technical,content')",
    );
    const more = [await roleId('informatique'), '0f0e0d0c-0b0a-4908-8706-050403020100'];
    await edit(it, third.userId, { roles: more });
    const change = (await waitingOn(it, third.userId)) ?? '';
    expect((await third.post(change)).status).toBe(403);
    expect(await rolesOf(third.userId)).toEqual(['Pôle Informatique']);
  });

  it('come to a new account after it was opened, once someone else agreed', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const answer = await it.post('/utilisateurs/nouveau', {
      name: 'Ada Berrivin',
      email: 'ada@ailleurs.example',
      language: 'fr',
      roles: [await roleId('recherche'), await roleId('dpo')],
    });
    const id = String(answer.headers['location']).split('/').at(-1) ?? '';
    expect(await rolesOf(id)).toEqual(['Pôle Recherche']);
    expect((await it.agent.get(userUrl(id))).text).toContain('Délégué à la protection des données');
    await second.post((await waitingOn(second, id)) ?? '');
    expect(await rolesOf(id)).toHaveLength(2);
  });

  it('are taken away at once', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'dpo');
    await edit(it, id, { roles: [await roleId('recherche')] });
    expect(await rolesOf(id)).toEqual(['Pôle Recherche']);
  });

  /** A role of the school's own. */
  async function aRole(label: string, ...grants: [permission: string, scope: string][]): Promise<string> {
    const id = newId();
    await app.database.query('INSERT INTO role (id, label) VALUES (?, ?)', [id, label]);
    for (const [permission, scope] of grants)
      await app.database.query(
        "INSERT INTO role_grant (role_id, permission, scope, field_groups) VALUES (?, ?, ?, '')",
        [id, permission, scope],
      );
    return id;
  }

  it('on part of the people are not widened by one person alone', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'recherche');
    const part = await aRole('NIR des prospects', ['students.reveal_nir', 'prospect']);
    await app.database.query('INSERT INTO user_role (user_id, role_id) VALUES (?, ?)', [id, part]);
    await edit(it, id, { roles: [part, await roleId('agent-nir')] });
    expect(await rolesOf(id)).toEqual(['NIR des prospects', 'Pôle Recherche']);
    expect(await waitingOn(it, id)).not.toBeNull();
    const fields = { label: 'NIR des prospects', description: '', version: '1' };
    const wider = await it.post(`/roles/${part}/modifier`, { ...fields, droits: ['students.reveal_nir:all'] });
    expect(wider.status).toBe(422);
    const narrower = { ...fields, droits: ['students.reveal_nir:prospect', 'jobs.run:all'] };
    expect((await it.post(`/roles/${part}/modifier`, narrower)).status).toBe(303);
  });

  it('limited to programmes are not widened by one person alone', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'agent-nir');
    const programmes = [
      await aProgramme(app.services, 'Master Finance'),
      await aProgramme(app.services, 'Master Droit'),
    ];
    await edit(it, id, { programmes });
    expect((await userOf(id)).programmes).toHaveLength(2);
    await edit(it, id, { programmes: programmes.slice(0, 1) });
    expect((await userOf(id)).programmes).toHaveLength(1);
    for (const wider of [programmes, []]) {
      await edit(it, id, { programmes: wider });
      expect((await userOf(id)).programmes).toHaveLength(1);
    }
    expect((await it.agent.get(userUrl(id))).text).toContain('toutes les formations');
    await second.post((await waitingOn(second, id)) ?? '');
    expect((await userOf(id)).programmes).toEqual([]);
  });

  it('come back to an account that opens again once someone else agreed', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'recherche', 'dpo');
    await it.post(`${userUrl(id)}/desactivation`);
    expect((await it.remove(`${userUrl(id)}/desactivation`)).status).toBe(303);
    expect(await userOf(id)).toMatchObject({ disabledAt: null });
    expect(await rolesOf(id)).toEqual(['Pôle Recherche']);
    const page = (await it.agent.get(userUrl(id))).text;
    expect(page).toContain('sauf ce qui attend');
    expect((await it.post((await waitingOn(it, id)) ?? '')).status).toBe(403);
    await second.post((await waitingOn(second, id)) ?? '');
    expect(await rolesOf(id)).toHaveLength(2);
    expect(await journalOf(app, id)).toEqual(
      expect.arrayContaining(['user.disabled', 'user.enabled', 'user.change_asked', 'user.change_confirmed']),
    );
  });

  it('leave nothing to wait for in an account that opens again without any', async () => {
    const it = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'recherche');
    await it.post(`${userUrl(id)}/desactivation`);
    await it.remove(`${userUrl(id)}/desactivation`);
    expect(await rolesOf(id)).toEqual(['Pôle Recherche']);
    expect(await waitingOn(it, id)).toBeNull();
  });

  it('are not slipped into a role that people hold', async () => {
    const it = await app.signInAs('informatique');
    await anAccount(app, 'recherche');
    const id = await roleId('recherche');
    const fields = { label: 'Pôle Recherche', description: '', version: '1' };
    const answer = await it.post(`/roles/${id}/modifier`, { ...fields, droits: ['students.reveal_nir:all'] });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Ce rôle a des titulaires');
    expect((await it.post(`/roles/${id}/modifier`, { ...fields, droits: ['jobs.run:all'] })).status).toBe(303);
  });
});

describe('a role that is asked for', () => {
  it('gets no sensitive right before it is confirmed: what is confirmed is what was asked for', async () => {
    const it = await app.signInAs('informatique');
    const second = await app.signInAs('informatique');
    const { id } = await anAccount(app, 'scolarite');
    const empty = newId();
    await app.database.query("INSERT INTO role (id, label) VALUES (?, 'Accueil')", [empty]);
    await edit(it, id, { roles: [empty, await roleId('dpo')] });
    const change = (await waitingOn(it, id)) ?? '';
    const richer = { label: 'Accueil', description: '', droits: ['roles.manage:all'] };
    const answer = await it.post(`/roles/${empty}/modifier`, { ...richer, version: '1' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('attend une seconde personne');
    await second.remove(change);
    expect((await it.post(`/roles/${empty}/modifier`, { ...richer, version: '1' })).status).toBe(303);
  });
});

describe('crm user confirm', () => {
  it('tells what waits, and confirms it for a school with one administrator', { timeout: 120_000 }, async () => {
    const it = await app.signInAs('informatique');
    const { id, email } = await anAccount(app, 'dpo');
    await edit(it, id, { email: 'nouvelle@acme.example' });
    const told = await runCommand(app, ['user', 'confirm', '--email', email]);
    expect(told).toMatchObject({ code: 3, complaint: '' });
    expect(told.output).toContain('nouvelle@acme.example');
    expect((await userOf(id)).email).toBe(email);
    const done = await runCommand(app, ['user', 'confirm', '--email', email, '--yes']);
    expect(done).toMatchObject({ code: 0, complaint: '' });
    expect((await userOf(id)).email).toBe('nouvelle@acme.example');
    expect((await openDoor(app.admin).knock({ email: 'nouvelle@acme.example', password: TEST_PASSWORD })).status).toBe(
      303,
    );
    const nothing = await runCommand(app, ['user', 'confirm', '--email', 'nouvelle@acme.example']);
    expect(nothing).toEqual({ code: 0, output: 'Nothing waits on this account.\n', complaint: '' });
    expect((await runCommand(app, ['user', 'confirm', '--email', 'personne@acme.example'])).code).toBe(1);
    expect((await runCommand(app, ['user', 'confirm'])).code).toBe(2);
  });
});
