import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { csrfIn, TEST_PASSWORD, useTestApp } from '../support/app.ts';

const app = useTestApp();

async function door() {
  const agent = supertest.agent(app.admin);
  const page = await agent.get('/connexion');
  return { agent, csrf: csrfIn(page.text) };
}

describe('signing in to the administrative site', () => {
  it('opens the home page to a member of staff', async () => {
    const { agent } = await app.signInAs('scolarite');
    const home = await agent.get('/');
    expect(home.status).toBe(200);
    expect(home.text).toContain('Pôle Scolarité');
  });

  it('refuses a wrong password without saying which of the two is wrong', async () => {
    const { email } = await app.signInAs('scolarite');
    const { agent, csrf } = await door();
    const wrongPassword = await agent
      .post('/connexion')
      .type('form')
      .send({ email, password: 'Tout-Autre-Chose-99', _csrf: csrf });
    const wrongEmail = await agent
      .post('/connexion')
      .type('form')
      .send({ email: 'personne@acme.example', password: TEST_PASSWORD, _csrf: csrf });
    expect(wrongPassword.status).toBe(422);
    expect(wrongEmail.status).toBe(422);
    const sentence = /role="alert"[^]*?<\/div>/;
    expect(sentence.exec(wrongPassword.text)?.[0]).toBe(sentence.exec(wrongEmail.text)?.[0]);
  });

  it('answers 403 to a form without its token', async () => {
    const { agent } = await door();
    const answer = await agent
      .post('/connexion')
      .type('form')
      .send({ email: 'a@acme.example', password: TEST_PASSWORD });
    expect(answer.status).toBe(403);
  });

  it('makes the fifth failure wait, and says how long', async () => {
    const { agent, csrf } = await door();
    const attempt = () =>
      agent
        .post('/connexion')
        .type('form')
        .send({ email: 'cible@acme.example', password: 'Tout-Autre-Chose-99', _csrf: csrf });
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await attempt()).status);
    expect(statuses).toEqual([422, 422, 422, 422, 429, 429]);
    expect(Number((await attempt()).headers['retry-after'])).toBeGreaterThan(800);
  });

  it('sends an anonymous visitor to sign in, and back to where they were going', async () => {
    const answer = await supertest(app.admin).get('/?vue=semaine').set('Accept', 'text/html');
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/connexion?suite=%2F%3Fvue%3Dsemaine');
  });
});
