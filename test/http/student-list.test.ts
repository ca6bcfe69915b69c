/** Long because each column, filter, order and right of the list is tried here. */
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import type { StudentStatus } from '../../src/shared/student-status.ts';
import { useTestApp, type Agent } from '../support/app.ts';
import { aCompany, aProgramme, aStudent } from '../support/builders.ts';

const app = useTestApp();

interface JsonRow {
  id: string;
  lastName: string;
  firstName: string;
  [field: string]: unknown;
}

async function rowsOf(agent: Agent, path: string): Promise<JsonRow[]> {
  const answer = await agent.get(path);
  expect(answer.status, path).toBe(200);
  return (answer.body as { rows: JsonRow[] }).rows;
}

const namesOf = async (agent: Agent, path: string): Promise<string[]> =>
  (await rowsOf(agent, path)).map((row) => row.lastName);

/** Names in the order the page shows them. */
function shownNames(html: string): string[] {
  return [...html.matchAll(/data-row-link>(?:<mark>)?([^< ]+)/g)].map(([, name]) => name ?? '');
}

const linkOf = (html: string, rel: 'prev' | 'next'): string | null => {
  const match = new RegExp(`rel="${rel}"[^>]*? href="([^"]+)"`).exec(html);
  return match?.[1]?.replaceAll('&amp;', '&') ?? null;
};

async function students(...names: string[]): Promise<void> {
  for (const lastName of names) await aStudent(app.services, { lastName, firstName: 'Anne' });
}

describe('the list of students, to whom', () => {
  it('sends an anonymous visitor to sign in, and answers 401 to a script', async () => {
    const page = await supertest(app.admin).get('/etudiants').set('Accept', 'text/html');
    expect(page.status).toBe(303);
    expect(page.headers['location']).toBe('/connexion?suite=%2Fetudiants');
    for (const path of ['/etudiants.json', '/etudiants.csv', '/etudiants.xlsx', '/alumni.json'])
      expect((await supertest(app.admin).get(path)).status, path).toBe(401);
  });

  it.each(['/etudiants', '/etudiants.json', '/etudiants.csv', '/alumni'])(
    'refuses %s to a role that sees no person',
    async (path) => {
      const { agent } = await app.signInAs('informatique');
      expect((await agent.get(path)).status).toBe(403);
    },
  );

  it('shows a role only the statuses it may see, whatever the address asks', async () => {
    await aStudent(app.services, { lastName: 'PROSPECT', status: 'prospect' });
    await aStudent(app.services, { lastName: 'INSCRIT', status: 'en_fonction' });
    await aStudent(app.services, { lastName: 'ANCIEN', status: 'alumni' });
    const { agent } = await app.signInAs('recherche');
    expect(await namesOf(agent, '/etudiants.json')).toEqual(['INSCRIT']);
    expect(await namesOf(agent, '/etudiants.json?statut=alumni&statut=prospect')).toEqual([]);
    expect(await namesOf(agent, '/alumni.json')).toEqual([]);
    expect((await agent.get('/etudiants')).text).toContain('1 étudiant<');
  });

  it('shows someone limited to a programme the students of that programme', async () => {
    await aStudent(app.services, { lastName: 'DEDANS', programme: 'Bachelor Commerce' });
    await aStudent(app.services, { lastName: 'DEHORS', programme: 'MBA' });
    await aStudent(app.services, { lastName: 'SANS' });
    const { agent, userId } = await app.signInAs('scolarite');
    const programmeId = await aProgramme(app.services, 'Bachelor Commerce');
    await app.database.query('INSERT INTO user_programme (user_id, programme_id) VALUES (?, ?)', [userId, programmeId]);
    expect(await namesOf(agent, '/etudiants.json')).toEqual(['DEDANS']);
    expect(await namesOf(agent, '/etudiants.json?q=dehors')).toEqual([]);
    expect(await namesOf(agent, '/etudiants.json?tri=formation')).toEqual(['DEDANS']);
  });

  it('leaves out merged people and those under limitation, archived ones until asked for', async () => {
    const kept = await aStudent(app.services, { lastName: 'GARDE' });
    await aStudent(app.services, { lastName: 'FUSIONNE', mergedIntoId: kept.id });
    await aStudent(app.services, { lastName: 'LIMITE', restrictedAt: new Date() });
    await aStudent(app.services, { lastName: 'ARCHIVE', archivedAt: new Date() });
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent, '/etudiants.json')).toEqual(['GARDE']);
    expect(await namesOf(agent, '/etudiants.json?archives=1')).toEqual(['ARCHIVE']);
  });
});

