/** Long because a contact is read, made and changed by roles that see different contacts. */
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact, aSite, aStudent } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';
import { howMany, idIn, storedRow } from '../support/records.ts';

const app = useTestApp();

interface ContactColumns {
  id: string;
  company_id: string;
  site_id: string | null;
  last_name: string;
  name_key: string;
  contact_role: string;
  email: string | null;
  phone: string | null;
  mobile_phone: string | null;
  student_id: string | null;
  opted_out_at: Date | null;
  last_contact_on: Date | null;
  archived_at: Date | null;
  version: number;
}

const stored = (id: string) => storedRow<ContactColumns>(app, 'contact', id);

const edit = (id: string) => `/contacts/${id}/modification`;
const person = { lastName: 'Le Goff', firstName: 'Yann', contactRole: 'tutor' };

describe('the record of a contact', () => {
  it('sends an anonymous visitor to sign in', async () => {
    const { id } = await aContact(app.services, { companyId: (await aCompany(app.services)).id });
    expect((await supertest(app.admin).get(`/contacts/${id}`).set('Accept', 'text/html')).status).toBe(303);
  });

  it('tells who they are, where they work, how to reach them and what happened', async () => {
    const { id: companyId } = await aCompany(app.services, { name: 'Chantiers du Ponant' });
    const site = await aSite(app.services, { companyId, label: 'Quai nord' });
    const student = await aStudent(app.services, { lastName: 'GOFF', firstName: 'Yann', status: 'alumni' });
    const { id } = await aContact(app.services, {
      companyId,
      siteId: site.id,
      ...person,
      contactRole: 'tutor',
      jobTitle: 'Chef d’atelier',
      email: 'yann@ponant.example',
      phone: '+33199002233',
      mobilePhone: '+33199004455',
      studentId: student.id,
      optedOutAt: new Date('2026-03-04T10:00:00Z'),
      lastContactOn: new Date('2026-02-01'),
    });
    const { agent, post } = await app.signInAs('relations-exterieures');
    await post(edit(id), { ...person, jobTitle: 'Directeur', siteId: site.id, version: 1 });
    const { text } = await agent.get(`/contacts/${id}`);
    for (const told of [
      'Yann Le Goff',
      'Directeur',
      `href="/entreprises/${companyId}"`,
      'Quai nord',
      `href="/etudiants/${student.id}"`,
      student.studentNumber,
      'Chef d’atelier',
      'Personne Numéro',
    ])
      expect(text).toContain(told);
  });

  it.each([
    ['relations-exterieures', 'hr', 200],
    ['scolarite', 'hr', 200],
    ['dpo', 'hr', 200],
    ['rh-finance', 'accounting', 200],
    ['rh-finance', 'hr', 404],
    ['recherche', 'accounting', 403],
    ['direction', 'accounting', 403],
    ['informatique', 'accounting', 403],
  ] as const)('answers %s about a contact for %s with %i', async (role, contactRole, expected) => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId, contactRole });
    const { agent } = await app.signInAs(role);
    expect((await agent.get(`/contacts/${id}`)).status).toBe(expected);
  });

  it('shows an accounting reader the accounting contacts of a company, and says that there may be others', async () => {
    const { id } = await aCompany(app.services);
    await aContact(app.services, { companyId: id, lastName: 'COMPTABLE', contactRole: 'accounting' });
    await aContact(app.services, { companyId: id, lastName: 'RECRUTEUSE', contactRole: 'hr' });
    const { agent } = await app.signInAs('rh-finance');
    const { text } = await agent.get(`/entreprises/${id}/contacts`);
    expect(text).toContain('COMPTABLE');
    expect(text).toContain('Votre rôle montre les contacts de comptabilité.');
    expect(text).not.toContain('RECRUTEUSE');
    expect((await agent.get(`/entreprises/${id}`)).text).not.toContain('RECRUTEUSE');
  });

  it('tells that a contact is a former student to those who may not see which one, and no more', async () => {
    const { id: companyId } = await aCompany(app.services);
    const student = await aStudent(app.services, { lastName: 'SECRET', status: 'alumni' });
    const { id } = await aContact(app.services, { companyId, contactRole: 'accounting', studentId: student.id });
    await inTransaction(app.services.database, async (tx) => {
      app.services.audit.record(tx, systemActor('test'), {
        action: 'contact.updated',
        subjectType: 'contact',
        subjectId: id,
        personId: id,
        changes: { studentNumber: [null, student.studentNumber], jobTitle: [null, 'Comptable'] },
      });
      await Promise.resolve();
    });
    const finance = await app.signInAs('rh-finance');
    const { text } = await finance.agent.get(`/contacts/${id}`);
    expect(text).toContain('Fiche hors de votre périmètre');
    expect(text).toContain('Comptable');
    for (const secret of [student.studentNumber, 'SECRET', student.id]) expect(text).not.toContain(secret);
    const scolarite = await app.signInAs('scolarite');
    expect((await scolarite.agent.get(`/contacts/${id}`)).text).toContain(student.studentNumber);
  });

  it('is unknown under an address that is no id, or nobody’s', async () => {
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    for (const id of ['1', newId()]) {
      for (const address of [`/contacts/${id}`, edit(id), `/contacts/${id}/archivage`])
        expect((await agent.get(address)).status, address).toBe(404);
      expect((await post(edit(id), { ...person, version: 1 })).status).toBe(404);
      expect((await post(edit(id), { ...person, lastName: '', version: 1 })).status).toBe(404);
      expect((await post(`/contacts/${id}/archivage`)).status).toBe(404);
      expect((await remove(`/contacts/${id}/archivage`)).status).toBe(404);
      expect((await agent.get(`/entreprises/${id}/contacts/nouveau`)).status).toBe(404);
      expect((await post(`/entreprises/${id}/contacts/nouveau`, person)).status).toBe(404);
    }
  });

  it('asks the database as often for a long life as for a short one', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId, ...person, contactRole: 'tutor' });
    const { agent, post } = await app.signInAs('relations-exterieures');
    const cost = async (): Promise<number> => {
      await agent.get(`/contacts/${id}`);
      const before = app.services.database.statementCount();
      await agent.get(`/contacts/${id}`);
      return app.services.database.statementCount() - before;
    };
    await post(edit(id), { ...person, jobTitle: 'Poste 0', version: 1 });
    const few = await cost();
    for (let count = 1; count < 9; count += 1)
      await post(edit(id), { ...person, jobTitle: `Poste ${count}`, version: count + 1 });
    expect(await cost()).toBe(few);
    expect(few).toBeLessThanOrEqual(8);
  });
});

