/** Long because the record is read by every role, field group by field group. */
import supertest from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import type { StudentStatus } from '../../src/shared/student-status.ts';
import { useTestApp, type Agent } from '../support/app.ts';
import { aCompany, aStudent } from '../support/builders.ts';

const app = useTestApp();

const NIR = '275037512345693';
/** Everything that only the contact group opens, in every writing. */
const CONTACT = [
  'maelle.perso@exemple.example',
  '+33639980142',
  '06 39 98 01 42',
  '+33199001122',
  '7 impasse des Genêts',
  '29260',
  'Lesneven',
  '14/03/2003',
  '2003-03-14',
  'ancienne.adresse@exemple.example',
  'Landerneau',
];
const NOTE = 'A demandé un rendez-vous avec la référente handicap';
const TABS = ['', '/parcours', '/carriere', '/notes', '/historique', '/imports', '.json', '/historique.json'];

/** A person with something on every tab, and a history of contact changes and notes. */
async function aFullRecord(status: StudentStatus): Promise<string> {
  const company = await aCompany(app.services, { name: 'Chantiers du Ponant', city: 'Concarneau' });
  const { id } = await aStudent(app.services, {
    lastName: 'KERMARREC',
    firstName: 'Maëlle',
    status,
    schoolEmail: 'maelle.kermarrec@acme.example',
    email: 'maelle.perso@exemple.example',
    personalPhone: '+33639980142',
    professionalPhone: '+33199001122',
    street: '7 impasse des Genêts',
    postcode: '29260',
    city: 'Lesneven',
    birthDate: new Date('2003-03-14'),
    programme: 'Bachelor Marketing',
    cohort: 'Promotion 2025',
    nir: NIR,
    tags: ['Ambassadrice'],
    ...(status === 'alumni' ? { companyId: company.id, positionTitle: 'Cheffe de projet' } : {}),
  });
  const actor = systemActor('test');
  const staff = await app.services.accounts.createUser(actor, {
    email: `auteur-${id}@acme.example`,
    name: 'Autrice Lebreton',
    roleKeys: [],
    password: null,
  });
  await inTransaction(app.services.database, async (tx) => {
    await tx.prisma.note.create({
      data: { id: newId(), subjectType: 'student', subjectId: id, body: NOTE, authorId: staff.id },
    });
    const on = { subjectType: 'student' as const, subjectId: id, personId: id };
    app.services.audit.record(tx, actor, {
      ...on,
      action: 'student.updated',
      changes: {
        email: ['ancienne.adresse@exemple.example', 'maelle.perso@exemple.example'],
        city: ['Landerneau', 'Lesneven'],
      },
    });
    app.services.audit.record(tx, actor, {
      ...on,
      action: 'student.updated',
      changes: { lastName: ['LE BRAS', 'KERMARREC'] },
    });
    app.services.audit.record(tx, actor, { ...on, action: 'note.added', changes: { body: [null, NOTE] } });
  });
  return id;
}

/** Everything the site says of a person to an agent, whatever the answer. */
async function everythingSaid(agent: Agent, id: string): Promise<{ path: string; status: number; text: string }[]> {
  const said = [];
  for (const tab of TABS) {
    const path = `/etudiants/${id}${tab}`;
    const { status, text } = await agent.get(path);
    said.push({ path, status, text });
  }
  return said;
}

