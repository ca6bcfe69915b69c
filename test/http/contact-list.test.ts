import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { useTestApp, type Agent } from '../support/app.ts';
import { aCompany, aContact, aSite, aStudent } from '../support/builders.ts';

const app = useTestApp();

interface JsonRow {
  id: string;
  lastName: string;
  [field: string]: unknown;
}

interface JsonPage {
  rows: JsonRow[];
  total: number;
  next: string | null;
  previous: string | null;
}

async function pageOf(agent: Agent, query = ''): Promise<JsonPage> {
  const answer = await agent.get(`/contacts.json${query}`);
  expect(answer.status, query).toBe(200);
  return answer.body as JsonPage;
}

const namesOf = async (agent: Agent, query = ''): Promise<string[]> =>
  (await pageOf(agent, query)).rows.map(({ lastName }) => lastName);

const linkOf = (html: string, rel: 'prev' | 'next'): string =>
  new RegExp(`rel="${rel}"[^>]*? href="([^"]+)"`).exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';

const shownNames = (html: string): string[] =>
  [...html.matchAll(/data-row-link>(?:<mark>)?([^< ]+)/g)].map(([, name]) => name ?? '');

async function contacts(...names: string[]): Promise<string> {
  const { id } = await aCompany(app.services, { name: 'Chantiers du Ponant' });
  for (const lastName of names) await aContact(app.services, { companyId: id, lastName, firstName: 'Anne' });
  return id;
}

describe('the list of contacts, to whom', () => {
  it('sends an anonymous visitor to sign in, and answers 401 to a script', async () => {
    const page = await supertest(app.admin).get('/contacts').set('Accept', 'text/html');
    expect(page.headers['location']).toBe('/connexion?suite=%2Fcontacts');
    expect((await supertest(app.admin).get('/contacts.json')).status).toBe(401);
  });

  it.each(['recherche', 'direction', 'informatique'])('is closed to %s', async (role) => {
    const { agent } = await app.signInAs(role);
    for (const path of ['/contacts', '/contacts.json', '/contacts.csv'])
      expect((await agent.get(path)).status, path).toBe(403);
  });

  it('shows who is in charge of accounting, and nobody else, to a role limited to them', async () => {
    const { id: companyId } = await aCompany(app.services, { name: 'Chantiers du Ponant' });
    await aContact(app.services, {
      companyId,
      lastName: 'Comptable',
      contactRole: 'accounting',
      email: 'compta@ponant.example',
      mobilePhone: '+33639980101',
    });
    await aContact(app.services, {
      companyId,
      lastName: 'Recruteuse',
      contactRole: 'hr',
      email: 'rh@ponant.example',
      mobilePhone: '+33639980102',
      tags: ['Forum'],
    });
    const { agent } = await app.signInAs('rh-finance');
    for (const query of ['', '?role=hr&role=accounting', '?q=ponant', '?tri=-nom', `?entreprise=${companyId}`]) {
      const page = await pageOf(agent, query);
      expect([query, page.rows.map(({ lastName }) => lastName), page.total]).toEqual([query, ['Comptable'], 1]);
    }
    for (const query of ['?role=hr', '?q=recruteuse', '?q=rh@ponant.example', '?q=0639980102', '?etiquette=forum'])
      expect(await namesOf(agent, query), query).toEqual([]);
    const { text } = await agent.get('/contacts');
    expect(text).toContain('1 contact<');
    expect(text).not.toContain('Recruteuse');
  });

  it('leaves archived contacts out until asked for', async () => {
    const companyId = await contacts('Présente');
    await aContact(app.services, { companyId, lastName: 'Partie', archivedAt: new Date() });
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent)).toEqual(['Présente']);
    expect(await namesOf(agent, '?archives=1')).toEqual(['Partie']);
  });
});