describe('field groups in the list of students', () => {
  const contact = {
    email: 'secret@example.org',
    personalPhone: '+33639980102',
    professionalPhone: '+33639980103',
    street: '1 rue des Lilas',
    postcode: '69003',
    city: 'Lyon',
  };
  const traces = ['secret@example.org', '639980102', '06 39 98 01 02', '69003', 'Lyon'];

  it.each([
    '/etudiants',
    '/etudiants?colonnes=courriel&colonnes=telephone&colonnes=ville',
    '/etudiants.json',
    '/etudiants.json?colonnes=courriel',
  ])('keeps contact details out of %s for a role that reads identities alone', async (path) => {
    await aStudent(app.services, { lastName: 'DISCRET', ...contact });
    const { agent } = await app.signInAs('recherche');
    const answer = await agent.get(path);
    expect(answer.text).toContain('DISCRET');
    for (const trace of traces) expect(answer.text).not.toContain(trace);
    expect(answer.text).not.toMatch(/"(email|personalPhone|city|postcode)"/);
  });

  it('shows them on the rows where the role may read them, and nowhere else', async () => {
    await aStudent(app.services, { lastName: 'ANCIEN', status: 'alumni', ...contact, email: 'lisible@example.org' });
    await aStudent(app.services, { lastName: 'INSCRIT', status: 'en_fonction', ...contact });
    const { agent } = await app.signInAs('relations-exterieures');
    const rows = await rowsOf(agent, '/etudiants.json');
    expect(rows.map(({ lastName, email, city, personalPhone }) => [lastName, email, city, personalPhone])).toEqual([
      ['ANCIEN', 'lisible@example.org', 'Lyon', '+33639980102'],
      ['INSCRIT', null, null, null],
    ]);
    expect((await agent.get('/etudiants')).text).not.toContain('secret@example.org');
  });

  it('makes no filter, order or search tell what may not be read', async () => {
    await aStudent(app.services, { lastName: 'ANCIEN', status: 'alumni', ...contact });
    await aStudent(app.services, { lastName: 'INSCRIT', status: 'en_fonction', ...contact });
    await aStudent(app.services, { lastName: 'AUTRE', status: 'en_fonction', city: 'Zuydcoote' });

    const identities = await app.signInAs('recherche');
    expect(await namesOf(identities.agent, '/etudiants.json?ville=Lyon')).toEqual(['AUTRE', 'INSCRIT']);
    expect(await namesOf(identities.agent, '/etudiants.json?tri=-ville')).toEqual(['AUTRE', 'INSCRIT']);
    for (const q of ['0639980102', 'secret@example.org', '69003'])
      expect(await namesOf(identities.agent, `/etudiants.json?q=${q}`), q).toEqual([]);
    expect((await identities.agent.get('/etudiants?ville=Lyon')).text).not.toContain('Ville');

    const partly = await app.signInAs('relations-exterieures');
    expect(await namesOf(partly.agent, '/etudiants.json?ville=Lyon')).toEqual(['ANCIEN']);
    expect(await namesOf(partly.agent, '/etudiants.json?tri=-ville')).toEqual(['ANCIEN', 'AUTRE', 'INSCRIT']);
    for (const q of ['06 39 98 01 02', '0639980103', 'secret@example.org', '69003'])
      expect(await namesOf(partly.agent, `/etudiants.json?q=${encodeURIComponent(q)}`), q).toEqual(['ANCIEN']);
  });
});

