import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { aBusyStudent, mergeInto, NIRS, rowsOf, theirPair } from '../support/merging.ts';

const app = useTestApp();
const { services, database } = app;

const student = async (id: string) =>
  (await database.query<Record<string, unknown>>('SELECT * FROM student WHERE id = ?', [id]))[0] ?? {};
const merges = () => database.query<{ id: string; undone: unknown }>('SELECT id, undone_at AS undone FROM `merge`');
const vault = () => {
  if (!services.nirVault) throw new Error('No vault');
  return services.nirVault;
};

async function twins(who: SignedInAgent) {
  const kept = await aStudent(services, {
    lastName: 'ABRIAL',
    firstName: 'Gaëlle',
    status: 'en_fonction',
    email: 'gaelle@example.com',
    programme: 'Bachelor Marketing',
  });
  const gone = await aBusyStudent(app, who.userId, {
    lastName: 'Abrial',
    firstName: 'Gaelle',
    email: 'g.abrial@example.com',
    personalPhone: '+33639980101',
    nir: NIRS[0],
  });
  return { kept, gone, pair: await theirPair(app, 'student', [kept.id, gone.id]) };
}

describe('two people merged', () => {
  it('keeps one record that holds everything, chosen field by field', async () => {
    const who = await app.signInAs('scolarite');
    const { kept, gone, pair } = await twins(who);
    const before = await rowsOf(app, 'student', gone.id);
    const own = await rowsOf(app, 'student', kept.id);

    const answer = await mergeInto(app, who, 'student', pair, kept.id, { field_email: pair.sideOf(gone.id) });
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe(`/etudiants/${kept.id}`);

    const after = await rowsOf(app, 'student', kept.id);
    for (const table of [
      'position',
      'contact',
      'note',
      'tagging',
      'edit_conflict',
      'enrolment',
      'student_status_change',
    ])
      expect(after[table]).toEqual(expect.arrayContaining([...(before[table] ?? []), ...(own[table] ?? [])]));
    expect(after['alumni_profile']).toEqual([kept.id]);
    expect(after['student_import_base']).toEqual([kept.id]);
    expect(await vault().read(services.database, kept.id)).toBe(NIRS[0]);
    expect(await vault().read(services.database, gone.id)).toBeNull();
    expect(await student(kept.id)).toMatchObject({
      first_name: 'Gaëlle',
      status: 'en_fonction',
      email: 'g.abrial@example.com',
      personal_phone: '+33639980101',
      name_key: 'abrial gaelle',
    });
    expect(await student(gone.id)).toMatchObject({ merged_into_id: kept.id });
    expect(Object.values(await rowsOf(app, 'student', gone.id)).flat()).toEqual([]);
  });

  it('leads from the former address to the record that stayed, and finds nothing under the other', async () => {
    const who = await app.signInAs('scolarite');
    const { kept, gone, pair } = await twins(who);
    await mergeInto(app, who, 'student', pair, kept.id);
    const answer = await who.agent.get(`/etudiants/${gone.id}`);
    expect(answer.status).toBeGreaterThanOrEqual(301);
    expect(answer.status).toBeLessThan(309);
    expect(answer.headers['location']).toContain(kept.id);
    const list = await who.agent.get('/etudiants.json?q=abrial');
    expect(list.body.rows.map(({ id }: { id: string }) => id)).toEqual([kept.id]);
  });

  it('is undone without losing anything, but for what was changed since', async () => {
    const who = await app.signInAs('scolarite');
    const { kept, gone, pair } = await twins(who);
    const before = {
      kept: await rowsOf(app, 'student', kept.id),
      gone: await rowsOf(app, 'student', gone.id),
      keptRow: await student(kept.id),
      goneRow: await student(gone.id),
    };
    await mergeInto(app, who, 'student', pair, kept.id, {
      field_email: pair.sideOf(gone.id),
      field_status: pair.sideOf(gone.id),
    });
    await database.query("UPDATE student SET email = 'corrected@example.com', version = version + 1 WHERE id = ?", [
      kept.id,
    ]);

    const [merge] = await merges();
    const ask = await who.agent.get(`/doublons/fusions/${merge?.id}/annulation`);
    expect(ask.status).toBe(200);
    expect(ask.text).toMatch(/Modifiés depuis, laissés tels quels.+E-mail/);
    const answer = await who.post(`/doublons/fusions/${merge?.id}/annulation`);
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe(`/etudiants/${gone.id}`);

    const changing = ['version', 'updated_at', 'status_since'];
    const plain = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !changing.includes(column)));
    expect(plain(await student(gone.id))).toEqual(plain(before.goneRow));
    expect(plain(await student(kept.id))).toEqual({ ...plain(before.keptRow), email: 'corrected@example.com' });
    expect(await rowsOf(app, 'student', gone.id)).toEqual(before.gone);
    const now = await rowsOf(app, 'student', kept.id);
    // The merge and its undoing both changed the status: the history tells.
    expect(now['student_status_change']).toHaveLength((before.kept['student_status_change'] ?? []).length + 2);
    expect({ ...now, student_status_change: before.kept['student_status_change'] }).toEqual(before.kept);
    expect(await vault().read(services.database, gone.id)).toBe(NIRS[0]);

    const again = await who.post(`/doublons/fusions/${merge?.id}/annulation`);
    expect(again.status).toBe(409);
  });

  it('can no longer be undone once the time the school sets is over', async () => {
    const who = await app.signInAs('scolarite');
    const { kept, pair } = await twins(who);
    await mergeInto(app, who, 'student', pair, kept.id);
    const [merge] = await merges();
    const late = new Date(Date.now() - 31 * 86_400_000);
    await database.query('UPDATE `merge` SET merged_at = ?', [late]);
    expect((await who.post(`/doublons/fusions/${merge?.id}/annulation`)).status).toBe(422);
    expect((await who.agent.get('/doublons/fusions')).text).toContain('Délai passé');
    expect(await services.mergeUndo.forgetExpired()).toBe(1);
    expect(await database.query('SELECT id FROM `merge` WHERE before_image IS NOT NULL')).toEqual([]);
  });

  it('is refused when each of them bears a social-security number', async () => {
    const who = await app.signInAs('scolarite');
    const seed = { lastName: 'CARADEC', firstName: 'Inès' };
    const one = await aStudent(services, { ...seed, nir: NIRS[0] });
    const other = await aStudent(services, { ...seed, nir: NIRS[1] });
    const pair = await theirPair(app, 'student', [one.id, other.id]);
    const page = await who.agent.get(`/doublons/${pair.id}`);
    expect(page.text).toContain('portent chacune un numéro de sécurité sociale');
    expect(page.text).not.toContain('data-submit');
    const answer = await mergeInto(app, who, 'student', pair, one.id);
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain(NIRS[0].slice(0, 13));
    expect(await merges()).toEqual([]);
    expect(await vault().read(services.database, other.id)).toBe(NIRS[1]);
  });

  it('is done once when two people ask for it: the second one is told', async () => {
    const [who, colleague] = [await app.signInAs('scolarite'), await app.signInAs('scolarite')];
    const { kept, gone, pair } = await twins(who);
    const [one, other] = await Promise.all([
      mergeInto(app, who, 'student', pair, kept.id),
      mergeInto(app, colleague, 'student', pair, gone.id),
    ]);
    expect([one.status, other.status].sort()).toEqual([303, 409]);
    expect(await merges()).toHaveLength(1);
    const late = await mergeInto(app, colleague, 'student', pair, kept.id);
    expect(late.status).toBe(409);
    expect(late.text).toContain('a déjà fusionné ces fiches');
  });

  it('is shown again when one of the records changed meanwhile', async () => {
    const who = await app.signInAs('scolarite');
    const { kept, pair } = await twins(who);
    await database.query('UPDATE student SET version = version + 1 WHERE id = ?', [kept.id]);
    const stale = await who.post(`/doublons/${pair.id}/fusion`, {
      survivor: pair.sideOf(kept.id),
      firstVersion: 1,
      secondVersion: 1,
    });
    expect(stale.status).toBe(409);
    expect(stale.text).toContain('a changé pendant votre choix');
    expect(await merges()).toEqual([]);
  });

  it('carries over what was said of the merged record: who is not one is not the other', async () => {
    const who = await app.signInAs('scolarite');
    const { kept, gone, pair } = await twins(who);
    const namesake = await aStudent(services, {
      lastName: 'ABRIAL',
      firstName: 'Gaëlle',
      email: 'g.abrial@example.com',
    });
    const refused = await theirPair(app, 'student', [gone.id, namesake.id]);
    await who.post(`/doublons/${refused.id}/rejet`);
    await mergeInto(app, who, 'student', pair, kept.id, { field_email: pair.sideOf(gone.id) });
    await services.duplicateScans.scan(systemActor('test'), { since: null });
    const open = await database.query("SELECT id FROM duplicate_candidate WHERE state = 'open'");
    expect(open).toEqual([]);
  });

  it('is told in the journal of both, without a number', async () => {
    const who = await app.signInAs('scolarite');
    const { kept, gone, pair } = await twins(who);
    await mergeInto(app, who, 'student', pair, kept.id);
    const { events } = await services.journal.recordHistory(systemActor('test'), {
      subjectType: 'student',
      subjectId: kept.id,
    });
    const merged = events.find(({ action }) => action === 'student.merged');
    expect(merged?.detail).toMatchObject({ mergedId: gone.id, mergedName: 'Abrial Gaelle' });
    expect(merged?.changes['personalPhone']).toEqual([null, '+33639980101']);
    expect(JSON.stringify(events)).not.toContain(NIRS[0]);
  });
});