describe('making a contact', () => {
  it('writes it, the way it is found and the journal, and opens its record', async () => {
    const { id: companyId } = await aCompany(app.services, { name: 'Chantiers du Ponant' });
    const site = await aSite(app.services, { companyId, label: 'Quai nord' });
    const student = await aStudent(app.services, { status: 'alumni' });
    const { agent, post } = await app.signInAs('scolarite');
    const form = `/entreprises/${companyId}/contacts/nouveau`;
    expect((await agent.get(form)).text).toContain('Quai nord');
    const made = await post(form, {
      ...person,
      lastName: '  Le   Goff ',
      siteId: site.id,
      email: 'Yann@Ponant.example',
      phone: '01.99.00.22.33',
      mobilePhone: '+33 (0)1 99 00 44 55',
      optedOut: '1',
      lastContactOn: '2026-02-01',
      studentNumber: ` ${student.studentNumber.toLowerCase()} `,
    });
    expect(made.status).toBe(303);
    const id = idIn(made.headers['location']);
    expect(await stored(id)).toMatchObject({
      company_id: companyId,
      site_id: site.id,
      last_name: 'Le Goff',
      name_key: 'le goff yann',
      contact_role: 'tutor',
      email: 'yann@ponant.example',
      phone: '+33199002233',
      mobile_phone: '+33199004455',
      student_id: student.id,
    });
    expect((await stored(id)).opted_out_at).not.toBeNull();
    expect(await journalOf(app, id)).toEqual(['contact.created']);
    expect((await agent.get('/contacts.json?q=goff+yann')).body).toMatchObject({ total: 1 });
    const { text } = await agent.get(`/contacts/${id}`);
    for (const told of ['Yann Le Goff', '01/02/2026', student.studentNumber]) expect(text).toContain(told);
  });

  it('tells every fault at once and loses nothing typed', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { post } = await app.signInAs('scolarite');
    const answer = await post(`/entreprises/${companyId}/contacts/nouveau`, {
      lastName: '',
      firstName: '<b>Yann</b>',
      contactRole: 'ami',
      siteId: 'x',
      email: 'pas-une-adresse',
      phone: '06 12',
      lastContactOn: '2026-02-31',
    });
    expect(answer.status).toBe(422);
    for (const typed of ['&lt;b&gt;Yann&lt;/b&gt;', 'pas-une-adresse', '06 12', '2026-02-31'])
      expect(answer.text).toContain(`value="${typed}"`);
    expect(answer.text.match(/aria-invalid="true"/g)?.length).toBeGreaterThanOrEqual(5);
    expect(await howMany(app, 'contact')).toBe(0);
  });

  it.each([
    ['a site of another company', { siteId: 'other' }],
    ['a student number of nobody', { studentNumber: 'AC-0000-0000' }],
    ['a social-security number', { jobTitle: '2 75 03 75 123 456 93' }],
  ])('refuses %s', async (_what, fields) => {
    const { id: companyId } = await aCompany(app.services);
    const other = await aSite(app.services, { companyId: (await aCompany(app.services)).id });
    const { post } = await app.signInAs('scolarite');
    const siteId = 'siteId' in fields ? other.id : '';
    const answer = await post(`/entreprises/${companyId}/contacts/nouveau`, { ...person, ...fields, siteId });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('value="Le Goff"');
    expect(await howMany(app, 'contact')).toBe(0);
  });

  it('refuses the number of a student that its author may not see', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { studentNumber } = await aStudent(app.services, { restrictedAt: new Date() });
    const { post } = await app.signInAs('scolarite');
    expect((await post(`/entreprises/${companyId}/contacts/nouveau`, { ...person, studentNumber })).status).toBe(422);
  });

  it.each([
    ['the same name at the company', { lastName: 'LE GOFF', firstName: 'yann' }],
    ['the same e-mail at another company', { lastName: 'Autre', email: 'YANN@ponant.example' }],
  ])('warns of %s until someone says that it is someone else', async (_what, fields) => {
    const { id: companyId } = await aCompany(app.services);
    const home = 'email' in fields ? (await aCompany(app.services)).id : companyId;
    const known = await aContact(app.services, {
      companyId: home,
      lastName: 'Le Goff',
      firstName: 'Yann',
      email: 'yann@ponant.example',
    });
    const { post } = await app.signInAs('scolarite');
    const form = `/entreprises/${companyId}/contacts/nouveau`;
    const refused = await post(form, { ...person, ...fields });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(`href="/contacts/${known.id}"`);
    expect(refused.text).toContain('name="despite"');
    expect((await post(form, { ...person, ...fields, despite: '1' })).status).toBe(303);
    expect(await howMany(app, 'contact')).toBe(2);
  });

  it.each(['rh-finance', 'recherche', 'direction', 'dpo', 'informatique'])('is refused to %s', async (role) => {
    const { id: companyId } = await aCompany(app.services);
    const { agent, post } = await app.signInAs(role);
    const form = `/entreprises/${companyId}/contacts/nouveau`;
    expect((await agent.get(form)).status).toBe(403);
    expect((await post(form, person)).status).toBe(403);
    expect(await howMany(app, 'contact')).toBe(0);
  });

  it('gives an accounting reader who may add contacts that role alone', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { agent, post, userId } = await app.signInAs('rh-finance');
    await app.database.query(
      "INSERT INTO role_grant (role_id, permission, scope) SELECT role_id, 'contacts.create', 'all' FROM user_role WHERE user_id = ?",
      [userId],
    );
    await app.database.query('UPDATE role SET version = version + 1');
    const form = `/entreprises/${companyId}/contacts/nouveau`;
    const { text } = await agent.get(form);
    expect(text).toContain('value="accounting"');
    expect(text).not.toContain('value="hr"');
    expect((await post(form, { ...person, contactRole: 'hr' })).status).toBe(422);
    expect((await post(form, { ...person, contactRole: 'accounting' })).status).toBe(303);
  });
});

