/** Long because each column, filter, order and right of the list is tried here. */
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { useTestApp, type Agent } from '../support/app.ts';
import { aCompany, aContact, aSite, aStudent, type CompanySeed } from '../support/builders.ts';

const app = useTestApp();

interface JsonRow {
  id: string;
  name: string;
  [field: string]: unknown;
}

interface JsonPage {
  rows: JsonRow[];
  total: number;
  next: string | null;
  previous: string | null;
}

async function pageOf(agent: Agent, path: string): Promise<JsonPage> {
  const answer = await agent.get(path);
  expect(answer.status, path).toBe(200);
  return answer.body as JsonPage;
}

const namesOf = async (agent: Agent, query = ''): Promise<string[]> =>
  (await pageOf(agent, `/entreprises.json${query}`)).rows.map(({ name }) => name);

/** Names in the order the page shows them. */
const shownNames = (html: string): string[] =>
  [...html.matchAll(/data-row-link>(?:<mark>)?([^<]+)/g)].map(([, name]) => name ?? '');

const linkOf = (html: string, rel: 'prev' | 'next'): string | null =>
  new RegExp(`rel="${rel}"[^>]*? href="([^"]+)"`).exec(html)?.[1]?.replaceAll('&amp;', '&') ?? null;

async function companies(...names: string[]): Promise<void> {
  for (const name of names) await aCompany(app.services, { name });
}

describe('the list of companies, to whom', () => {
  it('sends an anonymous visitor to sign in, and answers 401 to a script', async () => {
    const page = await supertest(app.admin).get('/entreprises').set('Accept', 'text/html');
    expect(page.headers['location']).toBe('/connexion?suite=%2Fentreprises');
    for (const path of ['/entreprises.json', '/entreprises.csv', '/entreprises.xlsx'])
      expect((await supertest(app.admin).get(path)).status, path).toBe(401);
  });

  it.each(['/entreprises', '/entreprises.json', '/entreprises.csv'])('refuses %s without the right', async (path) => {
    const { agent } = await app.signInAs('informatique');
    expect((await agent.get(path)).status).toBe(403);
  });

  it('offers to make a company to those who may', async () => {
    for (const [role, offered] of [
      ['scolarite', true],
      ['relations-exterieures', true],
      ['direction', false],
      ['rh-finance', false],
    ] as const) {
      const { agent } = await app.signInAs(role);
      expect((await agent.get('/entreprises')).text.includes('href="/entreprises/nouvelle"'), role).toBe(offered);
    }
  });

  it('leaves out merged companies, and archived ones until asked for', async () => {
    const kept = await aCompany(app.services, { name: 'Gardée' });
    await aCompany(app.services, { name: 'Fusionnée', mergedIntoId: kept.id });
    await aCompany(app.services, { name: 'Rangée', archivedAt: new Date() });
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent)).toEqual(['Gardée']);
    expect(await namesOf(agent, '?archives=1')).toEqual(['Rangée']);
    expect((await agent.get('/entreprises?archives=1')).text).toContain('Archivé');
  });
});