describe('the record of a person', () => {
  it('sends an anonymous visitor to sign in', async () => {
    const { id } = await aStudent(app.services);
    expect((await supertest(app.admin).get(`/etudiants/${id}`).set('Accept', 'text/html')).status).toBe(303);
    expect((await supertest(app.admin).get(`/etudiants/${id}.json`)).status).toBe(401);
  });

  it('is unknown under an address that is no id, or nobody’s', async () => {
    const { agent } = await app.signInAs('scolarite');
    for (const path of [
      '/etudiants/1',
      `/etudiants/${newId()}`,
      `/etudiants/${newId()}/parcours`,
      `/etudiants/${newId()}.json`,
    ])
      expect((await agent.get(path)).status).toBe(404);
  });

  it.each([
    ['informatique', 'en_fonction', 403],
    ['recherche', 'en_fonction', 200],
    ['recherche', 'alumni', 404],
    ['recherche', 'prospect', 404],
    ['rh-finance', 'en_fonction', 200],
    ['rh-finance', 'alumni', 404],
    ['direction', 'prospect', 404],
    ['relations-exterieures', 'prospect', 200],
    ['relations-exterieures', 'alumni', 200],
    ['scolarite', 'prospect', 200],
    ['dpo', 'alumni', 200],
  ] as const)('answers %s about a person who is %s with %i', async (role, status, expected) => {
    const { id } = await aStudent(app.services, { status });
    const { agent } = await app.signInAs(role);
    for (const path of [`/etudiants/${id}`, `/etudiants/${id}.json`, `/etudiants/${id}/historique`])
      expect((await agent.get(path)).status).toBe(expected);
  });

  it('shows the pôle Scolarité everything but the digits of the NIR', async () => {
    const id = await aFullRecord('alumni');
    const { agent } = await app.signInAs('scolarite');
    const said = await everythingSaid(agent, id);
    expect(said.map(({ status }) => status)).toEqual(TABS.map(() => 200));
    const [first, , career, notes, history, , json] = said;
    for (const text of [
      'KERMARREC',
      'Maëlle',
      'maelle.perso@exemple.example',
      '06 39 98 01 42',
      '29260 Lesneven',
      '14/03/2003',
      '* ** ** ** *** *** 93',
      'Ambassadrice',
    ])
      expect(first?.text).toContain(text);
    expect(career?.text).toContain('Chantiers du Ponant');
    expect(career?.text).toMatch(/href="\/entreprises\/[0-9a-f-]{36}"/);
    expect(notes?.text).toContain(NOTE);
    expect(history?.text).toContain('ancienne.adresse@exemple.example');
    expect(JSON.parse(json?.text ?? '')).toMatchObject({
      lastName: 'KERMARREC',
      personalPhone: '+33639980142',
      birthDate: '2003-03-14',
      nirMasked: '* ** ** ** *** *** 93',
      programme: 'Bachelor Marketing',
    });
    for (const { text } of said) expect(text).not.toContain(NIR);
  });

  it.each([
    ['recherche', 'en_fonction'],
    ['rh-finance', 'en_fonction'],
    ['direction', 'en_fonction'],
    ['relations-exterieures', 'en_fonction'],
    ['relations-exterieures', 'prospect'],
  ] as const)('tells %s of a person who is %s who they are, and no way to reach them', async (role, status) => {
    const id = await aFullRecord(status);
    const { agent } = await app.signInAs(role);
    const said = await everythingSaid(agent, id);
    expect(said[0]?.text).toContain('KERMARREC');
    expect(said[0]?.text).toContain('maelle.kermarrec@acme.example');
    expect(said[4]?.text).toContain('LE BRAS');
    for (const { path, text } of said)
      for (const secret of [...CONTACT, NOTE, NIR, '*** 93'])
        expect(text.includes(secret), `${path} tells ${role} "${secret}"`).toBe(false);
    expect(JSON.parse(said[6]?.text ?? '')).not.toHaveProperty('email');
    expect(said[3]?.status).toBe(403);
  });

  it('tells the pôle Relations extérieures how to reach alumni, and nothing of their NIR', async () => {
    const id = await aFullRecord('alumni');
    const { agent } = await app.signInAs('relations-exterieures');
    const said = await everythingSaid(agent, id);
    expect(said[0]?.text).toContain('06 39 98 01 42');
    expect(said[4]?.text).toContain('Landerneau');
    expect(said[3]?.text).toContain(NOTE);
    for (const { text } of said) for (const secret of [NIR, '*** 93', 'nirMasked']) expect(text).not.toContain(secret);
  });

  it('writes down that the DPO read it, and tells it to those who control', async () => {
    const id = await aFullRecord('en_fonction');
    const dpo = await app.signInAs('dpo');
    await dpo.agent.get(`/etudiants/${id}`);
    await dpo.agent.get(`/etudiants/${id}/notes`);
    const [row] = await app.database.query<{ total: number }>(
      "SELECT COUNT(*) AS total FROM audit_event WHERE action = 'student.consulted' AND subject_id = ? AND actor_id = ?",
      [id, dpo.userId],
    );
    expect(row?.total).toBe(2);
    expect((await dpo.agent.get(`/etudiants/${id}/historique`)).text).toContain('Fiche consultée');
    const scolarite = await app.signInAs('scolarite');
    await scolarite.agent.get(`/etudiants/${id}`);
    expect((await scolarite.agent.get(`/etudiants/${id}/historique`)).text).not.toContain('Fiche consultée');
    const [after] = await app.database.query<{ total: number }>(
      "SELECT COUNT(*) AS total FROM audit_event WHERE action = 'student.consulted'",
    );
    expect(after?.total).toBe(3);
  });

  it('keeps a person under limitation to the DPO, and says it', async () => {
    const { id } = await aStudent(app.services, { restrictedAt: new Date() });
    for (const roles of [['scolarite'], ['scolarite', 'agent-nir']]) {
      const { agent } = await app.signInAs(...roles);
      expect((await agent.get(`/etudiants/${id}`)).status).toBe(404);
    }
    const dpo = await app.signInAs('dpo');
    expect((await dpo.agent.get(`/etudiants/${id}`)).text).toContain('Traitement limité depuis le');
  });

  it('says when a person is missing from the last file, has anomalies or is archived', async () => {
    const { id } = await aStudent(app.services, {
      missingSince: new Date('2026-11-02T08:00:00Z'),
      anomalyCount: 2,
      archivedAt: new Date('2026-11-10T08:00:00Z'),
    });
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/etudiants/${id}`);
    for (const sentence of [
      'Absent du référentiel depuis le 02/11/2026',
      '2 anomalies à regarder',
      'Fiche archivée le 10/11/2026',
    ])
      expect(text).toContain(sentence);
  });

  it('leads from a merged person to the one they became', async () => {
    const survivor = await aStudent(app.services);
    const merged = await aStudent(app.services, { mergedIntoId: survivor.id });
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get(`/etudiants/${merged.id}/parcours`);
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe(`/etudiants/${survivor.id}/parcours`);
  });

  it('tells which imports touched the person and what they warned of', async () => {
    const { id } = await aStudent(app.services, { origin: 'import' });
    const batchId = newId();
    await app.database.query(
      "INSERT INTO import_batch (id, source, state, origin, file_name, applied_at) VALUES (?, 'students', 'applied', 'page', 'referentiel.xls', '2026-11-03 08:00:00')",
      [batchId],
    );
    await app.database.query(
      "INSERT INTO import_row (batch_id, `row_number`, outcome, entity_id, warnings) VALUES (?, 128, 'created', ?, '[\"PHONE_REGROUPED\"]')",
      [batchId, id],
    );
    const dryRun = newId();
    await app.database.query(
      "INSERT INTO import_batch (id, source, state, origin, file_name, dry_run) VALUES (?, 'students', 'applied', 'page', 'essai.xls', TRUE)",
      [dryRun],
    );
    await app.database.query(
      "INSERT INTO import_row (batch_id, `row_number`, outcome, entity_id) VALUES (?, 3, 'updated', ?)",
      [dryRun, id],
    );
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/etudiants/${id}/imports`);
    expect(text).toContain(`href="/imports/${batchId}"`);
    expect(text).toContain('ligne 128');
    expect(text).toContain('Téléphone');
    expect(text).not.toContain('essai.xls');
    const recherche = await app.signInAs('recherche');
    expect((await recherche.agent.get(`/etudiants/${id}/imports`)).status).toBe(403);
  });

  it('has a career only for those who have one', async () => {
    const { id } = await aStudent(app.services, { status: 'en_fonction' });
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get(`/etudiants/${id}/carriere`)).status).toBe(404);
    expect((await agent.get(`/etudiants/${id}`)).text).not.toContain('/carriere');
  });

  it('shows the text of the file where no company answers to it', async () => {
    const { id } = await aStudent(app.services, { status: 'alumni', companyText: 'Conserverie <b>inconnue</b>' });
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/etudiants/${id}/carriere`);
    expect(text).toContain('Conserverie &lt;b&gt;inconnue&lt;/b&gt;');
    expect(text).toContain('entreprise non reconnue');
  });

  it('answers in English to who chose it', async () => {
    const { id } = await aStudent(app.services);
    const { agent, userId } = await app.signInAs('scolarite');
    await app.database.query("UPDATE staff_user SET language = 'en' WHERE id = ?", [userId]);
    for (const tab of TABS.slice(0, 6).filter((tab) => tab !== '/carriere'))
      expect((await agent.get(`/etudiants/${id}${tab}`)).status).toBe(200);
  });

  describe('the number of questions to the database', () => {
    let id = '';
    beforeEach(async () => {
      id = await aFullRecord('alumni');
    });

    it.each(TABS)('is small and fixed on %s', async (tab) => {
      const { agent } = await app.signInAs('scolarite');
      const cost = async () => {
        const before = app.services.database.statementCount();
        expect((await agent.get(`/etudiants/${id}${tab}`)).status).toBe(200);
        return app.services.database.statementCount() - before;
      };
      await cost();
      const few = await cost();
      for (let index = 0; index < 15; index += 1) {
        await app.database.query(
          "INSERT INTO `position` (id, student_id, company_text, origin) VALUES (?, ?, 'Ailleurs', 'manual')",
          [newId(), id],
        );
        await app.database.query(
          "INSERT INTO student_status_change (id, student_id, from_status, to_status, origin) VALUES (?, ?, 'en_fonction', 'alumni', 'manual')",
          [newId(), id],
        );
      }
      await app.services.tags.add(systemActor('test'), 'Une autre', 'student', [id]);
      const many = await cost();
      expect(many).toBe(few);
      expect(many).toBeLessThanOrEqual(12);
    });
  });
});
