/** Long because the record is read by every role, field group by field group, tab by tab. */
import supertest from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp, type Agent, type SignedInAgent } from '../support/app.ts';
import { aCompany, aContact, aSite, aStudent } from '../support/builders.ts';

const app = useTestApp();

/** What only the contact group opens, in every writing. */
const CONTACT = [
  'accueil@ponant.example',
  '+33199002233',
  '01 99 00 22 33',
  'ponant.example/carrieres',
  'quai@ponant.example',
  'ancienne@ponant.example',
];
const RELATION = ['Partenaire clé', 'key_partner', 'Rendez-vous', 'meeting'];
const NOTE = 'Rappeler le directeur après les congés';
const PEOPLE = ['KERMARREC', 'BODIN', 'LEGOFF'];
const TABS = ['', '/etablissements', '/contacts', '/personnes', '/notes', '/historique', '/imports', '/fiche.json'];

/** A company with something on every tab, and a history in every field group. */
async function aFullCompany(): Promise<string> {
  const { id } = await aCompany(app.services, {
    name: 'Chantiers du Ponant',
    siren: '732829320',
    legacyId: 4211,
    sector: 'Construction navale',
    street: '3 quai Pénéroff',
    postcode: '29900',
    city: 'Concarneau',
    email: 'accueil@ponant.example',
    phone: '+33199002233',
    website: 'https://ponant.example/carrieres',
    relationStage: 'key_partner',
    openToStudents: true,
  });
  const site = await aSite(app.services, { companyId: id, label: 'Quai nord', siret: '73282932000074' });
  await app.database.query("UPDATE company_site SET email = 'quai@ponant.example' WHERE id = ?", [site.id]);
  await aContact(app.services, { companyId: id, lastName: 'RECRUTEUSE', contactRole: 'hr' });
  await aContact(app.services, { companyId: id, lastName: 'COMPTABLE', contactRole: 'accounting' });
  const here = { companyId: id, positionTitle: 'Soudeuse' };
  await aStudent(app.services, { ...here, lastName: 'KERMARREC', status: 'alumni' });
  await aStudent(app.services, { ...here, lastName: 'BODIN', status: 'en_fonction' });
  await aStudent(app.services, { ...here, lastName: 'LEGOFF', status: 'prospect' });
  const actor = systemActor('test');
  const staff = await app.services.accounts.createUser(actor, {
    email: `auteur-${id}@acme.example`,
    name: 'Autrice Lebreton',
    roleKeys: [],
    password: null,
  });
  await inTransaction(app.services.database, async (tx) => {
    await tx.prisma.note.create({
      data: { id: newId(), subjectType: 'company', subjectId: id, body: NOTE, authorId: staff.id },
    });
    const on = { subjectType: 'company' as const, subjectId: id };
    const updated = (changes: Record<string, [unknown, unknown]>) =>
      app.services.audit.record(tx, actor, { ...on, action: 'company.updated', changes });
    updated({ email: ['ancienne@ponant.example', 'accueil@ponant.example'] });
    updated({ relationStage: ['meeting', 'key_partner'], city: ['Douarnenez', 'Concarneau'] });
    app.services.audit.record(tx, actor, { ...on, action: 'note.added', changes: { body: [null, NOTE] } });
  });
  const batchId = newId();
  await app.database.query(
    "INSERT INTO import_batch (id, source, state, origin, file_name, applied_at) VALUES (?, 'companies', 'applied', 'page', 'getent', '2026-11-03 08:00:00')",
    [batchId],
  );
  await app.database.query(
    "INSERT INTO import_row (batch_id, `row_number`, source_key, outcome, entity_id, warnings, changes) VALUES (?, 12, '4211', 'updated', ?, '[\"PHONE_REGROUPED\"]', ?)",
    [batchId, id, JSON.stringify({ email: ['ancienne@ponant.example', 'accueil@ponant.example'] })],
  );
  return id;
}

/** Everything the site says of a company to an agent, whatever the answer. */
async function everythingSaid(agent: Agent, id: string): Promise<Record<string, { status: number; text: string }>> {
  const said: Record<string, { status: number; text: string }> = {};
  for (const tab of TABS) {
    const { status, text } = await agent.get(`/entreprises/${id}${tab}`);
    said[tab] = { status, text };
  }
  return said;
}

