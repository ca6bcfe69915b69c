import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact, aSite, aStudent } from '../support/builders.ts';

const app = useTestApp();

interface Answer {
  groups: { key: string; total: number; hits: { id: string; title: string; detail: string }[] }[];
}

async function found(role: string, q: string): Promise<string[]> {
  const { agent } = await app.signInAs(role);
  const answer = await agent.get('/recherche.json').query({ q });
  expect(answer.status).toBe(200);
  return (answer.body as Answer).groups.flatMap((group) => group.hits.map((hit) => hit.title));
}

describe('search over everything', () => {
  it.each([
    ['the names in any order', 'jean-pierre lefebvre'],
    ['the names the other way round, without their hyphen', 'jean pierre lefebvre'],
    ['the family name first', 'LEFEBVRE Jean-Pierre'],
    ['the first name joined', 'jeanpierre'],
    ['the beginning of a name without its accents', 'lefeb'],
    ['a phone typed as people do', '01 99 00 12 34'],
    ['a phone with dots', '01.99.00.12.34'],
    ['the beginning of a phone', '01 99 00 12'],
    ['a phone with its country', '+33 1 99 00 12 34'],
    ['a phone with a zero in brackets', '+33 (0)1 99 00 12 34'],
    ['a phone with a double zero', '0033199001234'],
    ['the personal e-mail', 'jp.lefebvre@example.org'],
    ['the beginning of the e-mail, in capitals', 'JP.LEFEBVRE@'],
    ['the postcode', '38000'],
    ['the name and the postcode', 'lefebvre 38000'],
  ])('finds a person by %s', async (_what, q) => {
    await aStudent(app.services, {
      lastName: 'LEFÈBVRE',
      firstName: 'Jean-Pierre',
      personalPhone: '+33199001234',
      email: 'jp.lefebvre@example.org',
      postcode: '38000',
      city: 'Grenoble',
    });
    await aStudent(app.services, {
      lastName: 'MARTIN',
      firstName: 'Paul',
      personalPhone: '+33199005678',
      email: 'paul@example.org',
      postcode: '69003',
      city: 'Lyon',
    });
    expect(await found('scolarite', q)).toEqual(['LEFÈBVRE Jean-Pierre']);
  });

  it('finds nobody by a field, or in a status, that the role may not read', async () => {
    await aStudent(app.services, {
      lastName: 'LEFÈBVRE',
      firstName: 'Anne',
      status: 'en_fonction',
      personalPhone: '+33199001234',
    });
    await aStudent(app.services, { lastName: 'LEFÈBVRE', firstName: 'Prospère', status: 'prospect' });
    expect(await found('recherche', '01 99 00 12 34')).toEqual([]);
    expect(await found('recherche', 'lefebvre')).toEqual(['LEFÈBVRE Anne']);
  });

  /** One of each, with a word, a phone and a postcode in common; and others that have none of it. */
  async function world() {
    const company = await aCompany(app.services, {
      name: 'Ponant Énergie',
      siren: '732829320',
      legacyId: 4211,
      postcode: '29900',
      city: 'Concarneau',
      sector: 'Énergie',
      email: 'accueil@ponant.example',
      phone: '+33199002233',
    });
    await aSite(app.services, { companyId: company.id, siret: '73282932000074' });
    const hr = await aContact(app.services, {
      companyId: company.id,
      lastName: 'Recruteuse',
      firstName: 'Maëlle',
      jobTitle: 'Directrice',
      contactRole: 'hr',
      email: 'maelle@ponant.example',
      phone: '+33199002233',
      mobilePhone: '+33639091234',
    });
    const accounting = await aContact(app.services, {
      companyId: company.id,
      lastName: 'Comptable',
      firstName: 'Yann',
      contactRole: 'accounting',
      email: 'yann@ponant.example',
    });
    const student = await aStudent(app.services, {
      lastName: 'PONANT',
      firstName: 'Anne',
      postcode: '29900',
      personalPhone: '+33199002233',
      email: 'anne.ponant@example.org',
    });
    const other = await aCompany(app.services, { name: 'Levant', siren: '552100554', postcode: '06300' });
    await aContact(app.services, { companyId: other.id, lastName: 'Durand', firstName: 'Paule' });
    return { company, hr, accounting, student };
  }

  it.each([
    ['a word that all bear', 'ponant', ['PONANT Anne', 'Ponant Énergie', 'Yann Comptable', 'Maëlle Recruteuse']],
    [
      'the name of a company without accents, in any order',
      'energie ponant',
      ['Ponant Énergie', 'Yann Comptable', 'Maëlle Recruteuse'],
    ],
    ['the name of a company joined', 'ponantenergie', ['Ponant Énergie', 'Yann Comptable', 'Maëlle Recruteuse']],
    ['a SIREN', '732 829 320', ['Ponant Énergie']],
    ['a SIRET', '732 829 320 00074', ['Ponant Énergie']],
    ['the number of GetEnt', '4211', ['Ponant Énergie']],
    ['a postcode', '29900', ['PONANT Anne', 'Ponant Énergie']],
    [
      'a phone that a person, a company and a contact share',
      '01 99 00 22 33',
      ['PONANT Anne', 'Ponant Énergie', 'Maëlle Recruteuse'],
    ],
    ['the same with its country', '0033 1 99 00 22 33', ['PONANT Anne', 'Ponant Énergie', 'Maëlle Recruteuse']],
    ['a mobile that Mayotte shares', '06.39.09.12.34', ['Maëlle Recruteuse']],
    ['the e-mail of a company', 'accueil@ponant.example', ['Ponant Énergie']],
    ['the beginning of the e-mail of a contact', 'maelle@', ['Maëlle Recruteuse']],
    ['the names of a contact in any order', 'recruteuse maelle', ['Maëlle Recruteuse']],
    ['a contact and their company', 'yann ponant', ['Yann Comptable']],
    ['nothing', 'introuvable', []],
  ])('finds people, companies and contacts by %s', async (_what, q, titles) => {
    await world();
    expect(await found('scolarite', q)).toEqual(titles);
  });

  it('leads to each record, and to the list with the same search', async () => {
    const { company, hr, accounting, student } = await world();
    const { agent } = await app.signInAs('scolarite');
    const { body } = await agent.get('/recherche.json').query({ q: 'ponant' });
    expect(body).toMatchObject({
      groups: [
        { key: 'students', total: 1, listHref: '/etudiants?q=ponant', hits: [{ href: `/etudiants/${student.id}` }] },
        {
          key: 'companies',
          total: 1,
          listHref: '/entreprises?q=ponant',
          hits: [{ href: `/entreprises/${company.id}`, detail: 'Énergie · Concarneau' }],
        },
        {
          key: 'contacts',
          total: 2,
          listHref: '/contacts?q=ponant',
          hits: [
            { href: `/contacts/${accounting.id}` },
            { href: `/contacts/${hr.id}`, detail: 'Directrice · Ponant Énergie' },
          ],
        },
      ],
    });
    const { text } = await agent.get('/recherche?q=ponant');
    for (const href of [`/etudiants/${student.id}`, `/entreprises/${company.id}`, `/contacts/${hr.id}`])
      expect(text).toContain(`href="${href}"`);
  });

  it.each([
    ['recherche', 'ponant', ['PONANT Anne', 'Ponant Énergie']],
    ['recherche', '732829320', ['Ponant Énergie']],
    ['recherche', '01 99 00 22 33', []],
    ['recherche', 'accueil@ponant.example', []],
    ['recherche', 'recruteuse', []],
    ['rh-finance', 'ponant', ['PONANT Anne', 'Ponant Énergie', 'Yann Comptable']],
    ['rh-finance', '01 99 00 22 33', ['Ponant Énergie']],
    ['rh-finance', 'maelle@ponant.example', []],
    ['rh-finance', 'recruteuse', []],
    ['direction', 'ponant', ['PONANT Anne', 'Ponant Énergie']],
    ['direction', 'anne.ponant@example.org', []],
    ['relations-exterieures', 'anne.ponant@example.org', []],
  ] as const)('finds for %s by "%s" what their rights open, and no more', async (role, q, titles) => {
    await world();
    expect(await found(role, q)).toEqual(titles);
  });

  it('leaves out what is archived or merged', async () => {
    const company = await aCompany(app.services, { name: 'Ponant' });
    await aCompany(app.services, { name: 'Ponant ancien', archivedAt: new Date() });
    await aCompany(app.services, { name: 'Ponant double', mergedIntoId: company.id });
    await aContact(app.services, { companyId: company.id, lastName: 'Ponant', archivedAt: new Date() });
    await aStudent(app.services, { lastName: 'PONANT', archivedAt: new Date() });
    expect(await found('scolarite', 'ponant')).toEqual(['Ponant']);
  });

  it('shows ten of each on its page, five while one types, and the way to the others', async () => {
    for (let count = 0; count < 12; count += 1) await aCompany(app.services, { name: `Ponant ${count}` });
    const { agent, csrf } = await app.signInAs('scolarite');
    const hits = (html: string) => html.match(/href="\/entreprises\/[0-9a-f-]{36}"/g)?.length;
    const page = (await agent.get('/recherche?q=ponant')).text;
    expect(hits(page)).toBe(10);
    expect(page).toContain('href="/entreprises?q=ponant"');
    expect(page).toContain('12');
    const suggested = (
      await agent
        .post('/recherche')
        .set('HX-Target', 'search-suggestions')
        .type('form')
        .send({ q: 'ponant', _csrf: await csrf() })
    ).text;
    expect(hits(suggested)).toBe(5);
    expect(suggested).toContain('href="/entreprises?q=ponant"');
  });

  it.each(['', ' ', 'a', ' a '])('asks for more than "%s"', async (q) => {
    await aCompany(app.services, { name: 'A' });
    expect(await found('scolarite', q)).toEqual([]);
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/recherche').query({ q })).text).toContain('deux');
  });

  it('asks the database as often for many hits as for few', async () => {
    await world();
    const { agent } = await app.signInAs('scolarite');
    const cost = async (): Promise<number> => {
      await agent.get('/recherche?q=ponant');
      app.clock.advance(60_000);
      const before = app.services.database.statementCount();
      await agent.get('/recherche?q=ponant');
      return app.services.database.statementCount() - before;
    };
    const few = await cost();
    for (let count = 0; count < 9; count += 1) {
      const { id } = await aCompany(app.services, { name: `Ponant ${count}` });
      await aContact(app.services, { companyId: id, lastName: 'Ponant' });
      await aStudent(app.services, { lastName: 'PONANT' });
    }
    expect(await cost()).toBe(few);
  });

  it('suggests while one types, without a page around', async () => {
    await aStudent(app.services, { lastName: 'LEFÈBVRE', firstName: 'Anne' });
    const { agent, csrf } = await app.signInAs('scolarite');
    const answer = await agent
      .post('/recherche')
      .set('HX-Request', 'true')
      .set('HX-Target', 'search-suggestions')
      .type('form')
      .send({ q: 'lefe', _csrf: await csrf() });
    expect(answer.text).toContain('LEF');
    expect(answer.text).toContain('class="suggestion"');
    expect(answer.text).not.toContain('<html');
  });

  it('gives what is typed in the box an address of its own', async () => {
    const { post } = await app.signInAs('scolarite');
    const answer = await post('/recherche', { q: 'jean & lefèbvre' });
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/recherche?q=jean%20%26%20lef%C3%A8bvre');
  });

  it('shows a search as it was typed', async () => {
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get('/recherche').query({ q: '<b>"l\'été" & 100%_</b>' });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('&lt;b&gt;&#34;l&#39;été&#34; &amp; 100%_&lt;/b&gt;');
  });

  it('is offered to those who may search something', async () => {
    const boxFor = async (role: string) => (await (await app.signInAs(role)).agent.get('/compte')).text;
    for (const role of ['recherche', 'rh-finance']) expect(await boxFor(role)).toContain('id="global-search"');
    const without = await boxFor('informatique');
    expect(without).not.toContain('id="global-search"');
    expect(without).not.toContain('Rechercher partout');
  });

  it('is closed to who may read no list, and to anonymous visitors', async () => {
    const { agent } = await app.signInAs('informatique');
    expect((await agent.get('/recherche?q=martin')).status).toBe(403);
    expect((await supertest(app.admin).get('/recherche?q=martin').set('Accept', 'text/html')).status).toBe(303);
  });
});
