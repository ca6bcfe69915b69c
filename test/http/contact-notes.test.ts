/** Notes on the people at companies, under the rights of the notes on companies and within the contacts one sees. */
import supertest from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { escapeText } from '../../src/http/safe-html.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aCompany, aContact } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';
import { howMany, storedNotes } from '../support/records.ts';

const app = useTestApp();
const BODY = 'Préfère le courriel.\nAbsente <b>en août</b>.';
let contact = '';
let tab = '';

async function aContactOf(contactRole: 'hr' | 'accounting'): Promise<string> {
  const { id: companyId } = await aCompany(app.services, { name: 'Chantiers du Ponant' });
  const { id } = await aContact(app.services, { companyId, lastName: 'Riou', firstName: 'Nolwenn', contactRole });
  return id;
}

beforeEach(async () => {
  contact = await aContactOf('hr');
  tab = `/contacts/${contact}/notes`;
});

/** Gives someone's role a right it does not have. */
async function allow(someone: SignedInAgent, permission: string): Promise<void> {
  await app.database.query(
    "INSERT INTO role_grant (role_id, permission, scope, field_groups) SELECT role_id, ?, 'all', '' FROM user_role WHERE user_id = ?",
    [permission, someone.userId],
  );
  await app.database.query('UPDATE role SET version = version + 1');
}

describe('the notes on a contact', () => {
  it('send an anonymous visitor to sign in', async () => {
    expect((await supertest(app.admin).get(tab).set('Accept', 'text/html')).status).toBe(303);
    expect((await supertest(app.admin).post(tab).send('body=x')).headers['location']).toMatch('/connexion');
  });

  it('tell what to do while there are none', async () => {
    const { agent } = await app.signInAs('relations-exterieures');
    const { text } = await agent.get(tab);
    expect(text).toContain('Aucune note');
    expect(text).toContain('Nolwenn Riou');
    expect(text).toContain('name="body"');
  });

  it('are written by those who write on companies, read by those who read there, and counted on the record', async () => {
    const relations = await app.signInAs('relations-exterieures');
    const added = await relations.post(tab, { body: BODY });
    expect([added.status, added.headers['location']]).toEqual([303, tab]);
    for (const role of ['scolarite', 'dpo']) {
      const { agent, post } = await app.signInAs(role);
      const record = (await agent.get(`/contacts/${contact}`)).text;
      expect(record).toContain(`href="${tab}"`);
      expect(record).toContain(escapeText(BODY));
      const { text } = await agent.get(tab);
      expect(text).toContain(escapeText(BODY));
      expect(text).not.toContain('name="body"');
      expect((await post(tab, { body: 'x' })).status).toBe(403);
    }
    expect(await storedNotes(app)).toMatchObject([{ subject_id: contact, body: BODY }]);
    // The DPO's reading is in the journal, record and notes.
    expect(await journalOf(app, contact)).toEqual(['note.added', 'contact.consulted', 'contact.consulted']);
  });

  it.each(['recherche', 'rh-finance', 'direction', 'informatique'])('are closed to %s', async (role) => {
    const { post } = await app.signInAs('relations-exterieures');
    await post(tab, { body: BODY });
    const other = await app.signInAs(role);
    expect((await other.agent.get(tab)).status).toBe(403);
    expect((await other.post(tab, { body: 'x' })).status).toBe(403);
    expect(await howMany(app, 'note')).toBe(1);
  });

  it('stay out of the record and the history of those who see the contact and read no notes', async () => {
    const accountant = await aContactOf('accounting');
    const { post } = await app.signInAs('relations-exterieures');
    await post(`/contacts/${accountant}/notes`, { body: 'Relancer la facture' });
    const { agent } = await app.signInAs('rh-finance');
    const { status, text } = await agent.get(`/contacts/${accountant}`);
    expect(status).toBe(200);
    for (const hidden of ['Relancer la facture', 'Note ajoutée', `/contacts/${accountant}/notes`])
      expect(text).not.toContain(hidden);
  });

  it('are those of the contacts in sight alone', async () => {
    const accountant = await aContactOf('accounting');
    const someone = await app.signInAs('rh-finance');
    await allow(someone, 'companies.read_notes');
    await allow(someone, 'companies.write_notes');
    expect((await someone.agent.get(`/contacts/${accountant}/notes`)).status).toBe(200);
    expect((await someone.post(`/contacts/${accountant}/notes`, { body: 'Vu' })).status).toBe(303);
    expect((await someone.agent.get(tab)).status).toBe(404);
    expect((await someone.post(tab, { body: 'x' })).status).toBe(404);
    expect((await someone.agent.get(`/contacts/${newId()}/notes`)).status).toBe(404);
    expect(await storedNotes(app)).toMatchObject([{ subject_id: accountant }]);
  });

  it('are changed by their author alone, and a stale change loses nothing', async () => {
    const author = await app.signInAs('relations-exterieures');
    const colleague = await app.signInAs('relations-exterieures');
    await author.post(tab, { body: 'Première version' });
    const [note] = await storedNotes(app);
    const url = `${tab}/${note?.id}`;
    expect((await colleague.agent.get(url)).status).toBe(403);
    expect((await colleague.post(url, { body: 'La mienne', version: 1 })).status).toBe(403);
    expect((await author.agent.get(url)).text).toContain('Première version');
    expect((await author.post(url, { body: ' ', version: 1 })).status).toBe(422);
    expect((await author.post(url, { body: 'Deuxième version', version: 1 })).status).toBe(303);
    const stale = await author.post(url, { body: 'Troisième version', version: 1 });
    expect(stale.status).toBe(409);
    for (const text of ['Deuxième version', 'Troisième version']) expect(stale.text).toContain(text);
    expect(await storedNotes(app)).toMatchObject([{ body: 'Deuxième version', version: 2 }]);
    expect((await author.agent.get(`/contacts/${contact}`)).text).toContain('Deuxième version');
  });

  it('are put away and brought back, and one of another contact is unknown here', async () => {
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    await post(tab, { body: BODY });
    const [note] = await storedNotes(app);
    expect((await post(`${tab}/${note?.id}/archivage`)).status).toBe(303);
    expect((await agent.get(tab)).text).toContain('1 note archivée');
    expect((await remove(`${tab}/${note?.id}/archivage`)).status).toBe(303);
    expect((await storedNotes(app))[0]?.archived_at).toBeNull();
    const elsewhere = `/contacts/${await aContactOf('hr')}/notes/${note?.id}`;
    expect((await agent.get(elsewhere)).status).toBe(404);
    expect((await post(`${elsewhere}/archivage`)).status).toBe(404);
    expect(await journalOf(app, contact)).toEqual(['note.added', 'note.archived', 'note.restored']);
  });
});

