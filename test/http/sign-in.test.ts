/** Long because the door has many ways to be tried, and all share one set-up. */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import supertest from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import { createServices } from '../../src/container.ts';
import { createAdminSite } from '../../src/sites/admin.ts';
import { csrfIn, TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { anAccount, journalOf, openDoor } from '../support/door.ts';

const app = useTestApp();
const WRONG = 'Tout-Autre-Chose-99';
const cookieOf = (response: { headers: Record<string, unknown> }): string =>
  String((response.headers['set-cookie'] as string[] | undefined)?.[0] ?? '');
const identifierOf = (response: { headers: Record<string, unknown> }): string => cookieOf(response).split(';')[0] ?? '';

describe('signing in to the administrative site', () => {
  it('opens the home page to a member of staff', async () => {
    const { agent } = await app.signInAs('scolarite');
    const home = await agent.get('/');
    expect(home.status).toBe(200);
    expect(home.text).toContain('Pôle Scolarité');
  });

  it('takes the address in any case, with spaces around', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const answer = await openDoor(app.admin).knock({ email: ` ${email.toUpperCase()} `, password: TEST_PASSWORD });
    expect(answer.status).toBe(303);
  });

  it('greets a first sign-in, and shows date and address of the one before at the next', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const first = openDoor(app.admin);
    await first.knock({ email, password: TEST_PASSWORD });
    expect((await first.agent.get('/compte')).text).toContain('C’est votre première connexion');
    const second = openDoor(app.admin);
    await second.knock({ email, password: TEST_PASSWORD });
    const page = await second.agent.get('/compte');
    expect(page.text).toMatch(/Dernière connexion.*depuis (::ffff:)?127\.0\.0\.1/);
    expect((await second.agent.get('/compte')).text).not.toContain('Dernière connexion');
  });

  it('has what the page after it needs before the redirect leaves', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    const page = await door.agent.get('/connexion');
    const server = createServer(app.admin).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // Writing a session takes its time, as on a busy server.
    const { database } = app.services;
    const query = database.query.bind(database);
    vi.spyOn(database, 'query').mockImplementation(async (statement) => {
      if (/^(INSERT INTO|UPDATE)\s+staff_session/.test(statement.sql)) await pause(200);
      return query(statement);
    });
    const body = new URLSearchParams({ email, password: TEST_PASSWORD, _csrf: csrfIn(page.text) }).toString();
    const answered = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        {
          port,
          path: '/connexion',
          method: 'POST',
          headers: {
            'Content-Type': 'application/x-www-form-urlencoded',
            'Content-Length': body.length,
            Cookie: identifierOf(page),
          },
        },
        resolve,
      );
      sent.on('error', reject);
      sent.end(body);
    });
    // A browser follows at the headers, before the body has come.
    const next = await supertest(app.admin).get('/compte').set('Cookie', identifierOf(answered));
    expect(next.text).toContain('C’est votre première connexion');
    answered.resume();
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuses a wrong password, an unknown address and a disabled account with the same page', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const disabled = await anAccount(app, 'scolarite');
    await app.database.query('UPDATE staff_user SET disabled_at = NOW() WHERE id = ?', [disabled.id]);
    const door = openDoor(app.admin);
    const answers = [
      await door.knock({ email, password: WRONG }),
      await door.knock({ email: 'personne@acme.example', password: TEST_PASSWORD }),
      await door.knock({ email: disabled.email, password: TEST_PASSWORD }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
    const plain = answers.map(({ text }) => text.replace(/value="[^"]*"/g, '').replace(/[0-9a-f-]{36}/g, ''));
    expect(new Set(plain).size).toBe(1);
    expect(answers[0]?.text).toContain('Adresse ou mot de passe incorrect');
    expect(answers[0]?.text).not.toContain(WRONG);
  });

  it('takes as long for an unknown address as for a known one', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const durations = { known: [] as number[], unknown: [] as number[] };
    for (let round = 0; round < 3; round += 1) {
      for (const [kind, address] of [
        ['known', email],
        ['unknown', `personne${round}@acme.example`],
      ] as const) {
        const door = openDoor(app.admin);
        const token = csrfIn((await door.agent.get('/connexion')).text);
        const startedAt = performance.now();
        await door.agent.post('/connexion').type('form').send({ email: address, password: WRONG, _csrf: token });
        durations[kind].push(performance.now() - startedAt);
      }
    }
    // Both hash a password and write the journal: an answer that skipped either would be several times faster.
    expect(Math.min(...durations.unknown)).toBeGreaterThan(Math.min(...durations.known) / 2);
    expect(Math.min(...durations.known)).toBeGreaterThan(Math.min(...durations.unknown) / 2);
  });

  it('journals sign-ins, refusals and sign-outs, and never what was typed', async () => {
    const { id, email } = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    await door.knock({ email, password: WRONG });
    await door.knock({ email, password: TEST_PASSWORD });
    await door.send('/deconnexion', {}, '/compte');
    expect(await journalOf(app, id)).toEqual(['user.created', 'session.refused', 'session.opened', 'session.closed']);
    await openDoor(app.admin).knock({ email: 'mon-mot-de-passe', password: WRONG });
    expect(await journalOf(app, 'unknown-account')).toEqual(['session.refused']);
  });

  it('asks for both fields', async () => {
    const answer = await openDoor(app.admin).knock({ email: '', password: '' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('id="email-error"');
    expect(answer.text).toContain('id="password-error"');
  });

  it('keeps nobody in who signed out', async () => {
    const { agent, post } = await app.signInAs('scolarite');
    const answer = await post('/deconnexion');
    expect(answer.headers['location']).toBe('/connexion');
    expect((await agent.get('/connexion')).text).toContain('Vous êtes déconnecté');
    expect((await agent.get('/compte')).status).toBe(303);
  });
});