describe('field groups in the list of companies', () => {
  const full: CompanySeed = {
    name: 'Chantiers du Ponant',
    siren: '732829320',
    sector: 'Construction navale',
    postcode: '29900',
    city: 'Concarneau',
    email: 'accueil@ponant.example',
    phone: '+33199002233',
    relationStage: 'key_partner',
    openToStudents: true,
  };
  const CONTACT = ['accueil@ponant.example', '+33199002233', '01 99 00 22 33'];
  const RELATION = ['Partenaire clé', 'key_partner', 'Ouverte'];
  const everyColumn = ['siren', 'ville', 'secteur', 'stade', 'alumni', 'telephone', 'courriel', 'contacts'];
  const query = everyColumn.map((column) => `colonnes=${column}`).join('&');

  it.each([
    ['recherche', [...CONTACT, ...RELATION]],
    ['rh-finance', RELATION],
  ] as const)('keep from %s what its right does not open', async (role, secrets) => {
    await aCompany(app.services, full);
    const { agent } = await app.signInAs(role);
    for (const path of [`/entreprises?${query}`, `/entreprises.json?${query}`]) {
      const { text } = await agent.get(path);
      for (const known of ['Chantiers du Ponant', 'Concarneau', 'Construction navale']) expect(text).toContain(known);
      for (const secret of secrets) expect(text.includes(secret), `${path} tells ${role} "${secret}"`).toBe(false);
    }
  });

  it('show everything to those who keep the companies', async () => {
    await aCompany(app.services, full);
    const { agent } = await app.signInAs('relations-exterieures');
    const { text } = await agent.get(`/entreprises?${query}`);
    for (const known of ['01 99 00 22 33', 'accueil@ponant.example', 'Partenaire clé', '732 829 320', 'Concarneau'])
      expect(text).toContain(known);
    expect((await pageOf(agent, `/entreprises.json?${query}`)).rows[0]).toMatchObject({
      siren: '732829320',
      phone: '+33199002233',
      relationStage: 'key_partner',
      contacts: 0,
      alumni: 0,
    });
  });

  it('make no filter, order or search tell what may not be read', async () => {
    await aCompany(app.services, full);
    await aCompany(app.services, { name: 'Autre', relationStage: 'blocked' });
    const research = await app.signInAs('recherche');
    for (const filter of ['stade=key_partner', 'ouverte=1', 'tri=stade', 'tri=-stade'])
      expect(await namesOf(research.agent, `?${filter}`), filter).toEqual(['Autre', 'Chantiers du Ponant']);
    for (const q of ['0199002233', '01 99 00 22 33', 'accueil@ponant.example', 'accueil@'])
      expect(await namesOf(research.agent, `?q=${encodeURIComponent(q)}`), q).toEqual([]);
    expect((await research.agent.get('/entreprises?stade=key_partner')).text).not.toContain('Relation');
  });

  it('count alumni and contacts only for those who may see whom they count', async () => {
    const { id } = await aCompany(app.services, full);
    await aContact(app.services, { companyId: id });
    for (let count = 0; count < 2; count += 1)
      await aStudent(app.services, { status: 'alumni', companyId: id, positionTitle: 'Acheteur' });
    const relations = await app.signInAs('relations-exterieures');
    expect((await pageOf(relations.agent, `/entreprises.json?${query}`)).rows[0]).toMatchObject({
      alumni: 2,
      contacts: 1,
    });
    for (const role of ['recherche', 'rh-finance']) {
      const { agent } = await app.signInAs(role);
      const [row] = (await pageOf(agent, `/entreprises.json?${query}`)).rows;
      expect(row).not.toHaveProperty('alumni');
      expect(row).not.toHaveProperty('contacts');
    }
  });

  it('count the alumni that the link beside the number shows', async () => {
    const { id } = await aCompany(app.services, { name: 'Maison Vauban' });
    const here = { companyId: id, status: 'alumni' as const };
    const former = await aStudent(app.services, here);
    await app.database.query('UPDATE position SET ended_on = ? WHERE student_id = ?', ['2025-12-31', former.id]);
    const kept = await aStudent(app.services, here);
    await aStudent(app.services, { ...here, mergedIntoId: kept.id });
    await aStudent(app.services, { ...here, restrictedAt: new Date() });
    await aStudent(app.services, { ...here, archivedAt: new Date() });
    await aStudent(app.services, { ...here, status: 'en_fonction' });
    const { agent } = await app.signInAs('relations-exterieures');
    expect((await pageOf(agent, '/entreprises.json')).rows[0]).toMatchObject({ alumni: 1 });
    const { text } = await agent.get('/entreprises');
    expect(text).toContain(`href="/alumni?entreprise=${id}"`);
    expect((await pageOf(agent, `/alumni.json?entreprise=${id}`)).rows.map((row) => row.id)).toEqual([kept.id]);
  });
});

