import { describe, expect, it } from 'vitest';
import { csrfIn, TEST_PASSWORD, useTestApp, type SignedInAgent } from '../support/app.ts';
import { anAccount, codeOf, journalOf, openDoor } from '../support/door.ts';

const app = useTestApp();

const secretIn = (html: string): string => /<code class="mono">([A-Z2-7 ]+)<\/code>/.exec(html)?.[1] ?? '';
const codesIn = (html: string): string[] =>
  [...(/<ul class="codes"[^]*?<\/ul>/.exec(html)?.[0] ?? '').matchAll(/<li>([^<]+)<\/li>/g)].map(
    ([, code]) => code ?? '',
  );

/** Turns the second factor on as its owner does. */
async function turnOn({ agent }: Pick<SignedInAgent, 'agent'>) {
  const page = await agent.get('/compte/second-facteur');
  const secret = secretIn(page.text);
  const answer = await agent
    .post('/compte/second-facteur')
    .type('form')
    .send({ code: codeOf(app, secret), confirmPassword: TEST_PASSWORD, _csrf: csrfIn(page.text) });
  // The code that turned it on has served.
  app.clock.advance(30_000);
  return { secret, answer, codes: codesIn(answer.text) };
}

async function withSecondFactor(...roleKeys: string[]) {
  const person = await app.signInAs(...roleKeys);
  const { secret, codes } = await turnOn(person);
  return { ...person, secret, codes };
}

/** A browser at the step that asks for the code. */
async function atTheCode(email: string) {
  const door = openDoor(app.admin);
  const answer = await door.knock({ email, password: TEST_PASSWORD });
  return { ...door, answer };
}