describe('the pages of the list of students', () => {
  it('tells an empty base what to do next', async () => {
    const { agent } = await app.signInAs('scolarite');
    const page = await agent.get('/etudiants');
    expect(page.text).toContain('Aucun étudiant pour l’instant');
    expect(page.text).toContain('href="/imports/nouveau"');
    expect(linkOf(page.text, 'next')).toBeNull();
  });

  it('tells a search without result something else', async () => {
    await students('ABRIAL');
    const { agent } = await app.signInAs('scolarite');
    const page = await agent.get('/etudiants?q=zzz');
    expect(page.text).toContain('Aucun résultat');
    expect(page.text).not.toContain('Importer le référentiel');
  });

  it('are gone through to the end and back by their links', async () => {
    await students('A1', 'B2', 'C3', 'D4', 'E5');
    const { agent } = await app.signInAs('scolarite');
    const first = await agent.get('/etudiants?limite=2');
    expect(shownNames(first.text)).toEqual(['A1', 'B2']);
    expect(first.text).toContain('5 étudiants');
    expect(first.text).toContain('1–2 sur 5');
    expect(linkOf(first.text, 'prev')).toBeNull();
    const second = await agent.get(linkOf(first.text, 'next') ?? '');
    expect(shownNames(second.text)).toEqual(['C3', 'D4']);
    expect(second.text).toContain('3–4 sur 5');
    const third = await agent.get(linkOf(second.text, 'next') ?? '');
    expect(shownNames(third.text)).toEqual(['E5']);
    expect(third.text).toContain('5–5 sur 5');
    expect(linkOf(third.text, 'next')).toBeNull();
    const back = await agent.get(linkOf(third.text, 'prev') ?? '');
    expect(shownNames(back.text)).toEqual(['C3', 'D4']);
    expect(back.text).toContain('3–4 sur 5');
    const start = await agent.get(linkOf(back.text, 'prev') ?? '');
    expect(shownNames(start.text)).toEqual(['A1', 'B2']);
    expect(linkOf(start.text, 'prev')).toBeNull();
  });

  it('tell namesakes apart by their id: none is lost and none comes twice', async () => {
    const made: string[] = [];
    for (let count = 0; count < 7; count += 1)
      made.push((await aStudent(app.services, { lastName: 'MARTIN', firstName: 'Marie' })).id);
    const { agent } = await app.signInAs('scolarite');
    for (const order of ['nom', '-nom']) {
      const seen: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const answer = await agent.get(`/etudiants.json?limite=3&tri=${order}${next && `&apres=${next}`}`);
        const body = answer.body as { rows: JsonRow[]; total: number; next: string | null };
        expect(body.total).toBe(7);
        seen.push(...body.rows.map(({ id }) => id));
        next = body.next;
      }
      expect(seen).toHaveLength(7);
      expect(new Set(seen)).toEqual(new Set(made));
    }
  });

  it('go on after a row that was deleted meanwhile', async () => {
    await students('A1', 'B2', 'C3', 'D4');
    const { agent } = await app.signInAs('scolarite');
    const { body } = await agent.get('/etudiants.json?limite=2');
    await app.database.query("DELETE FROM student WHERE last_name = 'B2'");
    const { next } = body as { next: string };
    expect(await namesOf(agent, `/etudiants.json?limite=2&apres=${next}`)).toEqual(['C3', 'D4']);
  });

  it('open from the beginning when the place is nonsense', async () => {
    await students('A1', 'B2');
    const { agent } = await app.signInAs('scolarite');
    for (const apres of ['%27%20OR%201=1', 'AAAA', 'WyJub20iXQ', '..%2F..', 'x'.repeat(3_000)])
      expect(await namesOf(agent, `/etudiants.json?apres=${apres}`), apres).toEqual(['A1', 'B2']);
  });

  it('ask the database as often for fifty rows as for one, four times at most', async () => {
    const { agent } = await app.signInAs('scolarite');
    const countFor = async (): Promise<number> => {
      await agent.get('/etudiants');
      app.clock.advance(60_000);
      const before = app.services.database.statementCount();
      expect((await agent.get('/etudiants')).status).toBe(200);
      return app.services.database.statementCount() - before;
    };
    await students('A1');
    const one = await countFor();
    for (let count = 0; count < 49; count += 1)
      await aStudent(app.services, { programme: 'MBA', tags: ['Jury'], status: count % 2 ? 'alumni' : 'prospect' });
    expect(await countFor()).toBe(one);
    // Session, its touch and the account come before the list.
    expect(one).toBeLessThanOrEqual(3 + 4);
  });

  it('answer htmx with the part it asked for', async () => {
    await students('A1');
    const { agent } = await app.signInAs('scolarite');
    const part = await agent.get('/etudiants').set('HX-Request', 'true');
    expect(part.text).toContain('id="students-results"');
    expect(part.text).not.toContain('<html');
    expect(part.headers['vary']).toContain('HX-Request');
  });
});

