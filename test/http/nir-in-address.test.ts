/** A social-security number stays in no address, no log, no title and no session. */
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { createServices } from '../../src/container.ts';
import { createLogger } from '../../src/log.ts';
import { createAdminSite } from '../../src/sites/admin.ts';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { inventedNir } from '../support/student-file.ts';

const app = useTestApp();

const NIR = inventedNir(900);
const SPACED = NIR.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1 $2 $3 $4 $5 $6 $7');
const holds = (text: string): boolean => text.replace(/\D/g, '').includes(NIR.slice(0, 13));

describe('the search box', () => {
  it('sends what is typed by POST, as one types and at the end', async () => {
    const { agent } = await app.signInAs('scolarite');
    const form = /<form class="search-box"[^>]*>/.exec((await agent.get('/')).text)?.[0];
    expect(form).toContain('method="post"');
    const box = /<input[^>]*id="global-search"[^>]*>/.exec((await agent.get('/')).text)?.[0];
    expect(box).toContain('hx-post="/recherche"');
    expect(box).not.toContain('hx-get');
  });

  it.each([NIR, SPACED, `dupont ${NIR}`])(
    'answers %s without an address, a title or a link that holds it',
    async (q) => {
      const { id } = await aStudent(app.services, { lastName: 'CACHEE', nir: NIR });
      const { post } = await app.signInAs('scolarite', 'agent-nir');
      const answer = await post('/recherche', { q });
      expect(answer.status).toBe(200);
      if (!q.startsWith('dupont')) expect(answer.text).toContain(`/etudiants/${id}`);
      expect(holds(answer.text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ''))).toBe(false);
      expect(answer.text).not.toContain(NIR);
      expect(answer.text).not.toContain(SPACED);
    },
  );

  it('leads to no address with a number of which one character is mistyped', async () => {
    const { post } = await app.signInAs('scolarite', 'agent-nir');
    const mistyped = `${NIR.slice(0, -1)}${(Number(NIR.slice(-1)) + 1) % 10}`;
    const answer = await post('/recherche', { q: mistyped });
    expect(answer.status).toBe(200);
    expect(holds(answer.text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ''))).toBe(false);
  });

  it('says in its suggestions that nothing answers, with the number masked', async () => {
    const { agent, csrf } = await app.signInAs('scolarite');
    const answer = await agent
      .post('/recherche')
      .set('HX-Target', 'search-suggestions')
      .type('form')
      .send({ q: SPACED, _csrf: await csrf() });
    expect(answer.text).toContain(`* ** ** ** *** *** ${NIR.slice(-2)}`);
    expect(answer.text).not.toContain(SPACED);
  });

  it('is for those who read a list', async () => {
    expect((await (await app.signInAs('informatique')).post('/recherche', { q: NIR })).status).toBe(403);
  });
});

const LISTS = [
  '/recherche',
  '/etudiants',
  '/alumni',
  '/entreprises',
  '/contacts',
  '/utilisateurs',
  '/journal',
  '/imports',
  '/etudiants/nouveau',
  '/adresse-inconnue',
];

