/** Whoever controls the journal reads people under its eye: students elsewhere, here the people of companies and what is written of them. */
import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';

const app = useTestApp();

async function aContactSomewhere() {
  const { id: companyId } = await aCompany(app.services, { name: 'Ponant' });
  const { id } = await aContact(app.services, { companyId, lastName: 'Recruteuse', firstName: 'Maëlle' });
  return { id, companyId };
}

const consulted = async (id: string) => (await journalOf(app, id)).filter((action) => action.endsWith('.consulted'));

describe('a record read by the DPO', () => {
  it('of a contact is in the journal, for those who control it, each time', async () => {
    const { id } = await aContactSomewhere();
    const dpo = await app.signInAs('dpo');
    for (const path of ['', '/notes', '']) expect((await dpo.agent.get(`/contacts/${id}${path}`)).status).toBe(200);
    expect(await consulted(id)).toEqual(['contact.consulted', 'contact.consulted', 'contact.consulted']);
    expect((await dpo.agent.get(`/journal?objet=contact&fiche=${id}`)).text).toContain('Fiche consultée');
    const scolarite = await app.signInAs('scolarite');
    expect((await scolarite.agent.get(`/contacts/${id}`)).text).not.toContain('Fiche consultée');
    expect((await app.services.verifyJournal()).broken).toBeNull();
  });

  it('of a company is in it where people are told of, and where the relation is', async () => {
    const { companyId } = await aContactSomewhere();
    const { agent } = await app.signInAs('dpo');
    for (const tab of ['', '/etablissements', '/contacts', '/notes'])
      expect((await agent.get(`/entreprises/${companyId}${tab}`)).status).toBe(200);
    expect(await consulted(companyId)).toEqual(['company.consulted', 'company.consulted']);
  });

  it('by anyone else is their work, and is not', async () => {
    const { id, companyId } = await aContactSomewhere();
    for (const role of ['scolarite', 'relations-exterieures']) {
      const { agent } = await app.signInAs(role);
      for (const path of [`/contacts/${id}`, `/contacts/${id}/notes`, `/entreprises/${companyId}/contacts`])
        expect((await agent.get(path)).status).toBe(200);
    }
    expect(await consulted(id)).toEqual([]);
    expect(await consulted(companyId)).toEqual([]);
  });

  it('is not when nothing was read', async () => {
    const { id } = await aContactSomewhere();
    const { agent } = await app.signInAs('recherche');
    expect((await agent.get(`/contacts/${id}`)).status).toBe(403);
    expect(await consulted(id)).toEqual([]);
  });
});