describe('a contact being typed', () => {
  const form = async () => {
    const { id } = await aCompany(app.services);
    return { companyId: id, url: `/entreprises/${id}/contacts/ressemblances` };
  };

  it('is looked for while it is typed, by name at the company and by address anywhere', async () => {
    const { companyId, url } = await form();
    const known = await aContact(app.services, {
      companyId,
      lastName: 'Le Goff',
      firstName: 'Yann',
      email: 'yann@ponant.example',
    });
    const { agent, post } = await app.signInAs('scolarite');
    const page = await agent.get(`/entreprises/${companyId}/contacts/nouveau`);
    expect(page.text).toContain(`hx-post="${url}"`);
    expect(page.text).toContain('id="similar"');
    const attempts: Record<string, string>[] = [
      { lastName: 'LE GOFF', firstName: 'yann', phone: 'à moitié' },
      { lastName: 'X', email: ' YANN@ponant.example ' },
    ];
    for (const typed of attempts) {
      const { status, text } = await post(url, typed);
      expect(status).toBe(200);
      expect(text).toContain(`href="/contacts/${known.id}"`);
      expect(text).toContain('name="despite"');
      expect(text).not.toContain('<html');
    }
    const elsewhere = await form();
    expect((await post(elsewhere.url, { lastName: 'LE GOFF', firstName: 'Yann' })).text).not.toContain('/contacts/');
    expect((await post(url, {})).text).not.toContain('/contacts/');
    expect(await howMany(app, 'contact')).toBe(2);
  });

  it('keeps the box ticked while one goes on typing', async () => {
    const { companyId, url } = await form();
    await aContact(app.services, { companyId, lastName: 'Le Goff', firstName: 'Yann' });
    const { post } = await app.signInAs('scolarite');
    const typed = { lastName: 'Le Goff', firstName: 'Yann' };
    expect((await post(url, { ...typed, despite: '1' })).text).toMatch(/name="despite"[^>]*checked/);
    expect((await post(url, typed)).text).not.toMatch(/name="despite"[^>]*checked/);
  });

  it('is looked for among the contacts in sight, by those who may make one', async () => {
    const { companyId, url } = await form();
    await aContact(app.services, { companyId, lastName: 'Le Goff', firstName: 'Yann', contactRole: 'hr' });
    const typed = { lastName: 'Le Goff', firstName: 'Yann' };
    const finance = await app.signInAs('rh-finance');
    expect((await finance.post(url, typed)).status).toBe(403);
    await allow(finance, 'contacts.create');
    const { status, text } = await finance.post(url, typed);
    expect(status).toBe(200);
    expect(text).not.toContain('Le Goff');
    expect((await supertest(app.admin).post(url).send('lastName=x')).headers['location']).toMatch('/connexion');
    expect((await finance.post(`/entreprises/${newId()}/contacts/ressemblances`, typed)).status).toBe(404);
  });
});
