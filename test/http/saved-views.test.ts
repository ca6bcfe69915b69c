/** What people arrange for themselves in a list: views they keep, alone or with their service, and the columns they want. */
import { describe, expect, it } from 'vitest';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp();

const roleId = async (key: string): Promise<string> => {
  const [role] = await app.database.query<{ id: string }>(`SELECT id FROM role WHERE \`key\` = '${key}'`);
  return role?.id ?? '';
};

/** Views that the toolbar of a list offers: address by name. */
async function viewsOf({ agent }: SignedInAgent, path = '/etudiants'): Promise<Record<string, string>> {
  const { text } = await agent.get(path);
  const links = text.matchAll(/<a class="menu-item" href="([^"]+)"[^>]*>.*?<span class="menu-item-text">([^<]+)/g);
  return Object.fromEntries([...links].map(([, href = '', name = '']) => [name, href.replaceAll('&amp;', '&')]));
}

const pageOf = async ({ agent }: SignedInAgent): Promise<string> => (await agent.get('/etudiants')).text;

const saving = (nom: string, requete: string, portee = 'moi') => ({ nom, requete, portee });

describe('a view', () => {
  it('is on the list as soon as it is saved, and leads back to what was seen', async () => {
    const it = await app.signInAs('scolarite');
    expect(await viewsOf(it)).toEqual({});
    const saved = await it.post('/filtres?liste=students', saving('Lyonnais', 'ville=Lyon&tri=-maj&apres=abc'));
    expect([saved.status, saved.headers['location']]).toEqual([303, '/etudiants?ville=Lyon&tri=-maj']);
    expect(await viewsOf(it)).toEqual({ Lyonnais: '/etudiants?ville=Lyon&tri=-maj' });
  });

  it('belongs to one list', async () => {
    const it = await app.signInAs('scolarite');
    await it.post('/filtres?liste=students', saving('Lyonnais', 'ville=Lyon'));
    expect(await viewsOf(it, '/alumni')).toEqual({});
    expect(Object.keys(await viewsOf(it, '/etudiants'))).toEqual(['Lyonnais']);
  });

  it('is seen by its owner alone, unless it is shared with a service', async () => {
    const owner = await app.signInAs('scolarite');
    const colleague = await app.signInAs('scolarite');
    const stranger = await app.signInAs('direction');
    expect(await viewsOf(colleague)).toEqual({});
    await owner.post('/filtres?liste=students', saving('Pour moi', 'statut=prospect'));
    await owner.post('/filtres?liste=students', saving('Du service', 'statut=alumni', await roleId('scolarite')));
    expect(Object.keys(await viewsOf(owner)).sort()).toEqual(['Du service', 'Pour moi']);
    expect(Object.keys(await viewsOf(colleague))).toEqual(['Du service']);
    expect(await viewsOf(stranger)).toEqual({});
  });

  it('is shared with one’s own services only', async () => {
    const it = await app.signInAs('scolarite');
    const refused = await it.post('/filtres?liste=students', saving('Intrus', '', await roleId('direction')));
    expect(refused.status).toBe(422);
    expect(await app.database.query('SELECT id FROM saved_filter')).toEqual([]);
  });

  it('is replaced by one of the same name', async () => {
    const it = await app.signInAs('scolarite');
    await it.post('/filtres?liste=students', saving('Ville', 'ville=Lyon'));
    await it.post('/filtres?liste=students', saving('Ville', 'ville=Nantes'));
    expect(await app.database.query('SELECT query FROM saved_filter')).toEqual([{ query: 'ville=Nantes' }]);
  });

  it('leaves every list when its owner deletes it, and nobody else can', async () => {
    const owner = await app.signInAs('scolarite');
    const colleague = await app.signInAs('scolarite');
    await owner.post('/filtres?liste=students', saving('Du service', 'statut=alumni', await roleId('scolarite')));
    expect(Object.keys(await viewsOf(colleague))).toEqual(['Du service']);
    const [view] = await app.database.query<{ id: string }>('SELECT id FROM saved_filter');
    expect((await colleague.remove(`/filtres/${view?.id}`)).status).toBe(404);
    expect((await owner.remove(`/filtres/${view?.id}`)).status).toBe(303);
    expect(await viewsOf(colleague)).toEqual({});
    expect(await viewsOf(owner)).toEqual({});
  });

  it('never holds a social-security number', async () => {
    const it = await app.signInAs('scolarite');
    const refused = await it.post('/filtres?liste=students', saving('Une personne', 'q=1 85 05 78 006 084 91'));
    expect(refused.status).toBe(422);
    expect(await app.database.query('SELECT id FROM saved_filter')).toEqual([]);
  });
});

describe('the columns of a list', () => {
  it('are those chosen last, by each for themselves', async () => {
    await aStudent(app.services, { lastName: 'ABADIE', schoolEmail: 'abadie@acme.example' });
    const it = await app.signInAs('scolarite');
    const colleague = await app.signInAs('scolarite');
    expect(await pageOf(it)).not.toContain('abadie@acme.example');
    await it.agent.get('/etudiants?colonnes=nom&colonnes=courriel-ecole');
    expect(await pageOf(it)).toContain('abadie@acme.example');
    expect(await pageOf(colleague)).not.toContain('abadie@acme.example');
  });
});