describe('the throttle', () => {
  it('makes the fifth failure wait, and says how long', async () => {
    const door = openDoor(app.admin);
    const statuses: number[] = [];
    const attempt = () => door.knock({ email: 'cible@acme.example', password: WRONG });
    for (let count = 0; count < 6; count += 1) statuses.push((await attempt()).status);
    expect(statuses).toEqual([422, 422, 422, 422, 429, 429]);
    const last = await attempt();
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(800);
    expect(last.text).toContain('Réessayez dans 15 min');
  });

  it('holds for the right password too, and for an account under any writing of its address', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    for (let count = 0; count < 5; count += 1) await door.knock({ email, password: WRONG });
    expect((await door.knock({ email: email.toUpperCase(), password: TEST_PASSWORD })).status).toBe(429);
  });

  it.each([
    ['accents', (email: string) => email.replace('o', 'ô')],
    ['wide letters', (email: string) => email.replace('c', 'ｃ')],
    ['an invisible character', (email: string) => `\u200b${email}`],
  ])('knows no account by its address written with %s, which would be attempts of its own', async (_what, written) => {
    const { email } = await anAccount(app, 'scolarite');
    const answer = await openDoor(app.admin).knock({ email: written(email), password: TEST_PASSWORD });
    expect(answer.status).toBe(422);
  });

  it('wins nothing by sending attempts at once', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    const token = csrfIn((await door.agent.get('/connexion')).text);
    const attempts = Array.from({ length: 12 }, () =>
      door.agent.post('/connexion').type('form').send({ email, password: WRONG, _csrf: token }),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 422).length).toBeLessThanOrEqual(5);
    expect((await door.knock({ email, password: TEST_PASSWORD })).status).toBe(429);
  });

  it('survives a restart', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    for (let count = 0; count < 5; count += 1) await door.knock({ email, password: WRONG });
    const restarted = createServices(app.config, { clock: app.clock, log: app.services.log });
    try {
      const again = openDoor(createAdminSite(restarted, app.config));
      expect((await again.knock({ email, password: TEST_PASSWORD })).status).toBe(429);
    } finally {
      await restarted.close();
    }
  });

  it('forgets the failures of an account that signs in, and lets others in meanwhile', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const other = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    for (let count = 0; count < 4; count += 1) await door.knock({ email, password: WRONG });
    expect((await openDoor(app.admin).knock({ email: other.email, password: TEST_PASSWORD })).status).toBe(303);
    expect((await openDoor(app.admin).knock({ email, password: TEST_PASSWORD })).status).toBe(303);
    for (let count = 0; count < 4; count += 1) expect((await door.knock({ email, password: WRONG })).status).toBe(422);
  });

  it('closes an address that tries account after account', async () => {
    const door = openDoor(app.admin);
    const token = csrfIn((await door.agent.get('/connexion')).text);
    const statuses: number[] = [];
    for (let count = 0; count < 51; count += 1) {
      const email = `cible${count}@acme.example`;
      const answer = await door.agent.post('/connexion').type('form').send({ email, password: WRONG, _csrf: token });
      statuses.push(answer.status);
    }
    expect(statuses.slice(0, 49)).toEqual(Array.from({ length: 49 }, () => 422));
    expect(statuses.slice(49)).toEqual([429, 429]);
  });
});

