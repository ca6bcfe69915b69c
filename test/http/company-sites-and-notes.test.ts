import { describe, expect, it } from 'vitest';
import { escapeText } from '../../src/http/safe-html.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact, aSite } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';
import { storedNotes } from '../support/records.ts';

const app = useTestApp();

interface SiteColumns {
  id: string;
  label: string;
  siret: string | null;
  city: string | null;
  phone: string | null;
  email: string | null;
  archived_at: Date | null;
  version: number;
}

const sites = () => app.database.query<SiteColumns>('SELECT * FROM company_site ORDER BY label');
const notes = () => storedNotes(app);

describe('the sites of a company', () => {
  it('are added and changed, and the history says what', async () => {
    const { id } = await aCompany(app.services, { siren: '732829320' });
    const { agent, post } = await app.signInAs('scolarite');
    const tab = `/entreprises/${id}/etablissements`;
    expect((await agent.get(`${tab}/nouveau`)).text).toContain('name="siret"');
    const added = await post(`${tab}/nouveau`, {
      label: ' Quai  nord ',
      siret: '732 829 320 00074',
      postcode: '29900',
      city: 'Concarneau',
      country: 'FR',
      phone: '01 99 00 22 33',
      email: 'Quai@Ponant.example',
    });
    expect([added.status, added.headers['location']]).toEqual([303, tab]);
    const [site] = await sites();
    expect(site).toMatchObject({
      label: 'Quai nord',
      siret: '73282932000074',
      phone: '+33199002233',
      email: 'quai@ponant.example',
    });
    const edit = `${tab}/${site?.id}`;
    expect((await agent.get(edit)).text).toContain('value="732 829 320 00074"');
    expect((await post(edit, { label: 'Quai sud', city: 'Brest', version: 1 })).status).toBe(303);
    expect((await sites())[0]).toMatchObject({ label: 'Quai sud', siret: null, city: 'Brest', version: 2 });
    expect((await agent.get(tab)).text).toContain('Quai sud');
    expect(await journalOf(app, id)).toEqual(['site.added', 'site.updated']);
    const history = (await agent.get(`/entreprises/${id}/historique`)).text;
    for (const text of ['Quai nord', 'Quai sud', '732 829 320 00074', 'Brest']) expect(history).toContain(text);
  });

  it('tell every fault at once and lose nothing typed', async () => {
    const { id } = await aCompany(app.services);
    const { post } = await app.signInAs('scolarite');
    const typed = {
      label: '',
      siret: '1234',
      postcode: '2990',
      country: 'FR',
      phone: '06 12',
      email: 'x',
      city: '<b>',
    };
    const answer = await post(`/entreprises/${id}/etablissements/nouveau`, typed);
    expect(answer.status).toBe(422);
    expect(answer.text.match(/aria-invalid="true"/g)).toHaveLength(5);
    for (const text of ['1234', '2990', '06 12', '&lt;b&gt;']) expect(answer.text).toContain(`value="${text}"`);
    expect(await sites()).toEqual([]);
  });

  it('bear a SIRET of their company, and of nobody else', async () => {
    const { id } = await aCompany(app.services, { siren: '732829320' });
    const other = await aCompany(app.services);
    await aSite(app.services, { companyId: other.id, siret: '73282932000074' });
    const { post } = await app.signInAs('scolarite');
    const add = (siret: string) => post(`/entreprises/${id}/etablissements/nouveau`, { label: 'Quai nord', siret });
    const taken = await add('73282932000074');
    expect(taken.status).toBe(422);
    expect(taken.text).toContain('value="73282932000074"');
    expect((await add('552 100 554 00013')).status).toBe(422);
    expect(await sites()).toHaveLength(1);
  });

  it('answer 409 with both values when someone else was faster, and the choice saves', async () => {
    const { id } = await aCompany(app.services);
    const site = await aSite(app.services, { companyId: id, label: 'Quai nord', city: 'Brest' });
    const first = await app.signInAs('scolarite');
    const second = await app.signInAs('relations-exterieures');
    const edit = `/entreprises/${id}/etablissements/${site.id}`;
    const opened = (await second.agent.get(edit)).text;
    const original = /name="original" value="([^"]*)"/.exec(opened)?.[1]?.replaceAll('&#34;', '"') ?? '';
    await first.post(edit, { label: 'Quai sud', city: 'Brest', version: 1 });
    const stale = await second.post(edit, { label: 'Quai nord', city: 'Quimper', version: 1, original });
    expect(stale.status).toBe(409);
    for (const text of ['Quai nord', 'Quai sud', 'Brest', 'Quimper', 'Personne Numéro'])
      expect(stale.text).toContain(text);
    expect(stale.text).toMatch(/value="Quai sud" checked/);
    expect(stale.text).toMatch(/value="Quimper" checked/);
    expect((await sites())[0]).toMatchObject({ label: 'Quai sud', city: 'Brest' });
    expect((await second.post(edit, { label: 'Quai sud', city: 'Quimper', version: 2 })).status).toBe(303);
    // The same once more is no change, whatever its version.
    expect((await second.post(edit, { label: 'Quai sud', city: 'Quimper', version: 2 })).status).toBe(303);
    expect((await sites())[0]).toMatchObject({ label: 'Quai sud', city: 'Quimper', version: 3 });
  });

  it('are closed and opened again, and keep their contacts', async () => {
    const { id } = await aCompany(app.services);
    const site = await aSite(app.services, { companyId: id, label: 'Quai nord' });
    const contact = await aContact(app.services, { companyId: id, siteId: site.id });
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    const archiving = `/entreprises/${id}/etablissements/${site.id}/archivage`;
    expect((await post(archiving)).status).toBe(303);
    expect((await agent.get(`/entreprises/${id}/etablissements`)).text).toContain('Fermé');
    expect((await agent.get(`/contacts/${contact.id}`)).text).toContain('Quai nord');
    expect((await agent.get(`/entreprises/${id}/contacts/nouveau`)).text).not.toContain('Quai nord');
    expect((await remove(archiving)).status).toBe(303);
    expect((await sites())[0]?.archived_at).toBeNull();
    expect(await journalOf(app, id)).toEqual(['site.archived', 'site.restored']);
  });

  it.each(['rh-finance', 'recherche', 'direction', 'dpo'])('are only read by %s', async (role) => {
    const { id } = await aCompany(app.services);
    const site = await aSite(app.services, { companyId: id, label: 'Quai nord' });
    const tab = `/entreprises/${id}/etablissements`;
    const { agent, post } = await app.signInAs(role);
    const { text } = await agent.get(tab);
    expect(text).toContain('Quai nord');
    for (const address of [`${tab}/nouveau`, `${tab}/${site.id}`]) {
      expect(text).not.toContain(address);
      expect((await agent.get(address)).status).toBe(403);
      expect((await post(address, { label: 'Quai sud', version: 1 })).status).toBe(403);
    }
    expect((await post(`${tab}/${site.id}/archivage`)).status).toBe(403);
    expect(await sites()).toMatchObject([{ label: 'Quai nord', version: 1, archived_at: null }]);
  });

  it('keep the phone and the e-mail that their editor may not see', async () => {
    const { id } = await aCompany(app.services);
    const site = await aSite(app.services, { companyId: id, label: 'Quai nord' });
    await app.database.query("UPDATE company_site SET phone = '+33199002233', email = 'q@ponant.example'");
    const { agent, post, userId } = await app.signInAs('scolarite');
    await app.database.query(
      "UPDATE role_grant SET field_groups = 'identity' WHERE permission LIKE 'companies.%' AND field_groups <> '' AND role_id IN (SELECT role_id FROM user_role WHERE user_id = ?)",
      [userId],
    );
    await app.database.query('UPDATE role SET version = version + 1');
    const tab = `/entreprises/${id}/etablissements`;
    for (const address of [tab, `${tab}/${site.id}`]) {
      const { text } = await agent.get(address);
      for (const secret of ['01 99 00 22 33', 'q@ponant.example']) expect(text).not.toContain(secret);
    }
    const hidden = { label: 'Quai sud', phone: '01 99 00 44 55', email: '', version: 1 };
    expect((await post(`${tab}/${site.id}`, hidden)).status).toBe(303);
    expect((await sites())[0]).toMatchObject({ label: 'Quai sud', phone: '+33199002233', email: 'q@ponant.example' });
  });

  it('are those of one company: another’s are unknown here', async () => {
    const one = await aCompany(app.services);
    const other = await aCompany(app.services);
    const site = await aSite(app.services, { companyId: one.id, label: 'Quai nord' });
    const { agent, post } = await app.signInAs('scolarite');
    for (const address of [
      `/entreprises/${other.id}/etablissements/${site.id}`,
      `/entreprises/${one.id}/etablissements/${newId()}`,
    ]) {
      expect((await agent.get(address)).status).toBe(404);
      expect((await post(address, { label: 'x', version: 1 })).status).toBe(404);
      expect((await post(address, { label: '', version: 1 })).status).toBe(404);
      expect((await post(`${address}/archivage`)).status).toBe(404);
    }
    expect((await post(`/entreprises/${newId()}/etablissements/nouveau`, { label: 'x' })).status).toBe(404);
    expect(await sites()).toMatchObject([{ label: 'Quai nord', version: 1 }]);
  });
});