describe('the pages of the list of contacts', () => {
  it('tell an empty base how a contact is made, and a search without result something else', async () => {
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/contacts')).text).toContain('Un contact s’ajoute depuis la fiche de son entreprise.');
    await contacts('Abrial');
    const nothing = (await agent.get('/contacts?q=zzz')).text;
    expect(nothing).toContain('Aucun résultat');
    expect(nothing).not.toContain('Un contact s’ajoute');
  });

  it('tell who the person is, where they work and how to reach them', async () => {
    const { id: companyId } = await aCompany(app.services, { name: 'Chantiers du Ponant' });
    const { id: siteId } = await aSite(app.services, { companyId, label: 'Quai nord' });
    const student = await aStudent(app.services, { status: 'alumni' });
    const { id } = await aContact(app.services, {
      companyId,
      siteId,
      lastName: 'Le Goff',
      firstName: 'Yann',
      jobTitle: 'Chef d’atelier',
      contactRole: 'tutor',
      email: 'yann@ponant.example',
      phone: '+33199002233',
      mobilePhone: '+33639980101',
      studentId: student.id,
      optedOutAt: new Date('2026-03-04T10:00:00Z'),
      lastContactOn: new Date('2026-02-01'),
      tags: ['Forum'],
    });
    const { agent } = await app.signInAs('relations-exterieures');
    const columns = 'role etablissement mobile telephone courriel opposition echange etiquettes entreprise fonction';
    const { text } = await agent.get(`/contacts?colonnes=${columns.split(' ').join('&colonnes=')}`);
    for (const told of [
      `href="/contacts/${id}"`,
      'Le Goff Yann',
      'Chef d’atelier',
      'Tuteur',
      `href="/entreprises/${companyId}"`,
      'Quai nord',
      '06 39 98 01 01',
      '01 99 00 22 33',
      'yann@ponant.example',
      '04/03/2026',
      '01/02/2026',
      'Forum',
      'Ancien étudiant',
      'Ne pas démarcher',
    ])
      expect(text).toContain(told);
    // Who asked to be left alone is not one click away from a message.
    expect(text).not.toContain('href="mailto:yann@ponant.example"');
  });

  it('are gone through to the end and back by their links', async () => {
    await contacts('A1', 'B2', 'C3', 'D4', 'E5');
    const { agent } = await app.signInAs('scolarite');
    const first = await agent.get('/contacts?limite=2');
    expect(shownNames(first.text)).toEqual(['A1', 'B2']);
    expect(linkOf(first.text, 'prev')).toBe('');
    const second = await agent.get(linkOf(first.text, 'next'));
    expect(shownNames(second.text)).toEqual(['C3', 'D4']);
    const third = await agent.get(linkOf(second.text, 'next'));
    expect(shownNames(third.text)).toEqual(['E5']);
    expect(linkOf(third.text, 'next')).toBe('');
    const back = await agent.get(linkOf(third.text, 'prev'));
    expect(shownNames(back.text)).toEqual(['C3', 'D4']);
    const start = await agent.get(linkOf(back.text, 'prev'));
    expect(shownNames(start.text)).toEqual(['A1', 'B2']);
    expect(linkOf(start.text, 'prev')).toBe('');
  });

  it.each([
    ['nom', ['Abel', 'Brun', 'Brun', 'Brun', 'Émin']],
    ['-nom', ['Émin', 'Brun', 'Brun', 'Brun', 'Abel']],
    ['maj', ['Brun', 'Abel', 'Émin', 'Brun', 'Brun']],
    ['-maj', ['Brun', 'Brun', 'Émin', 'Abel', 'Brun']],
  ])('follow tri=%s, namesakes once each', async (tri, expected) => {
    const { id: companyId } = await aCompany(app.services);
    for (const [index, lastName] of ['Brun', 'Abel', 'Émin', 'Brun', 'Brun'].entries())
      await aContact(app.services, {
        companyId,
        lastName,
        firstName: 'Anne',
        updatedAt: new Date(Date.UTC(2026, 0, 1 + index)),
      });
    const { agent } = await app.signInAs('scolarite');
    const rows: JsonRow[] = [];
    let next: string | null = '';
    while (next !== null && rows.length < 9) {
      const page: JsonPage = await pageOf(agent, `?limite=2&tri=${tri}${next && `&apres=${next}`}`);
      rows.push(...page.rows);
      next = page.next;
    }
    expect(rows.map(({ lastName }) => lastName)).toEqual(expected);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(5);
  });

  it('ask the database as often for fifty rows as for one', async () => {
    const { agent } = await app.signInAs('relations-exterieures');
    const countFor = async (): Promise<number> => {
      await agent.get('/contacts');
      app.clock.advance(60_000);
      const before = app.services.database.statementCount();
      expect((await agent.get('/contacts')).status).toBe(200);
      return app.services.database.statementCount() - before;
    };
    const companyId = await contacts('Un seul');
    const one = await countFor();
    for (let count = 0; count < 49; count += 1) {
      const company = count % 2 ? companyId : (await aCompany(app.services)).id;
      await aContact(app.services, { companyId: company, tags: ['Forum'], jobTitle: 'Acheteuse' });
    }
    expect(await countFor()).toBe(one);
    // Session, its touch and the account come before the list.
    expect(one).toBeLessThanOrEqual(3 + 4);
  });
});

