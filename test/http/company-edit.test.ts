/** Long because each section of the form is tried by who may change it and who may not. */
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aStudent, type CompanySeed } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';
import { howMany, idIn, storedRow } from '../support/records.ts';

const app = useTestApp();

interface CompanyColumns {
  id: string;
  name: string;
  name_key: string;
  siren: string | null;
  naf_code: string | null;
  headcount_code: string | null;
  postcode: string | null;
  city: string | null;
  country: string;
  email: string | null;
  phone: string | null;
  website: string | null;
  relation_stage: string;
  open_to_students: number;
  created_by_id: string | null;
  version: number;
  archived_at: Date | null;
  archive_reason: string | null;
}

const stored = (id: string) => storedRow<CompanyColumns>(app, 'company', id);

const url = (id: string, section: string) => `/entreprises/${id}/modification/${section}`;

const identity = { name: 'Chantiers du Ponant', country: 'FR' };

describe('making a company by hand', () => {
  it('writes it, the way it is found and the journal, and opens its record', async () => {
    const { agent, post, userId } = await app.signInAs('relations-exterieures');
    expect((await agent.get('/entreprises/nouvelle')).text).toContain('name="name"');
    const made = await post('/entreprises/nouvelle', {
      name: '  Chantiers   du Ponant S.A.S. ',
      siren: '732 829 320',
      nafCode: '3011z',
      headcountCode: '22',
      postcode: '29900',
      city: 'Concarneau',
      country: 'FR',
      email: 'Accueil@Ponant.Example',
      phone: '01 99 00 22 33',
      website: 'ponant.example',
      relationStage: 'contacted',
      openToStudents: '1',
    });
    expect(made.status).toBe(303);
    const id = idIn(made.headers['location']);
    expect(await stored(id)).toMatchObject({
      name: 'Chantiers du Ponant S.A.S.',
      name_key: 'chantiersduponant',
      siren: '732829320',
      naf_code: '30.11Z',
      headcount_code: '22',
      email: 'accueil@ponant.example',
      phone: '+33199002233',
      website: 'https://ponant.example',
      relation_stage: 'contacted',
      open_to_students: 1,
      created_by_id: userId,
      version: 1,
    });
    expect(await journalOf(app, id)).toEqual(['company.created']);
    expect((await agent.get('/entreprises.json?q=ponant')).body).toMatchObject({ total: 1 });
    const record = (await agent.get(`/entreprises/${id}`)).text;
    expect(record).toContain('Chantiers du Ponant S.A.S.');
    expect((await agent.get(`/entreprises/${id}/historique`)).text).toContain('Personne Numéro 1');
  });

  it('leaves out, without a word, what the role may not change', async () => {
    const { agent, post } = await app.signInAs('scolarite');
    expect((await agent.get('/entreprises/nouvelle')).text).not.toContain('name="relationStage"');
    const made = await post('/entreprises/nouvelle', {
      ...identity,
      relationStage: 'key_partner',
      openToStudents: '1',
    });
    expect(await stored(idIn(made.headers['location']))).toMatchObject({
      relation_stage: 'suspect',
      open_to_students: 0,
    });
  });

  it('links the alumni who waited for one of that name, and says how many', async () => {
    const waiting = await aStudent(app.services, { status: 'alumni', companyText: 'CHANTIERS DU PONANT' });
    const { agent, post } = await app.signInAs('scolarite');
    const made = await post('/entreprises/nouvelle', identity);
    const id = idIn(made.headers['location']);
    expect((await agent.get(`/entreprises/${id}`)).text).toMatch(/rattachés\s:\s1\./);
    const [position] = await app.database.query<{ company_id: string }>(
      'SELECT company_id FROM position WHERE student_id = ?',
      [waiting.id],
    );
    expect(position?.company_id).toBe(id);
  });

  it('tells every fault at once and loses nothing typed', async () => {
    const { post } = await app.signInAs('relations-exterieures');
    const typed = {
      name: ' ',
      siren: '123 456 789',
      nafCode: 'informatique',
      postcode: '2990',
      city: 'Concarneau <b>centre</b>',
      country: 'FR',
      email: 'pas-une-adresse',
      phone: '06 12',
      website: 'javascript:alert(1)',
      relationStage: 'partner',
      openToStudents: '1',
    };
    const answer = await post('/entreprises/nouvelle', typed);
    expect(answer.status).toBe(422);
    for (const field of ['name', 'siren', 'nafCode', 'postcode', 'email', 'phone', 'website'])
      expect(answer.text, field).toMatch(
        new RegExp(`id="(field-)?${field}"[^>]*aria-invalid="true"|name="${field}"[^>]*aria-invalid="true"`),
      );
    for (const text of ['123 456 789', 'informatique', '2990', 'pas-une-adresse', '06 12', 'javascript:alert(1)'])
      expect(answer.text).toContain(`value="${text}"`);
    expect(answer.text).toContain('value="Concarneau &lt;b&gt;centre&lt;/b&gt;"');
    expect(answer.text).toMatch(/value="partner"[^>]*checked/);
    expect(answer.text).toMatch(/name="openToStudents"[^>]*checked/);
    expect(await howMany(app, 'company')).toBe(0);
  });

  it.each([
    ['name', 'x'.repeat(256)],
    ['name', 'x'.repeat(600)],
    ['sector', 'x'.repeat(121)],
    ['sector', '2 75 03 75 123 456 93'],
    ['email', 'a@b'],
    ['website', 'exemple'],
    ['website', 'ftp://ponant.example'],
    ['headcountCode', '99'],
    ['country', 'France'],
    ['relationStage', 'ami'],
    ['inconnu', '1'],
  ])('refuses %s "%.30s"', async (field, value) => {
    const { post } = await app.signInAs('relations-exterieures');
    const answer = await post('/entreprises/nouvelle', { ...identity, [field]: value });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('value="Chantiers du Ponant"'.slice(0, field === 'name' ? 7 : undefined));
    expect(await howMany(app, 'company')).toBe(0);
  });

  it('accepts a foreign postcode with a foreign country alone', async () => {
    const { post } = await app.signInAs('scolarite');
    const abroad = { ...identity, postcode: 'SW1A 1AA' };
    expect((await post('/entreprises/nouvelle', { ...abroad, country: 'FR' })).status).toBe(422);
    expect((await post('/entreprises/nouvelle', { ...abroad, country: 'GB' })).status).toBe(303);
  });

  it.each(['rh-finance', 'recherche', 'direction', 'dpo', 'informatique'])('is refused to %s', async (role) => {
    const { agent, post } = await app.signInAs(role);
    expect((await agent.get('/entreprises/nouvelle')).status).toBe(403);
    expect((await agent.get('/entreprises/ressemblances?name=ponant')).status).toBe(403);
    expect((await post('/entreprises/nouvelle', identity)).status).toBe(403);
    expect(await howMany(app, 'company')).toBe(0);
  });
});

