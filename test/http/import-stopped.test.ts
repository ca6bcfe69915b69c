/** A batch that stops while it is written, and again while it is taken back: what can still be done about it, and nothing else. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServices, type Services } from '../../src/container.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { ConflictError } from '../../src/shared/errors.ts';
import { textOf } from '../support/answers.ts';
import { useTestApp } from '../support/app.ts';
import { personsFile } from '../support/imports.ts';
import { versionIn, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);
const actor = systemActor('test', 'cli');
let services: Services;

beforeAll(() => {
  // Two rows a part: six persons are three parts.
  services = createServices(app.config, { clock: app.clock, log: app.services.log, imports: { chunkRows: 2 } });
});
afterAll(() => services.close());

const SIX = ['ABEL', 'BLUM', 'CARO', 'DANO', 'ELBA', 'FAGE'];
const persons = async (): Promise<string[]> =>
  (await app.database.query<{ name: string }>('SELECT last_name AS name FROM student ORDER BY 1')).map(
    ({ name }) => name,
  );

/** The database refuses to write, or to delete, a person of this name. */
async function refuse(what: 'INSERT' | 'DELETE', name: string): Promise<void> {
  const row = what === 'INSERT' ? 'NEW' : 'OLD';
  await app.database.query(
    `CREATE TRIGGER refused_${what} BEFORE ${what} ON student FOR EACH ROW IF ${row}.last_name = '${name}' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by the test'; END IF`,
  );
  app.logs.expectError(/import stopped/);
}
async function accept(what: 'INSERT' | 'DELETE'): Promise<void> {
  await app.database.query(`DROP TRIGGER IF EXISTS refused_${what}`);
}
afterEach(async () => {
  await accept('INSERT');
  await accept('DELETE');
});

const get = (id: string) => services.imports.get(actor, id);

async function importSix(): Promise<string> {
  const path = personsFile(SIX.map((name) => ({ name: `${name} Anne` })));
  return (await services.imports.run(actor, { origin: 'cli', from: { source: 'students', path } })).id;
}

async function stoppedHalfWay(): Promise<string> {
  await refuse('INSERT', 'ELBA');
  const id = await importSix();
  await accept('INSERT');
  expect(await get(id)).toMatchObject({ state: 'failed', stoppedDuring: 'applying', rowsDone: 4 });
  expect(await persons()).toEqual(SIX.slice(0, 4));
  return id;
}

async function cancel(id: string) {
  const { version } = await get(id);
  await services.imports.cancel(actor, { id, version });
  await services.imports.work();
  return get(id);
}

async function confirm(id: string) {
  const { version } = await get(id);
  await services.imports.confirm(actor, { id, version });
  await services.imports.work();
  return get(id);
}

describe('a batch that stopped while it was written', () => {
  it('goes on from where it stopped, and is as if it never had', async () => {
    const id = await stoppedHalfWay();
    expect(await confirm(id)).toMatchObject({ state: 'applied', totals: { created: 6 }, rowsDone: 6 });
    expect(await persons()).toEqual(SIX);
    expect(await cancel(id)).toMatchObject({ state: 'cancelled', undo: { restored: 6, left: 0 } });
    expect(await persons()).toEqual([]);
  });

  it('is taken back as far as it was written', async () => {
    const id = await stoppedHalfWay();
    expect(await cancel(id)).toMatchObject({ state: 'cancelled', undo: { restored: 4, left: 0 }, errorDetail: null });
    expect(await persons()).toEqual([]);
  });

  // Confirmed, it would go on in the middle and leave out for ever the rows that were taken back.
  it('and stopped again while it was taken back, is taken back to the end and never written on', async () => {
    const id = await stoppedHalfWay();
    await refuse('DELETE', 'DANO');
    expect(await cancel(id)).toMatchObject({ state: 'failed', stoppedDuring: 'cancelling' });
    await accept('DELETE');
    expect(await persons()).toEqual(['CARO', 'DANO']);
    await expect(confirm(id)).rejects.toThrow(ConflictError);
    expect(await get(id)).toMatchObject({ state: 'failed' });
    expect(await persons()).toEqual(['CARO', 'DANO']);
    expect(await cancel(id)).toMatchObject({ state: 'cancelled', undo: { restored: 4, left: 0 }, errorDetail: null });
    expect(await persons()).toEqual([]);
  });

  it('can be taken back even when the first part of the undoing failed', async () => {
    const id = await stoppedHalfWay();
    await refuse('DELETE', 'ABEL');
    await cancel(id);
    await accept('DELETE');
    await expect(confirm(id)).rejects.toThrow(ConflictError);
    expect(await cancel(id)).toMatchObject({ state: 'cancelled', undo: { restored: 4, left: 0 } });
    expect(await persons()).toEqual([]);
  });
});

describe('the page of a batch that stopped while it was taken back', () => {
  it('offers to take it back, not to go on writing, and does not say that nothing was written', async () => {
    const signedIn = await app.signInAs('scolarite');
    const id = await importSix();
    await refuse('DELETE', 'DANO');
    await cancel(id);
    await accept('DELETE');
    const page = await signedIn.agent.get(`/imports/${id}`);
    const text = textOf(page.text);
    expect(text).toContain('L’annulation s’est arrêtée');
    expect(text).not.toContain('Reprendre l’import');
    expect(text).not.toContain('Rien n’a été écrit');
    const question = await signedIn.agent.get(`/imports/${id}/annulation`);
    expect((await signedIn.post(`/imports/${id}/annulation`, { version: versionIn(question.text) })).status).toBe(303);
    await services.imports.work();
    expect(await get(id)).toMatchObject({ state: 'cancelled', undo: { restored: 6, left: 0 } });
  });
});