describe('the pages of the list of companies', () => {
  it('tell an empty base what to do next, and a search without result something else', async () => {
    const { agent } = await app.signInAs('scolarite');
    const empty = (await agent.get('/entreprises')).text;
    expect(empty).toContain('Aucune entreprise pour l’instant');
    expect(empty).toContain('href="/imports/nouveau"');
    await companies('Atelier');
    const nothing = (await agent.get('/entreprises?q=zzz')).text;
    expect(nothing).toContain('Aucun résultat');
    expect(nothing).not.toContain('Aucune entreprise pour l’instant');
  });

  it('are gone through to the end and back by their links', async () => {
    await companies('A un', 'B deux', 'C trois', 'D quatre', 'E cinq');
    const { agent } = await app.signInAs('scolarite');
    const first = await agent.get('/entreprises?limite=2');
    expect(shownNames(first.text)).toEqual(['A un', 'B deux']);
    expect(first.text).toContain('5 entreprises');
    expect(linkOf(first.text, 'prev')).toBeNull();
    const second = await agent.get(linkOf(first.text, 'next') ?? '');
    expect(shownNames(second.text)).toEqual(['C trois', 'D quatre']);
    const third = await agent.get(linkOf(second.text, 'next') ?? '');
    expect(shownNames(third.text)).toEqual(['E cinq']);
    expect(linkOf(third.text, 'next')).toBeNull();
    const back = await agent.get(linkOf(third.text, 'prev') ?? '');
    expect(shownNames(back.text)).toEqual(['C trois', 'D quatre']);
    const start = await agent.get(linkOf(back.text, 'prev') ?? '');
    expect(shownNames(start.text)).toEqual(['A un', 'B deux']);
    expect(linkOf(start.text, 'prev')).toBeNull();
  });

  it('lose none of several companies of one name, and show none twice', async () => {
    for (let count = 0; count < 7; count += 1) await aCompany(app.services, { name: 'Durand', city: `Ville ${count}` });
    const { agent } = await app.signInAs('scolarite');
    for (const tri of ['nom', '-nom', 'stade', 'secteur']) {
      const seen: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const page: JsonPage = await pageOf(agent, `/entreprises.json?limite=3&tri=${tri}${next && `&apres=${next}`}`);
        expect(page.total).toBe(7);
        seen.push(...page.rows.map(({ id }) => id));
        next = page.next;
      }
      expect([seen.length, new Set(seen).size], tri).toEqual([7, 7]);
    }
  });

  it('ask the database as often for fifty rows as for one', async () => {
    const { agent } = await app.signInAs('relations-exterieures');
    const countFor = async (): Promise<number> => {
      await agent.get('/entreprises');
      app.clock.advance(60_000);
      const before = app.services.database.statementCount();
      expect((await agent.get('/entreprises')).status).toBe(200);
      return app.services.database.statementCount() - before;
    };
    await companies('Une seule');
    const one = await countFor();
    for (let count = 0; count < 49; count += 1) {
      const { id } = await aCompany(app.services, { tags: ['Forum'], sector: `Secteur ${count % 7}`, city: 'Brest' });
      await aContact(app.services, { companyId: id });
    }
    expect(await countFor()).toBe(one);
    // Session, its touch and the account come before the list.
    expect(one).toBeLessThanOrEqual(3 + 4);
  });
});