describe('an address that holds one', () => {
  it.each(LISTS)('%s is answered by the same one without it, and says where to type it', async (path) => {
    const { agent } = await app.signInAs('scolarite', 'dpo');
    for (const q of [NIR, SPACED, `dupont ${SPACED}`]) {
      const answer = await agent.get(path).query({ q, tri: 'nom' });
      expect(answer.status).toBe(303);
      expect(answer.headers['location']).toBe(`${path}?tri=nom`);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(holds(answer.text)).toBe(false);
    }
    const sessions = await app.database.query<{ data: string }>('SELECT data FROM staff_session');
    expect(sessions.some(({ data }) => holds(data))).toBe(false);
    expect((await agent.get('/')).text).toContain('tapez-le dans la recherche');
  });

  it.each(['//ailleurs.example/', '/\\ailleurs.example/'])('never leads from %s to another site', async (path) => {
    for (const headers of [{}, { 'HX-Request': 'true' }]) {
      const { agent } = await app.signInAs('scolarite');
      const answer = await agent.get(`${path}?q=${NIR}&tri=nom`).set(headers);
      const { location, 'hx-redirect': left } = answer.headers;
      expect(location ?? left).toMatch(/^\/(?![/\\])/);
    }
  });

  it('is left by htmx too', async () => {
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get('/etudiants').query({ q: NIR }).set('HX-Request', 'true');
    expect(answer.status).toBe(204);
    expect(answer.headers['hx-redirect']).toBe('/etudiants');
  });

  it('is refused to programs and for files', async () => {
    const { agent } = await app.signInAs('scolarite', 'agent-nir');
    for (const path of ['/etudiants.json', '/etudiants.csv', '/etudiants.xlsx', '/recherche.json']) {
      const answer = await agent.get(path).query({ q: NIR });
      expect(answer.status, path).toBe(400);
      expect(holds(answer.text), path).toBe(false);
    }
  });

  it.each([NIR, encodeURIComponent(SPACED)])('is refused where it stands in the path: %s', async (written) => {
    const { agent } = await app.signInAs('scolarite');
    const answers = await Promise.all([
      agent.get(`/etudiants/${written}`),
      supertest(app.admin).get(`/etudiants/${written}`).set('Accept', 'text/html'),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(holds(answer.text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ''))).toBe(false);
    }
    const sessions = await app.database.query<{ data: string }>('SELECT data FROM staff_session');
    expect(sessions.some(({ data }) => holds(data))).toBe(false);
  });

  it('is not what an identifier happens to look like', async () => {
    const { agent } = await app.signInAs('dpo');
    const id = `01a20598-a1be-7000-a${NIR.slice(0, 3)}-${NIR.slice(3)}`;
    expect((await agent.get('/journal').query({ fiche: id })).status).toBe(200);
    expect((await agent.get(`/utilisateurs/${id}`)).status).not.toBe(400);
    expect((await agent.get('/journal').query({ fiche: `${id} ${NIR}` })).status).toBe(303);
  });

  it('is not where someone is led after signing in', async () => {
    const answer = await supertest(app.admin).get('/etudiants').query({ q: NIR }).set('Accept', 'text/html');
    expect(answer.headers['location']).toBe('/etudiants');
    const suite = `/etudiants?q=${encodeURIComponent(SPACED)}`;
    const door = await supertest(app.admin).get('/connexion').query({ suite }).set('Accept', 'text/html');
    expect(door.headers['location']).toBe('/connexion');
  });

  it('is not on the student site either', async () => {
    const answer = await supertest(app.portal).get('/connexion').query({ q: NIR }).set('Accept', 'text/html');
    expect(answer.headers['location']).toBe('/connexion');
  });

  it('with a number of another kind is left as it is', async () => {
    const { agent } = await app.signInAs('scolarite');
    for (const q of ['73282932000074', '0033199001234', `${NIR.slice(0, 13)}00`])
      expect((await agent.get('/entreprises').query({ q })).status, q).toBe(200);
  });
});

describe('the log', () => {
  it('holds none, at its most talkative', async () => {
    const lines: string[] = [];
    const log = createLogger('trace', { write: (line) => void lines.push(line) });
    const services = createServices(app.config, { clock: app.clock, log });
    try {
      const site = createAdminSite(services, app.config);
      for (const path of [
        `/recherche?q=${NIR}`,
        `/etudiants?q=${encodeURIComponent(SPACED)}`,
        `/etudiants.json?q=${NIR}`,
        `/etudiants/${NIR}`,
        `/${encodeURIComponent(SPACED)}`,
        `/connexion?suite=${encodeURIComponent(`/etudiants?q=${NIR}`)}`,
      ])
        await supertest(site).get(path).set('Referer', `http://127.0.0.1/etudiants?q=${NIR}`);
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.filter((line) => line.includes('/recherche'))).not.toEqual([]);
      for (const line of lines) {
        const { req, ...rest } = JSON.parse(line) as { req?: { id?: string; path?: string } };
        expect(holds(decodeURIComponent(req?.path ?? ''))).toBe(false);
        expect(JSON.stringify(rest)).not.toContain(NIR);
      }
    } finally {
      await services.close();
    }
  });
});