describe('the orders of the list of students', () => {
  /** Programmes are remembered for some seconds: each test comes later than the one before. */
  let later = 0;
  async function world(): Promise<void> {
    const base = Date.UTC(2026, 0, 1);
    const people: [string, StudentStatus, string | undefined, string | null][] = [
      ['ABEL', 'prospect', 'MBA', 'Nice'],
      ['BRUN', 'alumni', undefined, null],
      ['CARO', 'en_fonction', 'Bachelor', 'Évreux'],
      ['DIAZ', 'alumni', 'Bachelor', 'Brest'],
      ['ÉMIN', 'prospect', undefined, null],
    ];
    for (const [index, [lastName, status, programme, city]] of people.entries())
      await aStudent(app.services, {
        lastName,
        status,
        programme,
        city,
        updatedAt: new Date(base + index * 86_400_000),
      });
  }

  it.each([
    ['nom', ['ABEL', 'BRUN', 'CARO', 'DIAZ', 'ÉMIN']],
    ['-nom', ['ÉMIN', 'DIAZ', 'CARO', 'BRUN', 'ABEL']],
    ['numero', ['ABEL', 'BRUN', 'CARO', 'DIAZ', 'ÉMIN']],
    ['-numero', ['ÉMIN', 'DIAZ', 'CARO', 'BRUN', 'ABEL']],
    ['statut', ['BRUN', 'DIAZ', 'CARO', 'ABEL', 'ÉMIN']],
    ['-statut', ['ÉMIN', 'ABEL', 'CARO', 'DIAZ', 'BRUN']],
    ['ville', ['DIAZ', 'CARO', 'ABEL', 'BRUN', 'ÉMIN']],
    ['-ville', ['ABEL', 'CARO', 'DIAZ', 'ÉMIN', 'BRUN']],
    ['formation', ['CARO', 'DIAZ', 'ABEL', 'BRUN', 'ÉMIN']],
    ['-formation', ['ABEL', 'DIAZ', 'CARO', 'ÉMIN', 'BRUN']],
    ['maj', ['ABEL', 'BRUN', 'CARO', 'DIAZ', 'ÉMIN']],
    ['-maj', ['ÉMIN', 'DIAZ', 'CARO', 'BRUN', 'ABEL']],
  ])('follow tri=%s, page after page and back', async (tri, expected) => {
    await world();
    later += 60_000;
    app.clock.advance(later);
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent, `/etudiants.json?tri=${tri}`)).toEqual(expected);
    const seen: string[] = [];
    let body = (await agent.get(`/etudiants.json?limite=2&tri=${tri}`)).body as {
      rows: JsonRow[];
      next: string;
      previous: string;
    };
    for (;;) {
      seen.push(...body.rows.map((row) => row.lastName));
      if (!body.next) break;
      body = (await agent.get(`/etudiants.json?limite=2&tri=${tri}&apres=${body.next}`)).body as typeof body;
    }
    expect(seen).toEqual(expected);
    body = (await agent.get(`/etudiants.json?limite=2&tri=${tri}&avant=${body.previous}`)).body as typeof body;
    expect(body.rows.map((row) => row.lastName)).toEqual(expected.slice(2, 4));
    body = (await agent.get(`/etudiants.json?limite=2&tri=${tri}&avant=${body.previous}`)).body as typeof body;
    expect(body.rows.map((row) => row.lastName)).toEqual(expected.slice(0, 2));
    expect(body.previous).toBeNull();
  });

  it('are told by the headings, which turn them round', async () => {
    await world();
    const { agent } = await app.signInAs('scolarite');
    const page = await agent.get('/etudiants?tri=nom');
    expect(page.text).toMatch(/aria-sort="ascending"[^]*?href="\/etudiants\?tri=-nom"/);
    expect((await agent.get('/etudiants?tri=-nom')).text).toMatch(
      /aria-sort="descending"[^]*?href="\/etudiants\?tri=nom"/,
    );
  });

  it('fall back to names when unknown', async () => {
    await world();
    const { agent } = await app.signInAs('scolarite');
    expect(await namesOf(agent, '/etudiants.json?tri=nir;DROP')).toEqual(['ABEL', 'BRUN', 'CARO', 'DIAZ', 'ÉMIN']);
  });
});

