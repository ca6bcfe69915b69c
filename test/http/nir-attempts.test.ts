/** Whoever types a number learns whether the school knows it: so many times, and the journal says that they tried. */
import { describe, expect, it } from 'vitest';
import { CHECK_LIMIT } from '../../src/features/students/index.ts';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { inventedNir } from '../support/student-file.ts';

const app = useTestApp();

interface Attempt {
  readonly subject_id: string;
  readonly actor_id: string;
}

const attempts = () =>
  app.database.query<Attempt>(
    "SELECT subject_id, actor_id FROM audit_event WHERE action = 'nir.refused' ORDER BY sequence",
  );

const aForm = (nir: string) => ({ lastName: 'KERVELLA', firstName: 'Maïwenn', status: 'prospect', nir });

describe('a number tried on a record', () => {
  it('is told in the journal when it is someone else’s, without the number, to those who control it', async () => {
    const nir = inventedNir(700);
    await aStudent(app.services, { nir });
    const { id } = await aStudent(app.services, {});
    const { agent, post, userId } = await app.signInAs('scolarite');
    const answer = await post(`/etudiants/${id}/modifier/nir`, { nir });
    expect(answer.status).toBe(422);
    expect(await attempts()).toEqual([{ subject_id: id, actor_id: userId }]);
    expect((await agent.get(`/etudiants/${id}/historique`)).text).not.toContain('NIR refusé');
    const dpo = await app.signInAs('dpo');
    const history = (await dpo.agent.get(`/etudiants/${id}/historique`)).text;
    expect(history).toContain('NIR refusé');
    expect(history).toContain('déjà connu');
    expect(history).not.toContain(nir.slice(0, 13));
  });

  it('waits after so many that were not kept, known or not', async () => {
    const { id } = await aStudent(app.services, {});
    const { post, userId } = await app.signInAs('scolarite');
    const statuses: number[] = [];
    for (let count = 0; count < CHECK_LIMIT.attempts + 1; count += 1) {
      const nir = inventedNir(710 + count);
      await aStudent(app.services, { nir });
      statuses.push((await post(`/etudiants/${id}/modifier/nir`, { nir })).status);
    }
    expect(statuses.slice(0, -1)).toEqual(Array.from({ length: CHECK_LIMIT.attempts }, () => 422));
    expect(statuses.at(-1)).toBe(429);
    expect(await attempts()).toHaveLength(CHECK_LIMIT.attempts + 1);
    expect((await attempts()).every(({ actor_id }) => actor_id === userId)).toBe(true);
    // Another form is another way to ask the same thing.
    expect((await post('/etudiants/nouveau', aForm(inventedNir(760)))).status).toBe(429);
    // A colleague goes on.
    const colleague = await app.signInAs('scolarite');
    expect((await colleague.post(`/etudiants/${id}/modifier/nir`, { nir: inventedNir(761) })).status).toBe(303);
  });

  it('costs nothing when it becomes theirs', async () => {
    const { post } = await app.signInAs('scolarite');
    const statuses: number[] = [];
    for (let count = 0; count < CHECK_LIMIT.attempts + 2; count += 1) {
      const { id } = await aStudent(app.services, {});
      const given = { nir: inventedNir(770 + count) };
      statuses.push((await post(`/etudiants/${id}/modifier/nir`, given)).status);
    }
    expect(new Set(statuses)).toEqual(new Set([303]));
    expect(await attempts()).toEqual([]);
  });
});

describe('a number tried while someone is entered by hand', () => {
  it('counts once, however often the form asks, and is told in the journal when it is known', async () => {
    const nir = inventedNir(800);
    await aStudent(app.services, { nir });
    const { post, userId } = await app.signInAs('scolarite');
    for (let count = 0; count < CHECK_LIMIT.attempts + 5; count += 1)
      expect((await post('/etudiants/nouveau/doublons', aForm(nir))).status).toBe(200);
    expect(await attempts()).toEqual([{ subject_id: userId, actor_id: userId }]);
    expect((await post('/etudiants/nouveau', aForm(nir))).status).toBe(422);
    expect(await attempts()).toHaveLength(2);
  });

  it('is compared with nobody after so many, and saving says to wait', async () => {
    const known = inventedNir(810);
    await aStudent(app.services, { nir: known });
    const { post } = await app.signInAs('scolarite');
    expect((await post('/etudiants/nouveau/doublons', aForm(known))).text).toContain('/etudiants/');
    for (let count = 1; count < CHECK_LIMIT.attempts; count += 1)
      await post('/etudiants/nouveau/doublons', aForm(inventedNir(810 + count)));
    const beyond = inventedNir(850);
    await aStudent(app.services, { nir: beyond });
    const answer = await post('/etudiants/nouveau/doublons', aForm(beyond));
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('/etudiants/');
    expect((await post('/etudiants/nouveau', aForm(beyond))).status).toBe(429);
  });
});
