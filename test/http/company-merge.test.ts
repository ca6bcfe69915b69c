import { describe, expect, it } from 'vitest';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aCompany } from '../support/builders.ts';
import { aBusyCompany, mergeInto, rowsOf, theirPair } from '../support/merging.ts';
import { storedRow } from '../support/records.ts';

const app = useTestApp();
const { database, services } = app;

const company = (id: string) => storedRow<Record<string, unknown>>(app, 'company', id);
const lastMerge = async () => (await database.query<{ id: string }>('SELECT id FROM `merge`'))[0]?.id ?? '';

async function twins(who: SignedInAgent) {
  const kept = await aCompany(services, { name: 'Étoile du Nord', postcode: '59000', tags: ['Forum', 'Stage'] });
  const gone = await aBusyCompany(app, who.userId, {
    name: 'ETOILE DU NORD SARL',
    postcode: '59000',
    siren: '552032534',
    legacyId: 57,
    phone: '+33199001234',
    origin: 'import',
  });
  return { kept, gone, pair: await theirPair(app, 'company', [kept.id, gone.id]) };
}

describe('two companies merged', () => {
  it('keeps one record that holds everything, the link to GetEnt with it', async () => {
    const who = await app.signInAs('relations-exterieures');
    const { kept, gone, pair } = await twins(who);
    const before = await rowsOf(app, 'company', gone.id);

    const answer = await mergeInto(app, who, 'company', pair, kept.id, { field_name: pair.sideOf(gone.id) });
    expect(answer.headers['location']).toBe(`/entreprises/${kept.id}`);

    const after = await rowsOf(app, 'company', kept.id);
    for (const table of ['position', 'company_site', 'contact', 'note', 'tagging', 'edit_conflict'])
      expect(after[table]).toEqual(expect.arrayContaining(before[table] ?? []));
    expect(after['tagging']).toHaveLength(2);
    expect(after['company_import_base']).toEqual([kept.id]);
    expect(after['company_search_token']).toContain('sarl');
    expect(await company(kept.id)).toMatchObject({
      name: 'ETOILE DU NORD SARL',
      name_key: 'etoiledunord',
      siren: '552032534',
      legacy_id: 57,
      phone: '+33199001234',
    });
    expect(await company(gone.id)).toMatchObject({ merged_into_id: kept.id, siren: null, legacy_id: null });
  });

  it('leads from the former address to the record that stayed, tab for tab', async () => {
    const who = await app.signInAs('relations-exterieures');
    const { kept, gone, pair } = await twins(who);
    await mergeInto(app, who, 'company', pair, kept.id);
    for (const tab of ['', '/contacts', '/historique']) {
      const answer = await who.agent.get(`/entreprises/${gone.id}${tab}`);
      expect(answer.status).toBe(303);
      expect(answer.headers['location']).toBe(`/entreprises/${kept.id}${tab}`);
    }
    const list = await who.agent.get('/entreprises.json?q=etoile');
    expect(list.body.rows).toHaveLength(1);
  });

  it('links the positions that two companies alike kept from being linked', async () => {
    const who = await app.signInAs('relations-exterieures');
    const { kept, gone, pair } = await twins(who);
    await database.query(
      "UPDATE `position` SET company_id = NULL, company_text = 'Étoile du Nord', company_key = 'etoiledunord' WHERE company_id = ?",
      [gone.id],
    );
    await mergeInto(app, who, 'company', pair, kept.id);
    expect((await rowsOf(app, 'company', kept.id))['position']).toHaveLength(1);
  });

  it('is undone without losing anything', async () => {
    const who = await app.signInAs('relations-exterieures');
    const { kept, gone, pair } = await twins(who);
    const state = async () => ({
      kept: await rowsOf(app, 'company', kept.id),
      gone: await rowsOf(app, 'company', gone.id),
      rows: [await company(kept.id), await company(gone.id)].map((row) => ({ ...row, version: 0, updated_at: 0 })),
    });
    const before = await state();
    await mergeInto(app, who, 'company', pair, kept.id, { field_name: pair.sideOf(gone.id) });
    const late = await aCompany(services, { name: 'Créée après' });
    await database.query("UPDATE contact SET company_id = ? WHERE company_id = ? AND last_name = 'nobody'", [
      late.id,
      kept.id,
    ]);

    const answer = await who.post(`/doublons/fusions/${await lastMerge()}/annulation`);
    expect(answer.status).toBe(303);
    expect(await state()).toEqual(before);
    expect(await database.query('SELECT state FROM duplicate_candidate WHERE id = ?', [pair.id])).toEqual([
      { state: 'open' },
    ]);
  });

  it('waits for the later merge to be undone first', async () => {
    const who = await app.signInAs('relations-exterieures');
    const { kept, gone, pair } = await twins(who);
    await mergeInto(app, who, 'company', pair, kept.id);
    const first = await lastMerge();
    const third = await aCompany(services, { name: 'Étoile' });
    const next = await theirPair(app, 'company', [kept.id, third.id]);
    await mergeInto(app, who, 'company', next, third.id);

    expect((await who.agent.get(`/entreprises/${gone.id}`)).headers['location']).toBe(`/entreprises/${third.id}`);
    const early = await who.post(`/doublons/fusions/${first}/annulation`);
    expect(early.status).toBe(409);
    const second = await database.query<{ id: string }>('SELECT id FROM `merge` WHERE id <> ?', [first]);
    expect((await who.post(`/doublons/fusions/${second[0]?.id}/annulation`)).status).toBe(303);
    expect((await who.post(`/doublons/fusions/${first}/annulation`)).status).toBe(303);
    expect(await company(gone.id)).toMatchObject({ merged_into_id: null, siren: '552032534', legacy_id: 57 });
  });

  it('is tied to the rights of who asks', async () => {
    const who = await app.signInAs('relations-exterieures');
    const { kept, pair } = await twins(who);
    const other = await app.signInAs('scolarite');
    expect((await other.agent.get(`/doublons/${pair.id}`)).status).toBe(403);
    expect((await mergeInto(app, other, 'company', pair, kept.id)).status).toBe(403);
    expect((await other.post(`/doublons/${pair.id}/rejet`)).status).toBe(403);
    await mergeInto(app, who, 'company', pair, kept.id);
    expect((await other.post(`/doublons/fusions/${await lastMerge()}/annulation`)).status).toBe(403);
    expect((await other.agent.get('/doublons/fusions?type=entreprises')).status).toBe(403);
  });
});