describe('turning the second factor on', () => {
  it('is offered to everyone, with a code to scan and the same key to type', async () => {
    const { agent } = await app.signInAs('recherche');
    expect((await agent.get('/compte/securite')).text).toContain('href="/compte/second-facteur"');
    const page = await agent.get('/compte/second-facteur');
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<img src="data:image\/png;base64,[A-Za-z0-9+/=]+" alt="Code QR/);
    expect(secretIn(page.text).replace(/ /g, '')).toHaveLength(32);
    expect(secretIn((await agent.get('/compte/second-facteur')).text)).toBe(secretIn(page.text));
  });

  it('shows ten recovery codes once, and keeps neither secret nor codes readable', async () => {
    const person = await app.signInAs('recherche');
    const { secret, answer, codes } = await turnOn(person);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(new Set(codes).size).toBe(10);
    expect((await person.agent.get('/compte/securite')).text).toContain('Il reste 10 codes de secours');
    const dump = JSON.stringify([
      await app.database.query('SELECT CAST(totp_secret AS CHAR CHARACTER SET latin1) AS secret FROM staff_user'),
      await app.database.query('SELECT data FROM staff_session'),
      await app.database.query('SELECT code_hash FROM recovery_code'),
    ]);
    expect(dump).not.toContain(secret.replace(/ /g, ''));
    for (const code of codes) expect(dump).not.toContain(code.replace('-', ''));
    expect(await journalOf(app, person.userId)).toContain('second_factor.enabled');
  });

  it('asks for a code that proves the key was read', async () => {
    const { agent } = await app.signInAs('recherche');
    const page = await agent.get('/compte/second-facteur');
    const answer = await agent
      .post('/compte/second-facteur')
      .type('form')
      .send({ code: '000000', confirmPassword: TEST_PASSWORD, _csrf: csrfIn(page.text) });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('id="code-error"');
    expect(secretIn(answer.text)).toBe(secretIn(page.text));
    expect((await agent.get('/compte/securite')).text).toContain('Non activé');
  });

  it('asks for the password, so that a borrowed screen sets up nothing', async () => {
    const { agent, userId } = await app.signInAs('recherche');
    const page = await agent.get('/compte/second-facteur');
    expect(page.text).toContain('name="confirmPassword"');
    const send = (fields: object) =>
      agent
        .post('/compte/second-facteur')
        .type('form')
        .send({ code: codeOf(app, secretIn(page.text)), _csrf: csrfIn(page.text), ...fields });
    expect((await send({})).status).toBe(422);
    const wrong = await send({ confirmPassword: 'Tout-Autre-Chose-99' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('id="confirmPassword-error"');
    expect((await agent.get('/compte/securite')).text).toContain('Non activé');
    expect(await journalOf(app, userId)).not.toContain('second_factor.enabled');
    expect((await send({ confirmPassword: TEST_PASSWORD })).status).toBe(200);
    expect(await journalOf(app, userId)).toContain('second_factor.enabled');
  });

  it('makes guesses of the password wait, a right code or not', async () => {
    const { agent } = await app.signInAs('recherche');
    const page = await agent.get('/compte/second-facteur');
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const answer = await agent
        .post('/compte/second-facteur')
        .type('form')
        .send({
          code: codeOf(app, secretIn(page.text)),
          confirmPassword: count < 5 ? 'Tout-Autre-Chose-99' : TEST_PASSWORD,
          _csrf: csrfIn(page.text),
        });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([422, 422, 422, 422, 429, 429]);
  });
});

describe('signing in with a second factor', () => {
  it('asks for the code after the password, and leads where the person was going', async () => {
    const { email, secret } = await withSecondFactor('recherche');
    const door = openDoor(app.admin);
    const first = await door.knock({ email, password: TEST_PASSWORD, suite: '/compte/sessions' });
    expect(first.status).toBe(303);
    expect(first.headers['location']).toBe('/connexion');
    expect((await door.agent.get('/compte')).status).toBe(303);
    expect((await door.agent.get('/connexion')).text).toContain('autocomplete="one-time-code"');
    const second = await door.knock({ code: codeOf(app, secret) });
    expect(second.status).toBe(303);
    expect(second.headers['location']).toBe('/compte/sessions');
    expect((await door.agent.get('/compte')).status).toBe(200);
  });

  it('takes address, password and code at once', async () => {
    const { email, secret } = await withSecondFactor('recherche');
    const door = openDoor(app.admin);
    const answer = await door.knock({ email, password: TEST_PASSWORD, code: codeOf(app, secret) });
    expect(answer.status).toBe(303);
    expect((await door.agent.get('/compte')).status).toBe(200);
  });

  it('takes the code of a telephone half a minute late or early, not one a minute away', async () => {
    const { email, secret } = await withSecondFactor('recherche');
    const late = await atTheCode(email);
    expect((await late.knock({ code: codeOf(app, secret, -60) })).status).toBe(422);
    expect((await late.knock({ code: codeOf(app, secret, 30) })).status).toBe(303);
  });

  it('takes a code once', async () => {
    const { email, secret } = await withSecondFactor('recherche');
    const code = codeOf(app, secret);
    expect((await (await atTheCode(email)).knock({ code })).status).toBe(303);
    expect((await (await atTheCode(email)).knock({ code })).status).toBe(422);
  });

  it('makes the third wrong code wait a quarter of an hour, whatever the browser', async () => {
    const { email, secret, userId } = await withSecondFactor('recherche');
    const door = await atTheCode(email);
    expect((await door.knock({ code: '000000' })).status).toBe(422);
    expect((await door.knock({ code: '000001' })).status).toBe(422);
    const third = await door.knock({ code: '000002' });
    expect(third.status).toBe(429);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(800);
    const elsewhere = await atTheCode(email);
    expect((await elsewhere.knock({ code: codeOf(app, secret) })).status).toBe(429);
    expect((await journalOf(app, userId)).filter((action) => action === 'session.refused')).toHaveLength(3);
  });

  it('stops waiting for the code after five minutes', async () => {
    const { email, secret } = await withSecondFactor('recherche');
    const door = await atTheCode(email);
    app.clock.advance(5 * 60_000);
    const answer = await door.knock({ code: codeOf(app, secret) });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Le délai pour saisir le code est passé');
    expect((await door.agent.get('/compte')).status).toBe(303);
  });

  it('has a new session after the password, and another after the code', async () => {
    const { email, secret } = await withSecondFactor('recherche');
    const door = openDoor(app.admin);
    const cookies = [await door.agent.get('/connexion')];
    cookies.push(await door.knock({ email, password: TEST_PASSWORD }));
    cookies.push(await door.knock({ code: codeOf(app, secret) }));
    const identifiers = cookies.map(({ headers }) => String(headers['set-cookie']).split(';')[0]);
    expect(new Set(identifiers).size).toBe(3);
  });

  it('refuses a code that nobody asked for', async () => {
    const answer = await openDoor(app.admin).knock({ code: '123456' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('name="password"');
  });

  it('lets a recovery code in once, however it is copied, and says how many are left', async () => {
    const { email, codes } = await withSecondFactor('recherche');
    const door = await atTheCode(email);
    expect((await door.agent.get('/connexion?secours=1')).text).toContain('Code de secours');
    const entered = await door.knock({ code: ` ${(codes[0] ?? '').toLowerCase().replace('-', ' ')} ` });
    expect(entered.status).toBe(303);
    expect((await door.agent.get('/compte')).text).toContain('Codes restants\u202f: 9');
    const again = await atTheCode(email);
    expect((await again.knock({ code: codes[0] ?? '' })).status).toBe(422);
    expect((await again.knock({ code: codes[1] ?? '' })).status).toBe(303);
  });

  it('takes no recovery code of someone else', async () => {
    const { email } = await withSecondFactor('recherche');
    const other = await withSecondFactor('recherche');
    expect((await (await atTheCode(email)).knock({ code: other.codes[0] ?? '' })).status).toBe(422);
  });
});

describe('the second factor of one’s own account', () => {
  it('is turned off with the password, and only with it', async () => {
    const person = await withSecondFactor('recherche');
    const wrong = await person.remove('/compte/second-facteur', { confirmPassword: 'Tout-Autre-Chose-99' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('id="confirmPassword-error"');
    const right = await person.remove('/compte/second-facteur', { confirmPassword: TEST_PASSWORD });
    expect(right.status).toBe(303);
    expect(
      (await openDoor(app.admin).knock({ email: person.email, password: TEST_PASSWORD })).headers['location'],
    ).toBe('/');
    expect(await app.database.query('SELECT id FROM recovery_code')).toEqual([]);
  });

  it('gives new recovery codes for the password; those before are worth nothing', async () => {
    const person = await withSecondFactor('recherche');
    expect((await person.post('/compte/codes-de-secours', { confirmPassword: 'non' })).status).toBe(422);
    const renewed = await person.post('/compte/codes-de-secours', { confirmPassword: TEST_PASSWORD });
    const codes = codesIn(renewed.text);
    expect(codes).toHaveLength(10);
    const door = await atTheCode(person.email);
    expect((await door.knock({ code: person.codes[0] ?? '' })).status).toBe(422);
    expect((await door.knock({ code: codes[0] ?? '' })).status).toBe(303);
  });

  it('makes guesses of the password wait', async () => {
    const person = await withSecondFactor('recherche');
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1)
      statuses.push((await person.remove('/compte/second-facteur', { confirmPassword: 'Tout-Autre-Chose-99' })).status);
    expect(statuses).toEqual([422, 422, 422, 422, 429, 429]);
  });
});

describe('a role that asks for a second factor', () => {
  const require = () => app.database.query("UPDATE role SET requires_second_factor = TRUE WHERE `key` = 'dpo'");

  it('lets its holder do nothing before it is on, then leads where they were going', async () => {
    await require();
    const { email } = await anAccount(app, 'dpo');
    const door = openDoor(app.admin);
    expect((await door.knock({ email, password: TEST_PASSWORD, suite: '/compte/sessions' })).status).toBe(303);
    const sent = await door.agent.get('/compte/sessions');
    expect(sent.headers['location']).toBe('/compte/second-facteur');
    expect((await door.agent.get('/utilisateurs.json').set('Accept', 'application/json')).status).toBe(403);
    expect((await door.send('/compte', { name: 'X' }, '/compte/second-facteur')).status).toBe(403);
    const page = await door.agent.get('/compte/second-facteur');
    expect(page.text).toContain('Votre rôle demande un deuxième facteur');
    expect(page.text).not.toContain('Plus tard');
    const { answer } = await turnOn(door);
    expect(answer.text).toContain('href="/compte/sessions"');
    expect((await door.agent.get('/compte/sessions')).status).toBe(200);
  });

  it('tells an htmx request to leave for the page that sets it up', async () => {
    const { agent } = await app.signInAs('dpo');
    await require();
    const answer = await agent.get('/compte').set('HX-Request', 'true');
    expect(answer.headers['hx-redirect']).toBe('/compte/second-facteur');
  });

  it('lets them sign out and read in their language meanwhile', async () => {
    const { agent } = await app.signInAs('dpo');
    await require();
    const page = await agent.get('/compte/second-facteur');
    const answer = await agent
      .post('/preferences/langue')
      .type('form')
      .send({ langue: 'en', retour: '/compte/second-facteur', _csrf: csrfIn(page.text) });
    expect(answer.headers['location']).toBe('/compte/second-facteur');
    expect((await agent.get('/compte/second-facteur')).text).toContain('Your role asks for a second factor');
  });

  it('cannot be escaped by turning it off', async () => {
    const person = await withSecondFactor('dpo');
    await require();
    const answer = await person.remove('/compte/second-facteur', { confirmPassword: TEST_PASSWORD });
    expect(answer.status).toBe(403);
    expect((await person.agent.get('/compte/securite')).text).not.toContain('formaction="/compte/second-facteur"');
  });
});