describe('a company that looks known', () => {
  const known: CompanySeed = {
    name: 'Chantiers du Ponant',
    siren: '732829320',
    postcode: '29900',
    city: 'Concarneau',
    email: 'accueil@ponant.example',
    phone: '+33199002233',
  };

  it.each([
    ['name=chantiers+du+ponant+SAS', true, true],
    ['name=Chantiers+du+Ponant&postcode=29900', true, true],
    ['name=Chantiers+du+Ponant&postcode=75001', true, false],
    ['name=Chantiers', true, false],
    ['name=Autre&siren=732+829+320', true, true],
    ['name=Autre&phone=01.99.00.22.33', true, true],
    ['name=Autre&email=ACCUEIL@ponant.example', true, true],
    ['name=Autre&email=rh@ponant.example', true, false],
    ['name=Cha', false, false],
    ['name=Autre', false, false],
    ['', false, false],
    ['phone=06&siren=73&email=a&postcode=29900', false, false],
    [`name=${'x'.repeat(900)}`, false, false],
  ])('is told while one types %s', async (query, told, asks) => {
    const { id } = await aCompany(app.services, known);
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get(`/entreprises/ressemblances?${query}`);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('<html');
    expect(answer.text.includes(`href="/entreprises/${id}"`)).toBe(told);
    expect(answer.text.includes('name="despite"')).toBe(asks);
  });

  it('says nothing of a public mail provider that two companies share', async () => {
    await aCompany(app.services, { ...known, email: 'ponant@gmail.com' });
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/entreprises/ressemblances?name=Autre&email=levant@gmail.com')).text).not.toContain(
      'Ponant',
    );
  });

  it('is not made until someone says that it is another one', async () => {
    const { id } = await aCompany(app.services, known);
    const { post } = await app.signInAs('scolarite');
    const refused = await post('/entreprises/nouvelle', { ...identity, city: 'Quimper' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(`href="/entreprises/${id}"`);
    expect(refused.text).toContain('value="Quimper"');
    expect(await howMany(app, 'company')).toBe(1);
    expect((await post('/entreprises/nouvelle', { ...identity, city: 'Quimper', despite: '1' })).status).toBe(303);
    expect(await howMany(app, 'company')).toBe(2);
  });

  it('is never made with the SIREN of another, whatever is said', async () => {
    await aCompany(app.services, known);
    const { post } = await app.signInAs('scolarite');
    const answer = await post('/entreprises/nouvelle', { name: 'Autre', siren: '732829320', despite: '1' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Chantiers du Ponant');
    expect(await howMany(app, 'company')).toBe(1);
  });

  it('is made once when two people send the same SIREN together', async () => {
    const first = await app.signInAs('scolarite');
    const second = await app.signInAs('relations-exterieures');
    const fields = { name: 'Chantiers du Ponant', siren: '732829320', despite: '1' };
    const answers = await Promise.all([
      first.post('/entreprises/nouvelle', fields),
      second.post('/entreprises/nouvelle', fields),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 422]);
    expect(await howMany(app, 'company')).toBe(1);
  });
});

describe('changing a company', () => {
  it('writes the identity, the way it is found and the journal, and leaves the base of the import alone', async () => {
    const { id } = await aCompany(app.services, { name: 'Chantiers du Levant', siren: '732829320' });
    await app.database.query('INSERT INTO company_import_base (company_id, fields, last_batch_id) VALUES (?, ?, ?)', [
      id,
      '{"name":"Chantiers du Levant"}',
      newId(),
    ]);
    const { agent, post } = await app.signInAs('scolarite');
    const form = (await agent.get(url(id, 'identite'))).text;
    for (const text of ['value="Chantiers du Levant"', 'value="732 829 320"']) expect(form).toContain(text);
    const saved = await post(url(id, 'identite'), { ...identity, siren: '552100554', city: 'Concarneau', version: 1 });
    expect([saved.status, saved.headers['location']]).toEqual([303, `/entreprises/${id}`]);
    expect(await stored(id)).toMatchObject({
      name: 'Chantiers du Ponant',
      name_key: 'chantiersduponant',
      siren: '552100554',
      city: 'Concarneau',
      version: 2,
    });
    for (const [q, total] of [
      ['ponant', 1],
      ['levant', 0],
    ] as const)
      expect((await agent.get(`/entreprises.json?q=${q}`)).body).toMatchObject({ total });
    expect(await journalOf(app, id)).toEqual(['company.updated']);
    const history = (await agent.get(`/entreprises/${id}/historique`)).text;
    for (const text of ['Chantiers du Levant', 'Chantiers du Ponant', '732 829 320', '552 100 554', 'Personne Numéro'])
      expect(history).toContain(text);
    const [base] = await app.database.query<{ fields: string }>('SELECT fields FROM company_import_base');
    expect(base?.fields).toBe('{"name":"Chantiers du Levant"}');
  });

  it('links the alumni who waited for its new name', async () => {
    const { id } = await aCompany(app.services, { name: 'Chantiers du Levant' });
    await aStudent(app.services, { status: 'alumni', companyText: 'chantiers du ponant sas' });
    const { agent, post } = await app.signInAs('scolarite');
    await post(url(id, 'identite'), { ...identity, version: 1 });
    expect((await agent.get('/entreprises.json')).body).toMatchObject({ rows: [{ id, alumni: 1 }] });
  });

  it('writes how to reach it', async () => {
    const { id } = await aCompany(app.services, { email: 'avant@ponant.example' });
    const { agent, post } = await app.signInAs('scolarite');
    expect((await agent.get(url(id, 'coordonnees'))).text).toContain('value="avant@ponant.example"');
    const fields = { email: '', phone: '+33 (0)1 99 00 22 33', website: 'http://ponant.example/a?b=c' };
    expect((await post(url(id, 'coordonnees'), { ...fields, version: 1 })).status).toBe(303);
    expect(await stored(id)).toMatchObject({
      email: null,
      phone: '+33199002233',
      website: 'http://ponant.example/a?b=c',
    });
  });

  it('moves it along the stages of the relation, for all to see', async () => {
    const { id } = await aCompany(app.services, { relationStage: 'meeting' });
    const { agent, post } = await app.signInAs('relations-exterieures');
    expect((await agent.get(url(id, 'relation'))).text).toMatch(/value="meeting"[^>]*checked/);
    expect(
      (await post(url(id, 'relation'), { relationStage: 'partner', openToStudents: '1', version: 1 })).status,
    ).toBe(303);
    expect(await stored(id)).toMatchObject({ relation_stage: 'partner', open_to_students: 1 });
    expect((await agent.get(`/entreprises/${id}/historique`)).text).toMatch(/Rendez-vous[^]*Partenaire/);
    expect((await post(url(id, 'relation'), { relationStage: 'dormant', version: 2 })).status).toBe(303);
    expect(await stored(id)).toMatchObject({ relation_stage: 'dormant', open_to_students: 0 });
    expect((await post(url(id, 'relation'), { relationStage: 'ami', version: 3 })).status).toBe(422);
  });

  it('tells every fault at once and loses nothing typed', async () => {
    const { id } = await aCompany(app.services, { name: 'Ateliers' });
    const { post } = await app.signInAs('scolarite');
    const answer = await post(url(id, 'identite'), {
      name: '',
      siren: '1',
      postcode: 'abc',
      city: 'Brest',
      country: 'FR',
      version: 1,
    });
    expect(answer.status).toBe(422);
    for (const text of ['value="1"', 'value="abc"', 'value="Brest"']) expect(answer.text).toContain(text);
    expect(answer.text.match(/aria-invalid="true"/g)).toHaveLength(3);
    expect(await stored(id)).toMatchObject({ name: 'Ateliers', version: 1 });
  });

  it('refuses the SIREN of another company, and names it', async () => {
    await aCompany(app.services, { name: 'Chantiers du Ponant', siren: '732829320' });
    const { id } = await aCompany(app.services, { name: 'Ateliers' });
    const { post } = await app.signInAs('scolarite');
    const answer = await post(url(id, 'identite'), { name: 'Ateliers', siren: '732829320', version: 1 });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Chantiers du Ponant');
    expect(answer.text).toContain('value="732829320"');
  });

  it('has nothing to save when nothing changed', async () => {
    const { id } = await aCompany(app.services, { name: 'Ateliers' });
    const { post } = await app.signInAs('scolarite');
    expect((await post(url(id, 'identite'), { name: 'Ateliers', country: 'FR', version: 1 })).status).toBe(303);
    expect((await stored(id)).version).toBe(1);
    expect(await journalOf(app, id)).toEqual([]);
  });
});

describe('changing a company when someone else was faster', () => {
  const openedIn = (html: string): string =>
    /name="original" value="([^"]*)"/.exec(html)?.[1]?.replaceAll('&#34;', '"') ?? '';

  it('answers 409 with both values side by side, and the choice saves', async () => {
    const { id } = await aCompany(app.services, { email: 'avant@ponant.example' });
    const first = await app.signInAs('relations-exterieures');
    const second = await app.signInAs('scolarite');
    const original = openedIn((await second.agent.get(url(id, 'coordonnees'))).text);
    const theirs = { email: 'eux@ponant.example', phone: '01 99 00 22 33' };
    expect((await first.post(url(id, 'coordonnees'), { ...theirs, version: 1 })).status).toBe(303);
    const mine = { email: 'avant@ponant.example', phone: '01 99 00 44 55', website: 'https://ponant.example' };
    const stale = await second.post(url(id, 'coordonnees'), { ...mine, version: 1, original });
    expect(stale.status).toBe(409);
    for (const text of [
      'eux@ponant.example',
      'avant@ponant.example',
      '01 99 00 22 33',
      '01 99 00 44 55',
      'Personne Numéro',
    ])
      expect(stale.text).toContain(text);
    // What the second did not touch is the first's by default; what they did is theirs.
    expect(stale.text).toMatch(/value="eux@ponant\.example" checked/);
    expect(stale.text).toMatch(/value="01 99 00 44 55" checked/);
    expect(stale.text).toMatch(/name="version" value="2"/);
    expect(await stored(id)).toMatchObject({ email: 'eux@ponant.example', phone: '+33199002233', website: null });
    const chosen = { ...mine, email: 'eux@ponant.example' };
    expect((await second.post(url(id, 'coordonnees'), { ...chosen, version: 2 })).status).toBe(303);
    expect(await stored(id)).toMatchObject({ email: 'eux@ponant.example', phone: '+33199004455', version: 3 });
  });

  it('tells a stage and a tick in words', async () => {
    const { id } = await aCompany(app.services, { relationStage: 'meeting', openToStudents: true });
    const { post } = await app.signInAs('relations-exterieures');
    await post(url(id, 'relation'), { relationStage: 'dormant', version: 1 });
    const stale = await post(url(id, 'relation'), { relationStage: 'partner', openToStudents: '1', version: 1 });
    expect(stale.status).toBe(409);
    for (const text of ['Partenaire', 'En sommeil', 'Oui', 'Non']) expect(stale.text).toContain(text);
    // The tick that is not chosen is an empty value, as the form posts it.
    expect((await post(url(id, 'relation'), { relationStage: 'partner', openToStudents: '', version: 2 })).status).toBe(
      303,
    );
    expect(await stored(id)).toMatchObject({ relation_stage: 'partner', open_to_students: 0 });
  });

  it('takes a second identical save for what it is', async () => {
    const { id } = await aCompany(app.services);
    const { post } = await app.signInAs('scolarite');
    for (let count = 0; count < 2; count += 1)
      expect((await post(url(id, 'coordonnees'), { email: 'a@ponant.example', version: 1 })).status).toBe(303);
    expect((await stored(id)).version).toBe(2);
  });

  it('lets one of two simultaneous saves win and tells the other', async () => {
    const { id } = await aCompany(app.services);
    const first = await app.signInAs('scolarite');
    const second = await app.signInAs('scolarite');
    const answers = await Promise.all([
      first.post(url(id, 'coordonnees'), { email: 'a@ponant.example', version: 1 }),
      second.post(url(id, 'coordonnees'), { email: 'b@ponant.example', version: 1 }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409]);
    expect((await stored(id)).version).toBe(2);
  });
});

describe('changing a company without the right', () => {
  it.each(['rh-finance', 'recherche', 'direction', 'dpo'])('is refused to %s, who only reads', async (role) => {
    const { id } = await aCompany(app.services, { name: 'Ateliers' });
    const { agent, post } = await app.signInAs(role);
    for (const section of ['identite', 'coordonnees', 'relation'])
      expect((await agent.get(url(id, section))).status).toBe(403);
    expect((await post(url(id, 'identite'), { ...identity, version: 1 })).status).toBe(403);
    expect((await post(`/entreprises/${id}/archivage`, { reason: 'pour voir' })).status).toBe(403);
    const record = (await agent.get(`/entreprises/${id}`)).text;
    for (const address of ['/modification', '/archivage']) expect(record).not.toContain(`/entreprises/${id}${address}`);
    expect(await stored(id)).toMatchObject({ name: 'Ateliers', version: 1 });
  });

  it('is refused of a section that is another’s, even hidden in the form of one’s own', async () => {
    const { id } = await aCompany(app.services, { relationStage: 'meeting' });
    const { agent, post } = await app.signInAs('scolarite');
    expect((await agent.get(url(id, 'relation'))).status).toBe(403);
    expect((await post(url(id, 'relation'), { relationStage: 'partner', version: 1 })).status).toBe(403);
    expect((await post(url(id, 'relation'), { relationStage: 'ami', version: 1 })).status).toBe(403);
    const hidden = { email: 'a@ponant.example', relationStage: 'partner', version: 1 };
    expect((await post(url(id, 'coordonnees'), hidden)).status).toBe(422);
    expect(await stored(id)).toMatchObject({ relation_stage: 'meeting', version: 1 });
    expect((await agent.get(`/entreprises/${id}`)).text).not.toContain('/modification/relation');
  });

  it('answers 404 for a company that is unknown or merged', async () => {
    const survivor = await aCompany(app.services);
    const merged = await aCompany(app.services, { mergedIntoId: survivor.id });
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    for (const id of [newId(), merged.id]) {
      expect((await post(url(id, 'coordonnees'), { email: 'a@b.example', version: 1 })).status).toBe(404);
      expect((await post(`/entreprises/${id}/archivage`, { reason: 'pour voir' })).status).toBe(404);
      expect((await remove(`/entreprises/${id}/archivage`)).status).toBe(404);
    }
    expect((await agent.get(url(newId(), 'identite'))).status).toBe(404);
    expect((await agent.get(url(merged.id, 'identite'))).status).toBe(303);
    expect((await agent.get(url(survivor.id, 'finances'))).status).toBe(404);
  });
});

describe('archiving a company', () => {
  it('asks for a reason, keeps everything, and is undone', async () => {
    const { id } = await aCompany(app.services, { name: 'Ateliers du Levant' });
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    expect((await agent.get(`/entreprises/${id}/archivage`)).text).toContain('Ateliers du Levant');
    expect((await post(`/entreprises/${id}/archivage`, { reason: ' ' })).status).toBe(422);
    expect((await stored(id)).archived_at).toBeNull();
    expect((await post(`/entreprises/${id}/archivage`, { reason: 'Liquidée en 2025' })).status).toBe(303);
    expect(await stored(id)).toMatchObject({ archive_reason: 'Liquidée en 2025', name: 'Ateliers du Levant' });
    const archived = (await agent.get(`/entreprises/${id}`)).text;
    expect(archived).toContain('Liquidée en 2025');
    expect(archived).toContain('Personne Numéro');
    expect((await agent.get('/entreprises.json')).body).toMatchObject({ total: 0 });
    expect((await remove(`/entreprises/${id}/archivage`)).status).toBe(303);
    expect(await stored(id)).toMatchObject({ archived_at: null, archive_reason: null });
    expect((await agent.get('/entreprises.json')).body).toMatchObject({ total: 1 });
    expect(await journalOf(app, id)).toEqual(['company.archived', 'company.restored']);
    expect((await agent.get(`/entreprises/${id}/historique`)).text).toContain('Liquidée en 2025');
  });

  it('changes nothing the second time', async () => {
    const { id } = await aCompany(app.services);
    const { post, remove } = await app.signInAs('relations-exterieures');
    for (let count = 0; count < 2; count += 1) await post(`/entreprises/${id}/archivage`, { reason: `fois ${count}` });
    expect((await stored(id)).archive_reason).toBe('fois 0');
    for (let count = 0; count < 2; count += 1) await remove(`/entreprises/${id}/archivage`);
    expect(await journalOf(app, id)).toEqual(['company.archived', 'company.restored']);
  });

  it('is not the pôle Scolarité’s to do', async () => {
    const { id } = await aCompany(app.services);
    const { agent, post } = await app.signInAs('scolarite');
    expect((await agent.get(`/entreprises/${id}/archivage`)).status).toBe(403);
    expect((await post(`/entreprises/${id}/archivage`, { reason: 'pour voir' })).status).toBe(403);
    expect((await agent.get(`/entreprises/${id}`)).text).not.toContain('/archivage');
  });
});