/** Someone whose role reads some field groups of companies, and holds these rights beside. */
async function someoneWhoReads(fieldGroups: string, ...beside: string[]): Promise<SignedInAgent> {
  const someone = await app.signInAs('recherche');
  const [role] = await app.database.query<{ id: string }>('SELECT role_id AS id FROM user_role WHERE user_id = ?', [
    someone.userId,
  ]);
  await app.database.query(
    "UPDATE role_grant SET field_groups = ? WHERE permission = 'companies.read' AND role_id = ?",
    [fieldGroups, role?.id],
  );
  for (const permission of beside)
    await app.database.query(
      "INSERT INTO role_grant (role_id, permission, scope, field_groups) VALUES (?, ?, 'all', '')",
      [role?.id, permission],
    );
  await app.database.query('UPDATE role SET version = version + 1');
  return someone;
}

describe('the record of a company', () => {
  it('sends an anonymous visitor to sign in', async () => {
    const { id } = await aCompany(app.services);
    expect((await supertest(app.admin).get(`/entreprises/${id}`).set('Accept', 'text/html')).status).toBe(303);
    expect((await supertest(app.admin).get(`/entreprises/${id}/fiche.json`)).status).toBe(401);
  });

  it('is unknown under an address that is no id, or nobody’s', async () => {
    const { agent } = await app.signInAs('relations-exterieures');
    for (const id of ['1', 'nouvelle2', newId()])
      for (const tab of TABS) expect((await agent.get(`/entreprises/${id}${tab}`)).status, id + tab).toBe(404);
  });

  it('shows everything to those who keep the companies', async () => {
    const id = await aFullCompany();
    const { agent } = await app.signInAs('relations-exterieures');
    const said = await everythingSaid(agent, id);
    for (const [tab, { status }] of Object.entries(said)) expect([tab, status]).toEqual([tab, 200]);
    const told: Record<string, string[]> = {
      '': [
        'Chantiers du Ponant',
        '732 829 320',
        'FR 44 732 829 320',
        '3 quai Pénéroff, 29900 Concarneau',
        'Construction navale',
        '4211',
        '01 99 00 22 33',
        'href="mailto:accueil@ponant.example"',
        'href="https://ponant.example/carrieres"',
        'Partenaire clé',
      ],
      '/etablissements': ['Quai nord', '732 829 320 00074', 'quai@ponant.example'],
      '/contacts': ['RECRUTEUSE', 'COMPTABLE', 'Comptabilité'],
      '/personnes': [...PEOPLE, 'Soudeuse'],
      '/notes': [NOTE, 'Autrice Lebreton'],
      '/historique': ['ancienne@ponant.example', 'Rendez-vous', 'Douarnenez', NOTE],
      '/imports': ['getent', 'ligne 12', 'PHONE_REGROUPED', 'ancienne@ponant.example'],
    };
    for (const [tab, texts] of Object.entries(told))
      for (const text of texts) expect(said[tab]?.text, `${tab} tells "${text}"`).toContain(text);
    expect(JSON.parse(said['/fiche.json']?.text ?? '')).toMatchObject({
      name: 'Chantiers du Ponant',
      legacyId: 4211,
      phone: '+33199002233',
      relationStage: 'key_partner',
    });
  });

  it.each([
    ['recherche', [...CONTACT, ...RELATION, NOTE, 'KERMARREC', 'LEGOFF', 'RECRUTEUSE', 'COMPTABLE']],
    ['rh-finance', [...RELATION, NOTE, 'KERMARREC', 'LEGOFF', 'RECRUTEUSE']],
    ['dpo', RELATION],
    ['direction', [NOTE, 'KERMARREC', 'LEGOFF', 'RECRUTEUSE', 'COMPTABLE']],
  ] as const)('keeps from %s what its rights do not open, on every tab', async (role, secrets) => {
    const id = await aFullCompany();
    const { agent } = await app.signInAs(role);
    const said = await everythingSaid(agent, id);
    expect(said['']?.text).toContain('3 quai Pénéroff');
    expect(said['/historique']?.text).toContain('Douarnenez');
    for (const [tab, { text }] of Object.entries(said))
      for (const secret of secrets) expect(text.includes(secret), `${tab} tells ${role} "${secret}"`).toBe(false);
  });

  it('offers the tabs that open, and no other', async () => {
    const id = await aFullCompany();
    for (const role of ['scolarite', 'relations-exterieures', 'recherche', 'rh-finance', 'dpo', 'direction']) {
      const { agent } = await app.signInAs(role);
      const said = await everythingSaid(agent, id);
      for (const tab of TABS.slice(1, 7)) {
        const offered = said['']?.text.includes(`href="/entreprises/${id}${tab}"`) ?? false;
        expect([role, tab, offered]).toEqual([role, tab, said[tab]?.status === 200]);
      }
    }
  });

  it('gives the name alone, and no site, to someone who reads no field of the register', async () => {
    const id = await aFullCompany();
    const { agent } = await someoneWhoReads('contact', 'imports.read');
    const said = await everythingSaid(agent, id);
    expect(said['']?.text).toContain('accueil@ponant.example');
    expect(said['/etablissements']?.status).toBe(403);
    for (const [tab, { text }] of Object.entries(said))
      for (const secret of ['732829320', '732 829 320', 'Concarneau', 'Construction navale', '4211', 'Quai nord'])
        expect(text.includes(secret), `${tab} tells "${secret}"`).toBe(false);
  });

  it('goes past pages of history that hold nothing for the reader', async () => {
    const id = await aFullCompany();
    await inTransaction(app.services.database, async (tx) => {
      for (let count = 0; count < 120; count += 1)
        app.services.audit.record(tx, systemActor('test'), {
          subjectType: 'company',
          subjectId: id,
          action: 'company.updated',
          changes: { email: [`a${count}@ponant.example`, `b${count}@ponant.example`] },
        });
      await Promise.resolve();
    });
    const { agent } = await app.signInAs('recherche');
    expect((await agent.get(`/entreprises/${id}/historique`)).text).toContain('Douarnenez');
  });

  it('is read to the end of its history by its link', async () => {
    const { id } = await aCompany(app.services);
    await inTransaction(app.services.database, async (tx) => {
      for (let count = 0; count < 60; count += 1)
        app.services.audit.record(tx, systemActor('test'), {
          subjectType: 'company',
          subjectId: id,
          action: 'company.updated',
          changes: { sector: [`Secteur ${count}`, `Secteur ${count + 1}`] },
        });
      await Promise.resolve();
    });
    const { agent } = await app.signInAs('scolarite');
    const first = (await agent.get(`/entreprises/${id}/historique`)).text;
    expect(first).toContain('Secteur 60');
    expect(first).not.toContain('>Secteur 0<');
    const next = /href="([^"]*historique\?apres=[^"]+)"/.exec(first)?.[1] ?? '';
    const second = (await agent.get(next)).text;
    expect(second).toContain('Secteur 0');
    expect(second).not.toContain('Secteur 60');
    expect(second).not.toMatch(/href="[^"]*historique\?apres=/);
  });

  it('says when a company is missing from GetEnt, has anomalies or is archived', async () => {
    const { id } = await aCompany(app.services, {
      missingSince: new Date('2026-11-02T08:00:00Z'),
      anomalyCount: 2,
      archivedAt: new Date('2026-11-10T08:00:00Z'),
    });
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/entreprises/${id}`);
    for (const told of ['Absent', '2 anomalies', '10/11/2026', 'Archivé']) expect(text).toContain(told);
  });

  it('says which fields GetEnt gave, and which were changed by hand since', async () => {
    const { id } = await aCompany(app.services, {
      name: 'Chantiers du Ponant',
      email: 'nouvelle@ponant.example',
      phone: '+33199002233',
      origin: 'import',
    });
    await app.database.query(
      "INSERT INTO company_import_base (company_id, fields, last_batch_id, updated_at) VALUES (?, ?, ?, '2026-11-03 08:00:00')",
      [id, JSON.stringify({ email: 'ancienne@ponant.example', phone: '+33199002233' }), newId()],
    );
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/entreprises/${id}`);
    expect(text).toMatch(/nouvelle@ponant[^]*?[Mm]odifié/);
    expect(text).toMatch(/01 99 00 22 33[^]*?GetEnt[^]*?03\/11\/2026/);
  });

  it('leads from a merged company to the one it became, on the same tab', async () => {
    const survivor = await aCompany(app.services);
    const merged = await aCompany(app.services, { mergedIntoId: survivor.id });
    const { agent } = await app.signInAs('relations-exterieures');
    const answer = await agent.get(`/entreprises/${merged.id}/contacts`);
    expect([answer.status, answer.headers['location']]).toEqual([303, `/entreprises/${survivor.id}/contacts`]);
  });

  it('tells no dry run among its imports, and says when an import was undone', async () => {
    const { id } = await aCompany(app.services);
    for (const [file, state, dryRun] of [
      ['essai', 'applied', true],
      ['annule', 'cancelled', false],
    ] as const) {
      const batchId = newId();
      await app.database.query(
        "INSERT INTO import_batch (id, source, state, origin, file_name, dry_run) VALUES (?, 'companies', ?, 'page', ?, ?)",
        [batchId, state, file, dryRun],
      );
      await app.database.query(
        "INSERT INTO import_row (batch_id, `row_number`, outcome, entity_id) VALUES (?, 3, 'created', ?)",
        [batchId, id],
      );
    }
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/entreprises/${id}/imports`);
    expect(text).toContain('import annulé');
    expect(text).not.toContain('essai');
  });

  it('tells what each empty tab is for', async () => {
    const { id } = await aCompany(app.services);
    const { agent } = await app.signInAs('relations-exterieures');
    for (const [tab, told] of [
      ['etablissements', `href="/entreprises/${id}/etablissements/nouveau"`],
      ['contacts', `href="/entreprises/${id}/contacts/nouveau"`],
      ['personnes', 'Personne de l’école pour l’instant'],
      ['notes', 'name="body"'],
      ['imports', 'Aucun import n’a touché cette fiche'],
    ])
      expect((await agent.get(`/entreprises/${id}/${tab}`)).text, tab).toContain(told);
  });

  it('answers in English to who chose it', async () => {
    const id = await aFullCompany();
    const { agent, userId } = await app.signInAs('relations-exterieures');
    await app.database.query("UPDATE staff_user SET language = 'en' WHERE id = ?", [userId]);
    const said = await everythingSaid(agent, id);
    expect(said['']?.text).toContain('Key partner');
    for (const { status } of Object.values(said)) expect(status).toBe(200);
  });

  describe('the number of questions to the database', () => {
    let id = '';
    beforeEach(async () => {
      id = await aFullCompany();
    });

    it.each(TABS)('is small and fixed on %s', async (tab) => {
      const { agent, userId } = await app.signInAs('relations-exterieures');
      const cost = async () => {
        const before = app.services.database.statementCount();
        expect((await agent.get(`/entreprises/${id}${tab}`)).status).toBe(200);
        return app.services.database.statementCount() - before;
      };
      await cost();
      const few = await cost();
      for (let count = 0; count < 15; count += 1) {
        await aSite(app.services, { companyId: id, label: `Site ${count}` });
        await aContact(app.services, { companyId: id });
        await aStudent(app.services, { companyId: id, status: 'alumni' });
        await app.database.query(
          "INSERT INTO note (id, subject_type, subject_id, body, author_id) VALUES (?, 'company', ?, 'Appelé', ?)",
          [newId(), id, userId],
        );
      }
      expect(await cost()).toBe(few);
      expect(few).toBeLessThanOrEqual(8);
    });
  });
});

describe('the people of the school at a company', () => {
  const shown = (html: string): string[] =>
    [...html.matchAll(/href="\/etudiants\/[0-9a-f-]{36}"[^>]*>(?:<[^>]*>)*([^<]+)/g)].map(([, name]) => name ?? '');

  async function world(): Promise<string> {
    const { id } = await aCompany(app.services, { name: 'Chantiers du Ponant' });
    const here = { companyId: id, firstName: 'Anne' };
    await aStudent(app.services, { ...here, lastName: 'ANCIENNE', status: 'alumni' });
    await aStudent(app.services, { ...here, lastName: 'INSCRITE', status: 'en_fonction', programme: 'MBA' });
    await aStudent(app.services, { ...here, lastName: 'LIMITEE', status: 'alumni', restrictedAt: new Date() });
    const gone = await aStudent(app.services, { ...here, lastName: 'PARTIE', status: 'alumni' });
    await app.database.query('UPDATE position SET ended_on = ? WHERE student_id = ?', ['2025-06-30', gone.id]);
    return id;
  }

  it.each([
    ['scolarite', ['ANCIENNE Anne', 'INSCRITE Anne', 'PARTIE Anne'], 1],
    ['dpo', ['ANCIENNE Anne', 'INSCRITE Anne', 'LIMITEE Anne', 'PARTIE Anne'], 0],
    ['recherche', ['INSCRITE Anne'], 3],
    ['rh-finance', ['INSCRITE Anne'], 3],
  ] as const)('are those that %s may see, the others are a number', async (role, names, hidden) => {
    const id = await world();
    const { agent } = await app.signInAs(role);
    const { text } = await agent.get(`/entreprises/${id}/personnes`);
    expect(shown(text)).toEqual(names);
    const told = ['masquée', 'Une personne masquée', '', '3 personnes masquées'][hidden] ?? '';
    expect(text.includes('par vos droits')).toBe(hidden > 0);
    if (hidden > 0) expect(text).toContain(told);
    expect(text.includes('/alumni?entreprise=')).toBe(role === 'scolarite' || role === 'dpo');
  });

  it('are those of the programmes a reader is limited to', async () => {
    const id = await world();
    const { agent, userId } = await app.signInAs('scolarite');
    const [programme] = await app.database.query<{ id: string }>("SELECT id FROM programme WHERE label = 'MBA'");
    await app.database.query('INSERT INTO user_programme (user_id, programme_id) VALUES (?, ?)', [
      userId,
      programme?.id,
    ]);
    expect(shown((await agent.get(`/entreprises/${id}/personnes`)).text)).toEqual(['INSCRITE Anne']);
  });

  it('are told apart: those in post, and those who left with the day', async () => {
    const id = await world();
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/entreprises/${id}/personnes`);
    expect(text).toMatch(/En poste[^]*ANCIENNE[^]*Y sont passés[^]*PARTIE[^]*30\/06\/2025/);
  });

  it('are gone through to the end and back, whatever their number', async () => {
    const { id } = await aCompany(app.services);
    const expected: string[] = [];
    for (let count = 0; count < 120; count += 1) {
      // Namesakes, people who left the same day, and some who left another.
      const lastName = `PERSONNE${String(Math.floor(count / 4)).padStart(2, '0')}`;
      const person = await aStudent(app.services, { companyId: id, lastName, firstName: 'Anne', status: 'alumni' });
      if (count >= 40)
        await app.database.query('UPDATE position SET ended_on = ? WHERE student_id = ?', [
          count < 80 ? '2025-06-30' : '2024-06-30',
          person.id,
        ]);
      expected.push(`${lastName} Anne`);
    }
    const { agent } = await app.signInAs('scolarite');
    const pages: string[][] = [];
    let address = `/entreprises/${id}/personnes`;
    let last = '';
    while (address && pages.length < 9) {
      last = (await agent.get(address)).text;
      pages.push(shown(last));
      address = /rel="next"[^>]*? href="([^"]+)"/.exec(last)?.[1] ?? '';
    }
    expect(pages.map((page) => page.length)).toEqual([50, 50, 20]);
    expect(pages.flat()).toEqual(expected);
    const back: string[][] = [];
    for (;;) {
      address = /rel="prev"[^>]*? href="([^"]+)"/.exec(last)?.[1] ?? '';
      if (!address || back.length > 9) break;
      last = (await agent.get(address)).text;
      back.unshift(shown(last));
    }
    expect(back).toEqual(pages.slice(0, 2));
  }, 60_000);

  it('are read from the beginning when the place is gone or nonsense', async () => {
    const id = await world();
    const { agent } = await app.signInAs('scolarite');
    for (const place of [`apres=${newId()}`, `avant=${newId()}`, "apres=' OR 1=1", 'apres=a&apres=b'])
      expect(shown((await agent.get(`/entreprises/${id}/personnes?${place}`)).text), place).toHaveLength(3);
  });
});