describe('the filters of the list of contacts', () => {
  it('leave those that answer, alone and together', async () => {
    const ponant = await aCompany(app.services, { name: 'Chantiers du Ponant SAS' });
    const levant = await aCompany(app.services, { name: 'Ateliers du Levant' });
    const student = await aStudent(app.services, { status: 'alumni' });
    const here = { companyId: ponant.id, firstName: null };
    await aContact(app.services, { ...here, lastName: 'Abel', contactRole: 'hr', tags: ['Forum', 'Jury'] });
    await aContact(app.services, { ...here, lastName: 'Brun', contactRole: 'tutor', studentId: student.id });
    await aContact(app.services, { ...here, lastName: 'Caro', companyId: levant.id, tags: ['Forum'] });
    await aContact(app.services, { ...here, lastName: 'Diaz', optedOutAt: new Date() });
    const { agent } = await app.signInAs('scolarite');
    const everyone = ['Abel', 'Brun', 'Caro', 'Diaz'];
    const cases: [string, string[]][] = [
      ['role=hr', ['Abel']],
      ['role=hr&role=tutor', ['Abel', 'Brun']],
      ['role=inconnu', everyone],
      [`entreprise=${levant.id}`, ['Caro']],
      ['entreprise=chantiers+du', ['Abel', 'Brun', 'Diaz']],
      ['entreprise=inconnue', []],
      ['etiquette=forum', ['Abel', 'Caro']],
      ['etiquette=forum&etiquette=jury', ['Abel']],
      ['alumni=1', ['Brun']],
      ['opposition=1', ['Diaz']],
      ['archives=1', []],
      ['etiquette=forum&role=hr&entreprise=chantiers', ['Abel']],
      ['q=abel&etiquette=forum', ['Abel']],
    ];
    for (const [query, expected] of cases) {
      const page = await pageOf(agent, `?${query}`);
      expect([query, page.rows.map(({ lastName }) => lastName), page.total]).toEqual([
        query,
        expected,
        expected.length,
      ]);
    }
  });

  it('tell the name of the company they come from', async () => {
    const companyId = await contacts('Abel');
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get(`/contacts?entreprise=${companyId}`)).text).toContain(
      'Entreprise : <b>Chantiers du Ponant</b>',
    );
  });
});

describe('the search in the list of contacts', () => {
  it.each([
    ['their names in any order', 'yann le goff'],
    ['the beginning of a name without its hyphen', 'jeanyves'],
    ['the beginning of a name without accents', 'lege'],
    ['their company', 'ponant'],
    ['their name and their company', 'goff ponant'],
    ['their mobile phone', '06 39 98 01 01'],
    ['their direct phone with dots', '01.99.00.22.33'],
    ['the beginning of their phone', '063998'],
    ['a phone with its country', '+33 (0)6 39 98 01 01'],
    ['their e-mail', 'YL.GOFF@ponant.example'],
    ['the beginning of their e-mail', 'yl.goff@'],
  ])('finds one by %s', async (_what, q) => {
    const ponant = await aCompany(app.services, { name: 'Chantiers du Ponant' });
    const levant = await aCompany(app.services, { name: 'Ateliers du Levant' });
    await aContact(app.services, {
      companyId: ponant.id,
      lastName: 'LE GOFF LÉGER',
      firstName: 'Yann Jean-Yves',
      email: 'yl.goff@ponant.example',
      phone: '+33199002233',
      mobilePhone: '+33639980101',
    });
    await aContact(app.services, {
      companyId: levant.id,
      lastName: 'MARTIN',
      firstName: 'Paule',
      email: 'paule@levant.example',
      mobilePhone: '+33199009999',
    });
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent, `?q=${encodeURIComponent(q)}`)).toEqual(['LE GOFF LÉGER']);
  });
});
