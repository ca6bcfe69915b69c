import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';

const app = useTestApp();

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