describe('the filters of the list of students', () => {
  it('leave those that answer, by id or by name', async () => {
    const company = await aCompany(app.services, { name: 'Maison Vauban SAS' });
    const abel = await aStudent(app.services, {
      lastName: 'ABEL',
      status: 'prospect',
      programme: 'MBA Management',
      cohort: 'Promotion 2026',
      tags: ['Boursière', 'Jury'],
    });
    await aStudent(app.services, {
      lastName: 'BRUN',
      status: 'alumni',
      companyId: company.id,
      city: 'Saint-Étienne',
      tags: ['Jury'],
    });
    await aStudent(app.services, {
      lastName: 'CARO',
      status: 'alumni',
      companyText: 'Atelier du Nord',
      missingSince: new Date(),
    });
    await aStudent(app.services, { lastName: 'DIAZ', status: 'en_fonction', anomalyCount: 2 });
    const { agent } = await app.signInAs('scolarite');
    const cases: [string, string[]][] = [
      ['statut=alumni', ['BRUN', 'CARO']],
      ['statut=prospect&statut=en_fonction', ['ABEL', 'DIAZ']],
      ['statut=inconnu', ['ABEL', 'BRUN', 'CARO', 'DIAZ']],
      [`formation=${abel.programmeId}`, ['ABEL']],
      ['formation=mba+MANAGEMENT', ['ABEL']],
      [`promotion=${abel.cohortId}`, ['ABEL']],
      ['promotion=promotion+2026', ['ABEL']],
      ['ville=saint-etienne', ['BRUN']],
      [`entreprise=${company.id}`, ['BRUN']],
      ['entreprise=maison+vau', ['BRUN']],
      ['entreprise=atelier', ['CARO']],
      ['etiquette=jury', ['ABEL', 'BRUN']],
      ['etiquette=jury&etiquette=boursiere', ['ABEL']],
      ['etiquette=inconnue', []],
      ['absent=1', ['CARO']],
      ['anomalie=1', ['DIAZ']],
      ['archives=1', []],
      ['statut=alumni&etiquette=jury&ville=Saint-%C3%89tienne', ['BRUN']],
      ['q=brun&etiquette=jury', ['BRUN']],
      ['formation=00000000-0000-7000-8000-000000000000', []],
    ];
    for (const [query, expected] of cases) {
      expect(await namesOf(agent, `/etudiants.json?${query}`), query).toEqual(expected);
      const { body } = await agent.get(`/etudiants.json?${query}`);
      expect((body as { total: number }).total, query).toBe(expected.length);
      expect((await agent.get(`/etudiants?${query}`)).status, query).toBe(200);
    }
  });

  it('are told above the table, each with the link that removes it', async () => {
    const company = await aCompany(app.services, { name: 'Maison Vauban' });
    await aStudent(app.services, { lastName: 'BRUN', status: 'alumni', companyId: company.id });
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/etudiants?statut=alumni&entreprise=${company.id}&q=brun`);
    expect(text).toContain('Statut : <b>Alumni</b>');
    expect(text).toContain('Entreprise : <b>Maison Vauban</b>');
    expect(text).toContain(`href="/etudiants?q=brun&amp;entreprise=${company.id}"`);
    expect(text).toContain('href="/etudiants?q=brun&amp;statut=alumni"');
  });
});

describe('the list of alumni', () => {
  it('holds alumni alone, their company and post beside their name', async () => {
    const company = await aCompany(app.services, { name: 'Maison Vauban' });
    await aStudent(app.services, {
      lastName: 'BRUN',
      status: 'alumni',
      companyId: company.id,
      positionTitle: 'Acheteuse',
    });
    await aStudent(app.services, { lastName: 'CARO', status: 'en_fonction' });
    const { agent } = await app.signInAs('relations-exterieures');
    const page = await agent.get('/alumni?statut=en_fonction');
    expect(shownNames(page.text)).toEqual(['BRUN']);
    expect(page.text).toContain(`<a href="/entreprises/${company.id}">Maison Vauban</a>`);
    expect(page.text).toContain('Acheteuse');
    const headings = [...page.text.matchAll(/<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)/g)].map(([, label]) => label);
    expect(headings.slice(0, 3)).toEqual(['Nom', 'Entreprise', 'Poste']);
  });

  it('shows the current post, not a former one', async () => {
    const company = await aCompany(app.services, { name: 'Maison Vauban' });
    const brun = await aStudent(app.services, { lastName: 'BRUN', status: 'alumni', companyId: company.id });
    await app.database.query('UPDATE position SET ended_on = ? WHERE student_id = ?', ['2025-12-31', brun.id]);
    const { agent } = await app.signInAs('scolarite');
    const [row] = await rowsOf(agent, '/alumni.json');
    expect(row).toMatchObject({ lastName: 'BRUN', company: null, companyId: null });
    expect(await namesOf(agent, `/alumni.json?entreprise=${company.id}`)).toEqual([]);
  });
});

describe('the entry of the alumni in the navigation', () => {
  it.each([
    ['scolarite', true],
    ['relations-exterieures', true],
    ['direction', false],
    ['recherche', false],
    ['rh-finance', false],
  ])('is shown to %s: %s', async (role, shown) => {
    const { text } = await (await app.signInAs(role)).agent.get('/compte');
    expect(text.includes('href="/alumni"')).toBe(shown);
    expect(text).toContain('href="/etudiants"');
  });
});