describe('the notes of a company', () => {
  it('are written by the pôle Relations extérieures, and read by those who may', async () => {
    const { id } = await aCompany(app.services);
    const relations = await app.signInAs('relations-exterieures');
    const tab = `/entreprises/${id}/notes`;
    const body = 'A appelé ce matin.\nÀ rappeler <b>lundi</b>.';
    expect((await relations.post(tab, { body })).status).toBe(303);
    for (const role of ['scolarite', 'dpo']) {
      const { agent, post } = await app.signInAs(role);
      const { text } = await agent.get(tab);
      expect(text).toContain(escapeText(body));
      expect(text).not.toContain('name="body"');
      expect((await post(tab, { body: 'x' })).status).toBe(403);
    }
    for (const role of ['recherche', 'rh-finance', 'direction']) {
      const { agent, post } = await app.signInAs(role);
      expect((await agent.get(tab)).status).toBe(403);
      expect((await post(tab, { body: 'x' })).status).toBe(403);
      expect((await agent.get(`/entreprises/${id}/historique`)).text).not.toContain('À rappeler');
    }
    expect(await notes()).toMatchObject([{ body }]);
    // The DPO's reading is in the journal.
    expect(await journalOf(app, id)).toEqual(['note.added', 'company.consulted']);
  });

  it('may not be empty, endless, nor hold a social-security number, and what was typed stays', async () => {
    const { id } = await aCompany(app.services);
    const { post } = await app.signInAs('relations-exterieures');
    for (const body of ['', ' \n ', `${'y'.repeat(8_000)}z`, 'Son numéro : 2 75 03 75 123 456 93']) {
      const answer = await post(`/entreprises/${id}/notes`, { body });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain(escapeText(body));
    }
    expect(await notes()).toEqual([]);
  });

  it('are changed by their author alone, and a stale change loses nothing', async () => {
    const { id } = await aCompany(app.services);
    const author = await app.signInAs('relations-exterieures');
    const colleague = await app.signInAs('relations-exterieures');
    await author.post(`/entreprises/${id}/notes`, { body: 'Première version' });
    const [note] = await notes();
    const url = `/entreprises/${id}/notes/${note?.id}`;
    expect((await colleague.agent.get(`/entreprises/${id}/notes`)).text).not.toContain(`href="${url}"`);
    expect((await colleague.agent.get(url)).status).toBe(403);
    expect((await colleague.post(url, { body: 'La mienne', version: 1 })).status).toBe(403);
    expect((await colleague.post(url, { body: '', version: 1 })).status).toBe(403);
    expect((await author.agent.get(url)).text).toContain('Première version');
    expect((await author.post(url, { body: 'Deuxième version', version: 1 })).status).toBe(303);
    const stale = await author.post(url, { body: 'Troisième version', version: 1 });
    expect(stale.status).toBe(409);
    for (const text of ['Deuxième version', 'Troisième version']) expect(stale.text).toContain(text);
    expect((await author.post(url, { body: 'Troisième version', version: 2 })).status).toBe(303);
    expect(await notes()).toMatchObject([{ body: 'Troisième version', version: 3 }]);
    const history = (await author.agent.get(`/entreprises/${id}/historique`)).text;
    for (const version of ['Première', 'Deuxième', 'Troisième']) expect(history).toContain(`${version} version`);
  });

  it('are put away and brought back, never deleted', async () => {
    const { id } = await aCompany(app.services);
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    await post(`/entreprises/${id}/notes`, { body: 'Plus d’actualité' });
    const [note] = await notes();
    const url = `/entreprises/${id}/notes/${note?.id}/archivage`;
    expect((await post(url)).status).toBe(303);
    expect((await agent.get(`/entreprises/${id}/notes`)).text).toContain('1 note archivée');
    expect((await remove(url)).status).toBe(303);
    expect((await notes())[0]?.archived_at).toBeNull();
    expect(await journalOf(app, id)).toEqual(['note.added', 'note.archived', 'note.restored']);
  });

  it('are those of one company: another’s are unknown here', async () => {
    const one = await aCompany(app.services);
    const other = await aCompany(app.services);
    const { agent, post } = await app.signInAs('relations-exterieures');
    await post(`/entreprises/${one.id}/notes`, { body: 'Chez l’une' });
    const [note] = await notes();
    for (const address of [`/entreprises/${other.id}/notes/${note?.id}`, `/entreprises/${one.id}/notes/${newId()}`]) {
      expect((await agent.get(address)).status).toBe(404);
      expect((await post(address, { body: 'x', version: 1 })).status).toBe(404);
      expect((await post(`${address}/archivage`)).status).toBe(404);
    }
    expect((await post(`/entreprises/${newId()}/notes`, { body: 'x' })).status).toBe(404);
    expect((await agent.get(`/entreprises/${other.id}/notes`)).text).not.toContain('Chez l’une');
  });
});
