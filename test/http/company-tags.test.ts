import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact } from '../support/builders.ts';

const app = useTestApp();

describe.each(['entreprises', 'contacts'])('tags on a record of /%s', (kind) => {
  let id = '';
  let record = '';

  beforeEach(async () => {
    const company = await aCompany(app.services, { name: 'Chantiers du Ponant' });
    id = kind === 'entreprises' ? company.id : (await aContact(app.services, { companyId: company.id })).id;
    record = `/${kind}/${id}`;
  });

  it('are put on and taken off, lead to those that carry them, and the history tells it', async () => {
    const { agent, post, remove } = await app.signInAs('relations-exterieures');
    const put = await post(`${record}/etiquettes`, { etiquette: ' Forum  2027 ' });
    expect([put.status, put.headers['location']]).toEqual([303, record]);
    const tagged = (await agent.get(record)).text;
    expect(tagged).toContain(`href="/${kind}?etiquette=Forum+2027"`);
    expect((await agent.get(`/${kind}.json?etiquette=Forum+2027`)).body).toMatchObject({ rows: [{ id }] });
    expect((await remove(`${record}/etiquettes`, { etiquette: 'forum 2027' })).status).toBe(303);
    expect((await agent.get(record)).text).not.toContain(`href="/${kind}?etiquette=`);
    const history = (await agent.get(kind === 'entreprises' ? `${record}/historique` : record)).text;
    for (const told of ['Étiquette posée', 'Étiquette retirée', 'Forum 2027']) expect(history).toContain(told);
  });

  it.each(['   ', 'x'.repeat(61), '2 75 03 75 123 456 93'])('are not "%.30s"', async (etiquette) => {
    const { post } = await app.signInAs('scolarite');
    const refused = await post(`${record}/etiquettes`, { etiquette });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('aria-invalid="true"');
    // What was typed is there to be corrected.
    expect(refused.text).toContain(`value="${etiquette}"`);
    expect(await app.database.query('SELECT * FROM tagging')).toEqual([]);
  });

  it('are shown, and not changed, by those who only read', async () => {
    const relations = await app.signInAs('relations-exterieures');
    await relations.post(`${record}/etiquettes`, { etiquette: 'Forum' });
    const { agent, post, remove } = await app.signInAs('dpo');
    const { text } = await agent.get(record);
    expect(text).toContain('Forum');
    expect(text).not.toContain(`action="${record}/etiquettes"`);
    expect((await post(`${record}/etiquettes`, { etiquette: 'Jury' })).status).toBe(403);
    expect((await remove(`${record}/etiquettes`, { etiquette: 'Forum' })).status).toBe(403);
  });

  it('are put on records in sight alone', async () => {
    const relations = await app.signInAs('relations-exterieures');
    expect((await relations.post(`/${kind}/${newId()}/etiquettes`, { etiquette: 'Forum' })).status).toBe(404);
    const blind = await app.signInAs('informatique');
    await app.database.query(
      "INSERT INTO role_grant (role_id, permission, scope) SELECT role_id, 'tags.manage', 'all' FROM user_role WHERE user_id = ?",
      [blind.userId],
    );
    await app.database.query('UPDATE role SET version = version + 1');
    for (const etiquette of ['Forum', ' '])
      expect([403, 404]).toContain((await blind.post(`${record}/etiquettes`, { etiquette })).status);
    expect(await app.database.query('SELECT * FROM tagging')).toEqual([]);
  });
});