describe('the orders of the list of companies', () => {
  async function world(): Promise<void> {
    const base = Date.UTC(2026, 0, 1);
    const firms: [string, string | null, string | null, string][] = [
      ['Abel', 'Nice', 'Textile', 'partner'],
      ['Brun', null, null, 'contacted'],
      ['Caro', 'Évreux', 'Énergie', 'blocked'],
      ['Diaz', 'Brest', 'Transport', 'suspect'],
      ['Émin', null, 'Banque', 'meeting'],
    ];
    for (const [index, [name, city, sector, relationStage]] of firms.entries())
      await aCompany(app.services, {
        name,
        city,
        sector,
        relationStage,
        updatedAt: new Date(base + index * 86_400_000),
      });
  }

  it.each([
    ['nom', ['Abel', 'Brun', 'Caro', 'Diaz', 'Émin']],
    ['-nom', ['Émin', 'Diaz', 'Caro', 'Brun', 'Abel']],
    ['ville', ['Diaz', 'Caro', 'Abel', 'Brun', 'Émin']],
    ['-ville', ['Abel', 'Caro', 'Diaz', 'Émin', 'Brun']],
    ['secteur', ['Émin', 'Caro', 'Abel', 'Diaz', 'Brun']],
    ['-secteur', ['Diaz', 'Abel', 'Caro', 'Émin', 'Brun']],
    ['stade', ['Diaz', 'Brun', 'Émin', 'Abel', 'Caro']],
    ['-stade', ['Caro', 'Abel', 'Émin', 'Brun', 'Diaz']],
    ['maj', ['Abel', 'Brun', 'Caro', 'Diaz', 'Émin']],
    ['-maj', ['Émin', 'Diaz', 'Caro', 'Brun', 'Abel']],
    ['inconnu', ['Abel', 'Brun', 'Caro', 'Diaz', 'Émin']],
  ])('follow tri=%s, page after page and back', async (tri, expected) => {
    await world();
    const { agent } = await app.signInAs('relations-exterieures');
    expect(await namesOf(agent, `?tri=${tri}`)).toEqual(expected);
    const seen: string[] = [];
    let page = await pageOf(agent, `/entreprises.json?limite=2&tri=${tri}`);
    for (;;) {
      seen.push(...page.rows.map(({ name }) => name));
      if (page.next === null) break;
      page = await pageOf(agent, `/entreprises.json?limite=2&tri=${tri}&apres=${page.next}`);
    }
    expect(seen).toEqual(expected);
    page = await pageOf(agent, `/entreprises.json?limite=2&tri=${tri}&avant=${page.previous}`);
    expect(page.rows.map(({ name }) => name)).toEqual(expected.slice(2, 4));
    page = await pageOf(agent, `/entreprises.json?limite=2&tri=${tri}&avant=${page.previous}`);
    expect(page.rows.map(({ name }) => name)).toEqual(expected.slice(0, 2));
    expect(page.previous).toBeNull();
  });
});

describe('the filters of the list of companies', () => {
  it('leave those that answer, alone and together', async () => {
    await aCompany(app.services, {
      name: 'Abel',
      city: 'Saint-Étienne',
      sector: 'Textile',
      relationStage: 'partner',
      openToStudents: true,
      tags: ['Forum', 'Mécénat'],
    });
    await aCompany(app.services, { name: 'Brun', sector: 'Énergie', relationStage: 'blocked', tags: ['Forum'] });
    await aCompany(app.services, { name: 'Caro', missingSince: new Date() });
    await aCompany(app.services, { name: 'Diaz', anomalyCount: 2, archivedAt: null });
    const [forum] = await app.database.query<{ id: string }>("SELECT id FROM tag WHERE label = 'Forum'");
    const { agent } = await app.signInAs('relations-exterieures');
    const cases: [string, string[]][] = [
      ['ville=saint-etienne', ['Abel']],
      ['secteur=Textile', ['Abel']],
      ['secteur=energie', ['Brun']],
      ['stade=partner', ['Abel']],
      ['stade=partner&stade=blocked', ['Abel', 'Brun']],
      ['stade=inconnu', ['Abel', 'Brun', 'Caro', 'Diaz']],
      ['etiquette=forum', ['Abel', 'Brun']],
      [`etiquette=${forum?.id}`, ['Abel', 'Brun']],
      ['etiquette=forum&etiquette=mecenat', ['Abel']],
      ['etiquette=inconnue', []],
      ['ouverte=1', ['Abel']],
      ['absent=1', ['Caro']],
      ['anomalie=1', ['Diaz']],
      ['archives=1', []],
      ['etiquette=forum&stade=blocked&secteur=%C3%89nergie', ['Brun']],
      ['q=brun&etiquette=forum', ['Brun']],
    ];
    for (const [query, expected] of cases) {
      const page = await pageOf(agent, `/entreprises.json?${query}`);
      expect([query, page.rows.map(({ name }) => name), page.total]).toEqual([query, expected, expected.length]);
      expect((await agent.get(`/entreprises?${query}`)).status, query).toBe(200);
    }
  });

  it('are told above the table, each with the link that removes it', async () => {
    await companies('Abel');
    const { agent } = await app.signInAs('relations-exterieures');
    const { text } = await agent.get('/entreprises?q=abel&stade=suspect&ville=Lyon');
    expect(text).toContain('Ville : <b>Lyon</b>');
    expect(text).toContain('href="/entreprises?q=abel&amp;stade=suspect"');
    expect(text).toContain('href="/entreprises?q=abel&amp;ville=Lyon"');
  });
});

