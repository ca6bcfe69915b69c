import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { csrfIn, TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { anAccount, journalOf, openDoor } from '../support/door.ts';

const app = useTestApp();

const versionIn = (html: string): string => /name="version" value="(\d+)"/.exec(html)?.[1] ?? '';

describe('one’s own profile', () => {
  it('is for signed-in people', async () => {
    for (const path of ['/compte', '/compte/securite', '/compte/sessions', '/compte/second-facteur']) {
      const answer = await supertest(app.admin).get(path).set('Accept', 'text/html');
      expect(answer.headers['location'], path).toBe(`/connexion?suite=${encodeURIComponent(path)}`);
    }
  });

  it('changes name, language and theme, and the page with them', async () => {
    const { agent, post, userId } = await app.signInAs('scolarite');
    const version = versionIn((await agent.get('/compte')).text);
    const answer = await post('/compte', { name: 'Claire Nouvelle', language: 'en', theme: 'dark', version });
    expect(answer.status).toBe(303);
    const page = await agent.get('/compte');
    expect(page.text).toContain('<html lang="en" data-bs-theme="dark"');
    expect(page.text).toContain('Claire Nouvelle');
    expect(await journalOf(app, userId)).toContain('user.updated');
  });

  it('shows both versions to whoever saves second, and loses nothing typed', async () => {
    const { agent, post } = await app.signInAs('scolarite');
    const version = versionIn((await agent.get('/compte')).text);
    await post('/compte', { name: 'Première Saisie', language: 'fr', theme: 'auto', version });
    const late = await post('/compte', { name: 'Deuxième Saisie', language: 'fr', theme: 'light', version });
    expect(late.status).toBe(409);
    expect(late.text).toContain('value="Première Saisie"');
    expect(late.text).toContain('value="Deuxième Saisie"');
    const fresh = versionIn(late.text);
    await post('/compte', { name: 'Deuxième Saisie', language: 'fr', theme: 'light', version: fresh });
    expect((await agent.get('/compte')).text).toContain('Deuxième Saisie');
  });

  it('refuses an empty name and a language nobody speaks here', async () => {
    const { agent, post } = await app.signInAs('scolarite');
    const version = versionIn((await agent.get('/compte')).text);
    const answer = await post('/compte', { name: '  ', language: 'de', theme: 'auto', version });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('id="name-error"');
    expect(answer.text).toContain('id="language-error"');
  });

  it('refuses a field it does not have', async () => {
    const { agent, post, userId } = await app.signInAs('scolarite');
    const version = versionIn((await agent.get('/compte')).text);
    const fields = { name: 'Claire', language: 'fr', theme: 'auto', version, email: 'autre@acme.example' };
    expect((await post('/compte', fields)).status).toBe(422);
    const [user] = await app.database.query<{ name: string }>('SELECT name FROM staff_user WHERE id = ?', [userId]);
    expect(user?.name).not.toBe('Claire');
  });
});

describe('one’s own sessions', () => {
  const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
  const IPHONE =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

  async function signedInFrom(email: string, userAgent: string) {
    const agent = supertest.agent(app.admin).set('User-Agent', userAgent);
    const page = await agent.get('/connexion');
    await agent
      .post('/connexion')
      .type('form')
      .send({ email, password: TEST_PASSWORD, _csrf: csrfIn(page.text) });
    const token = async () => csrfIn((await agent.get('/compte')).text);
    return {
      agent,
      remove: async (path: string) =>
        agent
          .post(path)
          .type('form')
          .send({ _method: 'delete', _csrf: await token() }),
    };
  }

  const closeActions = (html: string): string[] =>
    [...html.matchAll(/action="(\/compte\/sessions\/[0-9a-f]{64})"/g)].map(([, action]) => action ?? '');

  it('are listed with device and address, this one first', async () => {
    const { email } = await anAccount(app, 'scolarite');
    await signedInFrom(email, IPHONE);
    const { agent } = await signedInFrom(email, FIREFOX);
    const { text } = await agent.get('/compte/sessions');
    expect(text.indexOf('Firefox sur Windows')).toBeLessThan(text.indexOf('Safari sur iPhone'));
    expect(text).toContain('Cette session');
    expect(text).toMatch(/Adresse (::ffff:)?127\.0\.0\.1/);
    expect(closeActions(text)).toHaveLength(1);
  });

  it('are closed one by one: the browser there is out at once', async () => {
    const { id, email } = await anAccount(app, 'scolarite');
    const phone = await signedInFrom(email, IPHONE);
    const desk = await signedInFrom(email, FIREFOX);
    const [close] = closeActions((await desk.agent.get('/compte/sessions')).text);
    expect((await desk.remove(close ?? '')).status).toBe(303);
    expect((await phone.agent.get('/compte')).status).toBe(303);
    expect((await desk.agent.get('/compte')).status).toBe(200);
    expect(await journalOf(app, id)).toContain('session.revoked');
    expect((await desk.remove(close ?? '')).status).toBe(404);
  });

  it('are closed all but this one', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const others = [await signedInFrom(email, IPHONE), await signedInFrom(email, FIREFOX)];
    const desk = await signedInFrom(email, FIREFOX);
    expect((await desk.remove('/compte/sessions')).status).toBe(303);
    for (const { agent } of others) expect((await agent.get('/compte')).status).toBe(303);
    expect((await desk.agent.get('/compte/sessions')).text).toContain('Sessions fermées\u202f: 2');
  });

  it('of someone else are out of reach', async () => {
    const victim = await anAccount(app, 'scolarite');
    const first = await signedInFrom(victim.email, FIREFOX);
    await signedInFrom(victim.email, IPHONE);
    const [close] = closeActions((await first.agent.get('/compte/sessions')).text);
    const other = await app.signInAs('informatique');
    expect((await other.remove(close ?? '')).status).toBe(404);
    expect((await other.remove('/compte/sessions/pas-une-session')).status).toBe(404);
    expect((await app.database.query('SELECT id FROM staff_session WHERE user_id = ?', [victim.id])).length).toBe(2);
  });
});