describe('the session', () => {
  it('has a new identifier after the sign-in: one planted before is worth nothing', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    const page = await door.agent.get('/connexion');
    const planted = identifierOf(page);
    const entered = await door.agent
      .post('/connexion')
      .type('form')
      .send({ email, password: TEST_PASSWORD, _csrf: csrfIn(page.text) });
    expect(planted).toMatch(/^crm_admin=/);
    expect(identifierOf(entered)).toMatch(/^crm_admin=/);
    expect(identifierOf(entered)).not.toBe(planted);
    const withPlanted = await supertest(app.admin).get('/compte').set('Cookie', planted).set('Accept', 'text/html');
    expect(withPlanted.status).toBe(303);
  });

  it('is kept in a cookie that scripts cannot read and other sites do not send', async () => {
    const cookie = cookieOf(await supertest(app.admin).get('/connexion'));
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).not.toContain('Secure');
    expect(cookie).not.toContain('Expires');
  });

  it('travels only over TLS where the site is behind TLS', async () => {
    const config = { ...app.config, publicAdminUrl: 'https://crm.acme.example' };
    const site = createAdminSite(app.services, config);
    const behind = await supertest(site).get('/connexion').set('X-Forwarded-Proto', 'https');
    expect(cookieOf(behind)).toContain('Secure');
    // Another host of the school cannot plant it.
    expect(cookieOf(behind)).toMatch(/^__Host-crm_admin=/);
    expect(cookieOf(behind)).toContain('Path=/;');
    expect(cookieOf(behind)).not.toContain('Domain');
    expect(behind.headers['strict-transport-security']).toContain('max-age=31536000');
    expect(cookieOf(await supertest(site).get('/connexion'))).toBe('');
  });

  it('is read behind TLS under the name it was given', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const site = createAdminSite(app.services, { ...app.config, publicAdminUrl: 'https://crm.acme.example' });
    const behind = (sent: supertest.Test) => sent.set('X-Forwarded-Proto', 'https');
    const door = await behind(supertest(site).get('/connexion'));
    const entered = await behind(supertest(site).post('/connexion'))
      .set('Cookie', identifierOf(door))
      .type('form')
      .send({ email, password: TEST_PASSWORD, _csrf: csrfIn(door.text) });
    expect(entered.status).toBe(303);
    const cookie = identifierOf(entered);
    expect((await behind(supertest(site).get('/compte')).set('Cookie', cookie)).status).toBe(200);
    const plain = cookie.replace('__Host-', '');
    expect((await behind(supertest(site).get('/compte')).set('Cookie', plain)).status).toBe(303);
  });

  it('is not in the database as the cookie holds it', async () => {
    const page = await supertest(app.admin).get('/connexion');
    const sid = decodeURIComponent(identifierOf(page).split('=')[1] ?? '')
      .slice(2)
      .split('.')[0];
    const rows = await app.database.query<{ id: string; data: string }>('SELECT id, data FROM staff_session');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(sid);
  });

  it('ends at once for an account that is disabled', async () => {
    const { agent, userId } = await app.signInAs('scolarite');
    await app.database.query('UPDATE staff_user SET disabled_at = NOW() WHERE id = ?', [userId]);
    expect((await agent.get('/compte')).headers['location']).toBe('/connexion?suite=%2Fcompte');
  });

  it('closed from elsewhere is not opened again by a request under way', async () => {
    const { agent, csrf, userId } = await app.signInAs('scolarite');
    const token = await csrf();
    const [session] = await app.database.query<{ id: string; data: string }>(
      'SELECT id, data FROM staff_session WHERE user_id = ?',
      [userId],
    );
    const original = app.services.accounts.setPreference.bind(app.services.accounts);
    // The session is closed between the moment the request read it and the moment its end writes it.
    app.services.accounts.setPreference = async (...given) => {
      await app.database.query('DELETE FROM staff_session WHERE id = ?', [session?.id]);
      await original(...given);
    };
    try {
      await agent.post('/preferences/theme').type('form').send({ theme: 'dark', _csrf: token });
    } finally {
      app.services.accounts.setPreference = original;
    }
    expect(await app.database.query('SELECT id FROM staff_session WHERE user_id = ?', [userId])).toEqual([]);
    expect((await agent.get('/compte')).status).toBe(303);
  });
});