describe('the search in the list of companies', () => {
  it.each([
    ['the words of the name in any order', 'ponant chantiers'],
    ['the beginning of a word without its accents', 'reun'],
    ['the name without its legal form', 'chantiers réunis du ponant'],
    ['the name joined', 'chantiersreunis'],
    ['the SIREN as it is written', '732 829 320'],
    ['the SIRET of a site', '732 829 320 00074'],
    ['the SIRET of a place that is not known', '73282932000099'],
    ['the postcode', '29900'],
    ['the phone as people type it', '06 39 98 01 02'],
    ['the phone with dots', '06.39.98.01.02'],
    ['the beginning of the phone', '063998'],
    ['the phone with its country', '+33 6 39 98 01 02'],
    ['the phone with a zero in brackets', '+33 (0)6 39 98 01 02'],
    ['the phone with a double zero', '0033639980102'],
    ['the e-mail', 'accueil@ponant.example'],
    ['the beginning of the e-mail, in capitals', 'ACCUEIL@PON'],
    ['the number of GetEnt', '4211'],
    ['a word and a number', 'ponant 29900'],
  ])('finds one by %s', async (_what, q) => {
    const { id } = await aCompany(app.services, {
      name: 'Chantiers Réunis du Ponant S.A.S.',
      siren: '732829320',
      legacyId: 4211,
      postcode: '29900',
      phone: '+33639980102',
      email: 'accueil@ponant.example',
    });
    await aSite(app.services, { companyId: id, siret: '73282932000074' });
    await aCompany(app.services, {
      name: 'Ateliers du Levant',
      siren: '552100554',
      postcode: '06300',
      phone: '+33199009999',
      email: 'info@levant.example',
      legacyId: 12,
    });
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent, `?q=${encodeURIComponent(q)}`)).toEqual(['Chantiers Réunis du Ponant S.A.S.']);
  });

  it.each(['ponant levant', '29901', "' OR 1=1 --", '%', '_', '+', '🙂', '()', 'a@', '999999999999999999999'])(
    'finds none by "%s"',
    async (q) => {
      await companies('Chantiers du Ponant', 'Ateliers du Levant');
      const { agent } = await app.signInAs('scolarite');
      expect(await namesOf(agent, `?q=${encodeURIComponent(q)}`)).toEqual([]);
    },
  );

  it('puts names that begin with the text before those that hold it', async () => {
    await companies('Ateliers Martin', 'Martin Énergie', 'Banque Martin');
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent, '?q=martin')).toEqual(['Martin Énergie', 'Ateliers Martin', 'Banque Martin']);
  });
});