describe('changing a contact', () => {
  it('writes what changed, the way it is found and the journal, in words', async () => {
    const { id: companyId } = await aCompany(app.services);
    const site = await aSite(app.services, { companyId, label: 'Quai nord' });
    const { id } = await aContact(app.services, { companyId, lastName: 'Ancien', firstName: 'Nom' });
    const { agent, post } = await app.signInAs('relations-exterieures');
    expect((await agent.get(edit(id))).text).toContain('value="Ancien"');
    const saved = await post(edit(id), { ...person, siteId: site.id, optedOut: '1', version: 1 });
    expect([saved.status, saved.headers['location']]).toEqual([303, `/contacts/${id}`]);
    expect(await stored(id)).toMatchObject({
      last_name: 'Le Goff',
      contact_role: 'tutor',
      site_id: site.id,
      version: 2,
    });
    for (const [q, total] of [
      ['goff', 1],
      ['ancien', 0],
    ] as const)
      expect((await agent.get(`/contacts.json?q=${q}`)).body).toMatchObject({ total });
    expect(await journalOf(app, id)).toEqual(['contact.updated']);
    const { text } = await agent.get(`/contacts/${id}`);
    for (const told of ['Ancien', 'Quai nord', 'Tuteur', 'A demandé à ne plus être sollicité'])
      expect(text).toContain(told);
    expect((await post(edit(id), { ...person, siteId: site.id, version: 2 })).status).toBe(303);
    expect((await stored(id)).opted_out_at).toBeNull();
  });

  it('keeps the site of a contact when that site has closed', async () => {
    const { id: companyId } = await aCompany(app.services);
    const site = await aSite(app.services, { companyId, label: 'Quai nord' });
    await app.database.query('UPDATE company_site SET archived_at = CURRENT_TIMESTAMP(3)');
    const { id } = await aContact(app.services, { companyId, siteId: site.id });
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(edit(id));
    expect(text).toMatch(new RegExp(`value="${site.id}"[^>]*selected[^>]*>[^<]*Quai nord`));
  });

  it('keeps the former student whom its editor may not see', async () => {
    const { id: companyId } = await aCompany(app.services);
    const student = await aStudent(app.services, { restrictedAt: new Date() });
    const { id } = await aContact(app.services, { companyId, studentId: student.id });
    const { agent, post } = await app.signInAs('scolarite');
    const { text } = await agent.get(edit(id));
    expect(text).not.toContain('name="studentNumber"');
    expect(text).not.toContain(student.studentNumber);
    expect((await post(edit(id), { ...person, version: 1 })).status).toBe(303);
    expect((await stored(id)).student_id).toBe(student.id);
  });

  it('lets go of the former student when the number is emptied', async () => {
    const { id: companyId } = await aCompany(app.services);
    const student = await aStudent(app.services, { status: 'alumni' });
    const { id } = await aContact(app.services, { companyId, studentId: student.id });
    const { agent, post } = await app.signInAs('scolarite');
    expect((await agent.get(edit(id))).text).toContain(`value="${student.studentNumber}"`);
    expect((await post(edit(id), { ...person, studentNumber: '', version: 1 })).status).toBe(303);
    expect((await stored(id)).student_id).toBeNull();
  });

  it('answers 409 with both values side by side when someone else was faster, and the choice saves', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, {
      companyId,
      lastName: 'Le Goff',
      firstName: 'Yann',
      contactRole: 'hr',
      jobTitle: 'Chef d’atelier',
    });
    const first = await app.signInAs('relations-exterieures');
    const second = await app.signInAs('scolarite');
    const opened = (await second.agent.get(edit(id))).text;
    const original = /name="original" value="([^"]*)"/.exec(opened)?.[1]?.replaceAll('&#34;', '"') ?? '';
    const before = { lastName: 'Le Goff', firstName: 'Yann', contactRole: 'hr', jobTitle: 'Chef d’atelier' };
    await first.post(edit(id), { ...before, contactRole: 'management', lastContactOn: '2026-02-01', version: 1 });
    const stale = await second.post(edit(id), { ...before, jobTitle: 'Directrice', version: 1, original });
    expect(stale.status).toBe(409);
    for (const text of [
      'Ressources humaines',
      'Direction',
      'Chef d’atelier',
      'Directrice',
      '2026-02-01',
      'Personne Numéro',
    ])
      expect(stale.text).toContain(text);
    expect(stale.text).toMatch(/value="management" checked/);
    expect(stale.text).toMatch(/value="Directrice" checked/);
    expect(stale.text).toMatch(/value="2026-02-01" checked/);
    const chosen = { ...before, contactRole: 'management', jobTitle: 'Directrice', lastContactOn: '2026-02-01' };
    expect((await second.post(edit(id), { ...chosen, optedOut: '', version: 2 })).status).toBe(303);
    expect((await second.post(edit(id), { ...chosen, version: 2 })).status).toBe(303);
    expect(await stored(id)).toMatchObject({ contact_role: 'management', version: 3 });
  });

  it.each(['rh-finance', 'dpo'])('is refused to %s, who only reads', async (role) => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId, lastName: 'Comptable', contactRole: 'accounting' });
    const { agent, post } = await app.signInAs(role);
    expect((await agent.get(edit(id))).status).toBe(403);
    expect((await post(edit(id), { ...person, version: 1 })).status).toBe(403);
    expect((await post(`/contacts/${id}/archivage`)).status).toBe(403);
    const { text } = await agent.get(`/contacts/${id}`);
    for (const address of ['/modification', '/archivage']) expect(text).not.toContain(`/contacts/${id}${address}`);
    expect(await stored(id)).toMatchObject({ last_name: 'Comptable', archived_at: null, version: 1 });
  });
});