describe('language and theme in passing', () => {
  it('of a signed-in person go with the account', async () => {
    const { agent, post, email } = await app.signInAs('scolarite');
    expect((await post('/preferences/langue', { langue: 'en', retour: '/compte?x=1' })).headers['location']).toBe(
      '/compte?x=1',
    );
    await post('/preferences/theme', { theme: 'dark', retour: '/compte' });
    expect((await agent.get('/compte')).text).toContain('<html lang="en" data-bs-theme="dark"');
    const elsewhere = openDoor(app.admin);
    await elsewhere.knock({ email, password: TEST_PASSWORD });
    expect((await elsewhere.agent.get('/compte')).text).toContain('<html lang="en" data-bs-theme="dark"');
  });

  it('do not get in the way of a form of the account being filled', async () => {
    const { agent, post } = await app.signInAs('scolarite');
    const version = versionIn((await agent.get('/compte')).text);
    await post('/preferences/theme', { theme: 'dark' });
    const saved = await post('/compte', { name: 'Claire', language: 'fr', theme: 'dark', version });
    expect(saved.status).toBe(303);
  });

  it.each([
    ['the administrative site', () => app.admin],
    ['the student site', () => app.portal],
  ])('of anyone on %s last as long as the session', async (_site, site) => {
    const door = openDoor(site());
    await door.send('/preferences/langue', { langue: 'en', retour: '/connexion' });
    await door.send('/preferences/theme', { theme: 'dark', retour: '/connexion' });
    const page = await door.agent.get('/connexion');
    expect(page.text).toContain('<html lang="en" data-bs-theme="dark"');
    expect((await supertest(site()).get('/connexion')).text).toContain('<html lang="fr" data-bs-theme="auto"');
  });

  it('stay at the door after signing out', async () => {
    const { agent, post } = await app.signInAs('scolarite');
    await post('/preferences/langue', { langue: 'en' });
    await post('/deconnexion');
    expect((await agent.get('/connexion')).text).toContain('<html lang="en"');
  });

  it('never lead to another site', async () => {
    const { post } = await app.signInAs('scolarite');
    for (const retour of ['https://ailleurs.example', '//ailleurs.example', '/\\ailleurs.example'])
      expect((await post('/preferences/theme', { theme: 'dark', retour })).headers['location']).toBe('/');
    expect((await post('/preferences/theme', { theme: 'rose' })).status).toBe(422);
  });
});
