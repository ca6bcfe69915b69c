import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { csrfIn, TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { anAccount, journalOf, linkIn, openDoor, takeMails } from '../support/door.ts';

const app = useTestApp();
const NEW_PASSWORD = 'Sept-Hérons-Cendrés-18';

const ask = (email: string) => openDoor(app.admin).send('/mot-de-passe-oublie', { email }, '/mot-de-passe-oublie');

/** Chooses a password at the page of a link. */
async function choose(path: string, password: string, again = password) {
  return openDoor(app.admin).send(path, { password, passwordAgain: again }, path);
}

async function forgottenLink(email: string): Promise<string> {
  await ask(email);
  const mails = await takeMails(app);
  return linkIn(mails.at(-1));
}

describe('a forgotten password', () => {
  it('sends a link by mail, in the language of the account', async () => {
    const { id, email } = await anAccount(app, 'scolarite');
    await app.database.query("UPDATE staff_user SET language = 'en' WHERE id = ?", [id]);
    const answer = await ask(` ${email.toUpperCase()} `);
    expect(answer.headers['location']).toBe('/mot-de-passe-oublie/envoye');
    const [mail] = await takeMails(app);
    expect(mail).toMatchObject({ to: email, language: 'en', template: 'password-reset' });
    expect(String(mail?.params['link'])).toMatch(/^http:\/\/localhost:3000\/reinitialisation\/[\w-]{43}$/);
    expect(await journalOf(app, id)).toContain('password.link_sent');
  });

  it('answers alike, in the same time, for an address that nobody has', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const disabled = await anAccount(app, 'scolarite');
    await app.database.query('UPDATE staff_user SET disabled_at = NOW() WHERE id = ?', [disabled.id]);
    const durations: number[] = [];
    const answers: string[] = [];
    for (const address of [email, 'personne@acme.example', disabled.email, 'pas une adresse']) {
      const door = openDoor(app.admin);
      const token = csrfIn((await door.agent.get('/mot-de-passe-oublie')).text);
      const startedAt = performance.now();
      const answer = await door.agent.post('/mot-de-passe-oublie').type('form').send({ email: address, _csrf: token });
      durations.push(performance.now() - startedAt);
      answers.push(`${answer.status} ${answer.headers['location']}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(Math.min(...durations)).toBeGreaterThan(300);
    expect(await takeMails(app)).toHaveLength(1);
  });

  it('knows no account by another spelling of its address', async () => {
    const { email } = await anAccount(app, 'scolarite');
    await ask(email.replace('o', 'ô'));
    expect(await takeMails(app)).toEqual([]);
  });

  it('keeps only a hash of what the link holds', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const token = (await forgottenLink(email)).split('/').at(-1) ?? '';
    const dump = JSON.stringify([
      await app.database.query('SELECT * FROM password_reset'),
      await app.database.query('SELECT CAST(payload AS CHAR CHARACTER SET latin1) AS payload FROM outbox_message'),
    ]);
    expect(token).not.toBe('');
    expect(dump).not.toContain(token);
  });

  it('writes to one account three times an hour at most, and says nothing of it', async () => {
    const { email } = await anAccount(app, 'scolarite');
    for (let count = 0; count < 5; count += 1) expect((await ask(email)).status).toBe(303);
    expect(await takeMails(app)).toHaveLength(3);
  });

  it('makes an address that asks for many accounts wait', async () => {
    const door = openDoor(app.admin);
    const token = csrfIn((await door.agent.get('/mot-de-passe-oublie')).text);
    const send = (email: string) => door.agent.post('/mot-de-passe-oublie').type('form').send({ email, _csrf: token });
    await Promise.all(Array.from({ length: 20 }, (_, index) => send(`personne${index}@acme.example`)));
    const answer = await send('personne@acme.example');
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3_000);
  });
});

describe('the link', () => {
  it('sets the password once, closes every session, tells the owner, and lets a locked account in', async () => {
    const person = await app.signInAs('scolarite');
    for (let count = 0; count < 5; count += 1)
      await openDoor(app.admin).knock({ email: person.email, password: 'Tout-Autre-Chose-99' });
    const path = await forgottenLink(person.email);
    expect((await supertest(app.admin).get(path)).text).toContain(person.email);
    const answer = await choose(path, NEW_PASSWORD);
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/connexion');
    expect((await person.agent.get('/compte')).status).toBe(303);
    const [mail] = await takeMails(app);
    expect(mail).toMatchObject({ to: person.email, template: 'password-changed' });
    expect(JSON.stringify(mail)).not.toContain(NEW_PASSWORD);
    expect((await openDoor(app.admin).knock({ email: person.email, password: TEST_PASSWORD })).status).toBe(422);
    expect((await openDoor(app.admin).knock({ email: person.email, password: NEW_PASSWORD })).status).toBe(303);
    expect(await journalOf(app, person.userId)).toContain('password.changed');
    const again = await choose(path, 'Autre-Vieux-Moulin-77').catch((error: Error) => error.message);
    expect(again).toBe('The page holds no CSRF token');
    expect((await supertest(app.admin).get(path)).status).toBe(404);
  });

  it('says no more, whatever is wrong with it', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const used = await forgottenLink(email);
    await choose(used, NEW_PASSWORD);
    const late = await forgottenLink(email);
    app.clock.advance(3_600_000);
    const disabled = await anAccount(app, 'scolarite');
    const closed = await forgottenLink(disabled.email);
    await app.database.query('UPDATE staff_user SET disabled_at = NOW() WHERE id = ?', [disabled.id]);
    for (const path of [used, late, closed, '/reinitialisation/inconnu']) {
      const page = await supertest(app.admin).get(path);
      expect(page.status, path).toBe(404);
      expect(page.text).toContain('Ce lien n’est plus valable');
      expect(page.text).not.toContain('acme.example');
    }
  });

  it('serves one of two who use it at the same time', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const path = await forgottenLink(email);
    const doors = [openDoor(app.admin), openDoor(app.admin)];
    const tokens = await Promise.all(doors.map(async ({ agent }) => csrfIn((await agent.get(path)).text)));
    const passwords = [NEW_PASSWORD, 'Autre-Vieux-Moulin-77'];
    const answers = await Promise.all(
      doors.map(({ agent }, index) =>
        agent
          .post(path)
          .type('form')
          .send({ password: passwords[index], passwordAgain: passwords[index], _csrf: tokens[index] }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 404]);
  });

  it('dies when another one chose the password', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const first = await forgottenLink(email);
    await choose(await forgottenLink(email), NEW_PASSWORD);
    expect((await supertest(app.admin).get(first)).status).toBe(404);
  });

  it.each([
    ['court', 'court', 'Pas assez long'],
    ['Motdepasse2026!', 'Motdepasse2026!', 'trop courant'],
    [NEW_PASSWORD, `${NEW_PASSWORD}x`, 'diffèrent'],
  ])('refuses %j typed twice as %j', async (password, again, words) => {
    const { email } = await anAccount(app, 'scolarite');
    const path = await forgottenLink(email);
    const answer = await choose(path, password, again);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words);
    expect(answer.text).not.toContain(password);
    expect((await supertest(app.admin).get(path)).status).toBe(200);
  });

  it('of a first password lives three days', async () => {
    const { id, email } = await anAccount(app, 'scolarite');
    const user = { id, email, name: 'Compte Nouveau', language: 'fr' };
    await inTransaction(app.services.database, (tx) => app.services.passwords.sendFirstLink(tx, user));
    const [mail] = await takeMails(app);
    expect(mail).toMatchObject({ template: 'account-created', params: { email, hours: 72 } });
    app.clock.advance(71 * 3_600_000);
    expect((await choose(linkIn(mail), NEW_PASSWORD)).status).toBe(303);
  });
});

describe('changing one’s own password', () => {
  const change = { currentPassword: TEST_PASSWORD, password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD };

  it('keeps this session and closes the others, with a mail', async () => {
    const person = await app.signInAs('scolarite');
    const elsewhere = openDoor(app.admin);
    await elsewhere.knock({ email: person.email, password: TEST_PASSWORD });
    const answer = await person.post('/compte/mot-de-passe', change);
    expect(answer.headers['location']).toBe('/compte/securite');
    expect((await person.agent.get('/compte/securite')).status).toBe(200);
    expect((await elsewhere.agent.get('/compte')).status).toBe(303);
    expect(await takeMails(app)).toMatchObject([{ to: person.email, template: 'password-changed' }]);
    expect((await openDoor(app.admin).knock({ email: person.email, password: NEW_PASSWORD })).status).toBe(303);
  });

  it.each([
    [{ currentPassword: 'Tout-Autre-Chose-99' }, 'currentPassword'],
    [{ password: TEST_PASSWORD, passwordAgain: TEST_PASSWORD }, 'password'],
    [{ password: 'court', passwordAgain: 'court' }, 'password'],
    [{ passwordAgain: 'Autre-Vieux-Moulin-77' }, 'passwordAgain'],
    [{ currentPassword: '' }, 'currentPassword'],
  ])('refuses %j, saying it of the field', async (over, field) => {
    const person = await app.signInAs('scolarite');
    const answer = await person.post('/compte/mot-de-passe', { ...change, ...over });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`id="${field}-error"`);
    expect(await takeMails(app)).toEqual([]);
  });

  it('takes the old and the new writing of an accent for the same password', async () => {
    const person = await app.signInAs('scolarite');
    const composed = NEW_PASSWORD.normalize('NFC');
    await person.post('/compte/mot-de-passe', { ...change, password: composed, passwordAgain: composed });
    const answer = await openDoor(app.admin).knock({ email: person.email, password: composed.normalize('NFD') });
    expect(answer.status).toBe(303);
  });
});