describe('archiving a contact', () => {
  it('takes them out of the lists, keeps everything, and is undone', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId, lastName: 'Le Goff', firstName: 'Yann' });
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    expect((await agent.get(`/contacts/${id}/archivage`)).text).toContain('Yann Le Goff');
    for (let count = 0; count < 2; count += 1) expect((await post(`/contacts/${id}/archivage`)).status).toBe(303);
    expect((await agent.get('/contacts.json')).body).toMatchObject({ total: 0 });
    expect((await agent.get(`/contacts/${id}`)).text).toContain('Archivé');
    expect((await agent.get(`/entreprises/${companyId}/contacts`)).text).toContain('Archivé');
    for (let count = 0; count < 2; count += 1) expect((await remove(`/contacts/${id}/archivage`)).status).toBe(303);
    expect((await agent.get('/contacts.json')).body).toMatchObject({ total: 1 });
    expect(await journalOf(app, id)).toEqual(['contact.archived', 'contact.restored']);
  });

  it('is not the pôle Scolarité’s to do', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId });
    const { agent, post } = await app.signInAs('scolarite');
    expect((await agent.get(`/contacts/${id}/archivage`)).status).toBe(403);
    expect((await post(`/contacts/${id}/archivage`)).status).toBe(403);
    expect((await stored(id)).archived_at).toBeNull();
  });
});