describe('the way back', () => {
  it('leads back to the form that was sent after the session ended, never to another site', async () => {
    const from = async (referer: string): Promise<unknown> => {
      const sent = supertest(app.admin).post('/etudiants/nouveau').set('Host', 'crm.test').set('Referer', referer);
      return (await sent.type('form').send({})).headers['location'];
    };
    expect(await from('http://crm.test/etudiants/nouveau?x=1')).toBe('/connexion?suite=%2Fetudiants%2Fnouveau%3Fx%3D1');
    for (const other of ['http://else.test/etudiants/nouveau', 'about:blank', ''])
      expect(await from(other)).toBe('/connexion');
  });

  it('sends an anonymous visitor to sign in, and back to where they were going', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const door = openDoor(app.admin);
    const answer = await door.agent.get('/compte?onglet=1').set('Accept', 'text/html');
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/connexion?suite=%2Fcompte%3Fonglet%3D1');
    const page = await door.agent.get(answer.headers['location'] ?? '');
    expect(page.text).toContain('name="suite" value="/compte?onglet=1"');
    const entered = await door.knock({ email, password: TEST_PASSWORD, suite: '/compte?onglet=1' });
    expect(entered.headers['location']).toBe('/compte?onglet=1');
  });

  it.each([
    'https://ailleurs.example/',
    '//ailleurs.example',
    '/\\ailleurs.example',
    '\\/ailleurs.example',
    '/\t/ailleurs.example',
    '/%0d%0aLocation:%20x\r\nX: y',
    'javascript:alert(1)',
    'compte',
    '',
  ])('never leaves the site: %j', async (suite) => {
    const { email } = await anAccount(app, 'scolarite');
    const entered = await openDoor(app.admin).knock({ email, password: TEST_PASSWORD, suite });
    expect(entered.status).toBe(303);
    expect(entered.headers['location']).toBe('/');
  });

  it('shows someone who is already in the page they asked for', async () => {
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/connexion?suite=/compte')).headers['location']).toBe('/compte');
    expect((await agent.get('/connexion?suite=//ailleurs.example')).headers['location']).toBe('/');
  });
});
