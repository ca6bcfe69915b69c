import { setTimeout as pause } from 'node:timers/promises';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp();

/** Label → value of the cards. */
const figuresIn = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/stat-label d-block">([^<]+)<[^]*?stat-value d-block">([^<]+)</g)].map(([, label, value]) => [
      label ?? '',
      value ?? '',
    ]),
  );

let later = 0;

/** The page once its figures, which may be half a minute old, were counted again. */
async function freshHome({ agent }: Pick<SignedInAgent, 'agent'>): Promise<string> {
  // Further each time: a test begins at the true time again, and calls this twice at most.
  later = later * 3 + 60_000;
  app.clock.advance(later);
  await agent.get('/');
  // Counted behind the page: over when nothing more is asked of the database.
  for (let before = -1; before !== app.services.database.statementCount(); await pause(300))
    before = app.services.database.statementCount();
  return (await agent.get('/')).text;
}

async function waitingBatch(state = 'needs_confirmation') {
  await app.services.database.prisma.importBatch.create({
    data: {
      id: newId(),
      source: 'students',
      state,
      origin: 'page',
      fileName: 'referentiel.xls',
      totals: JSON.stringify({ created: 3, rejected: 1 }),
    },
  });
}

describe('home page', () => {
  it('tells the pôle Scolarité which imports wait for them', async () => {
    await waitingBatch();
    const { agent } = await app.signInAs('scolarite');
    const home = await agent.get('/');
    expect(home.text).toContain('import à examiner et à confirmer');
    expect(home.text).toContain('3 créations · 1 rejet');
  });

  it('says so when nothing waits', async () => {
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/')).text).toContain('Rien ne vous attend');
  });

  it('shows no task, no import and no person to who may see none', async () => {
    await waitingBatch();
    const { agent } = await app.signInAs('recherche');
    const home = await agent.get('/');
    expect(home.status).toBe(200);
    expect(home.text).not.toContain('referentiel.xls');
    expect(home.text).not.toContain('Ce qui vous attend');
  });

  it('counts the people of the programmes someone is limited to, and their tasks', async () => {
    const { programmeId } = await aStudent(app.services, { programme: 'MBA' });
    for (let count = 0; count < 7; count += 1) await aStudent(app.services, { programme: 'Bachelor', anomalyCount: 1 });
    const person = await app.signInAs('scolarite');
    expect(figuresIn(await freshHome(person))).toMatchObject({ 'Étudiants en fonction': '8' });
    await app.database.query('INSERT INTO user_programme (user_id, programme_id) VALUES (?, ?)', [
      person.userId,
      programmeId,
    ]);
    const home = await freshHome(person);
    expect(figuresIn(home)).toMatchObject({ 'Étudiants en fonction': '1' });
    expect(home).toContain('MBA');
    expect(home).not.toContain('Bachelor');
  });

  it('counts nobody under limitation of processing, but for the DPO', async () => {
    await aStudent(app.services, {});
    await aStudent(app.services, { restrictedAt: new Date() });
    expect(figuresIn(await freshHome(await app.signInAs('scolarite')))).toMatchObject({ 'Étudiants en fonction': '1' });
    expect(figuresIn(await freshHome(await app.signInAs('dpo')))).toMatchObject({ 'Étudiants en fonction': '2' });
  });

  it('tells no figure under five to who sees only figures', async () => {
    for (let count = 0; count < 4; count += 1) await aStudent(app.services, { status: 'alumni' });
    for (let count = 0; count < 5; count += 1) await aStudent(app.services, { status: 'prospect' });
    for (let count = 0; count < 3; count += 1) await aStudent(app.services, { programme: 'MBA' });
    const recherche = await freshHome(await app.signInAs('recherche'));
    expect(figuresIn(recherche)).toMatchObject({ 'Étudiants en fonction': '3', Alumni: 'moins de 5', Prospects: '5' });
    expect(recherche).not.toContain('href="/etudiants?statut=alumni"');
    expect(recherche).toContain('MBA');
    const it = await freshHome(await app.signInAs('informatique'));
    expect(figuresIn(it)).toMatchObject({
      'Étudiants en fonction': 'moins de 5',
      Alumni: 'moins de 5',
      Prospects: '5',
    });
    expect(it).not.toContain('MBA');
    expect(it).not.toContain('href="/entreprises"');
  });

  it('lets no small figure be found by subtraction', async () => {
    for (let count = 0; count < 6; count += 1) await aStudent(app.services, { programme: 'MBA' });
    for (let count = 0; count < 9; count += 1) await aStudent(app.services, { programme: 'Bachelor' });
    for (let count = 0; count < 2; count += 1) await aStudent(app.services, { programme: 'Master' });
    const home = await freshHome(await app.signInAs('informatique'));
    expect(figuresIn(home)).toMatchObject({ 'Étudiants en fonction': '17' });
    expect(home).toContain('Bachelor');
    expect(home).not.toContain('MBA');
    expect(home).not.toContain('Master');
  });

  it('says how many doubles wait only of people one may see', async () => {
    const one = await aStudent(app.services, { programme: 'MBA' });
    const other = await aStudent(app.services, { programme: 'MBA' });
    const hidden = await aStudent(app.services, { restrictedAt: new Date() });
    const pair = async (firstId: string, secondId: string) =>
      app.database.query(
        "INSERT INTO duplicate_candidate (id, subject_type, first_id, second_id, score, reasons, state) VALUES (?, 'student', ?, ?, 80, '[]', 'open')",
        [newId(), firstId, secondId],
      );
    await pair(one.id, other.id);
    await pair(one.id, hidden.id);
    expect(await freshHome(await app.signInAs('scolarite'))).toMatch(/<b>1<\/b> [^<]*doublon/);
  });

  it('answers in a constant number of statements', async () => {
    const { agent } = await app.signInAs('scolarite');
    await agent.get('/');
    const before = app.services.database.statementCount();
    await agent.get('/');
    expect(app.services.database.statementCount() - before).toBeLessThanOrEqual(10);
  });

  it('sends anonymous visitors to sign in', async () => {
    const answer = await supertest(app.admin).get('/').set('Accept', 'text/html');
    expect(answer.status).toBe(303);
  });
});
