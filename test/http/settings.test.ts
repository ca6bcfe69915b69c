import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { journalOf } from '../support/door.ts';

const app = useTestApp();

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>';
const brand = {
  schoolName: 'École Bleue',
  productName: 'Annuaire',
  primary: '#0b5fa5',
  accent: '#c2185b',
  version: '0',
};

/** The page of settings as it stands now, whatever was remembered from the test before. */
async function settingsPage(person: SignedInAgent, query = ''): Promise<supertest.Response> {
  app.clock.advance(10_000);
  return person.agent.get(`/parametres${query}`);
}

async function upload(person: SignedInAgent, name: string, content: Buffer | string, version = '0') {
  return person.agent
    .post('/parametres/logo')
    .field('_csrf', await person.csrf())
    .field('version', version)
    .attach('logo', Buffer.from(content), name);
}

describe('the settings', () => {
  it('are for those who manage them', async () => {
    const anonymous = await supertest(app.admin).get('/parametres').set('Accept', 'text/html');
    expect(anonymous.headers['location']).toBe('/connexion?suite=%2Fparametres');
    const scolarite = await app.signInAs('scolarite');
    expect((await scolarite.agent.get('/parametres')).status).toBe(403);
    expect((await scolarite.post('/parametres/charte', brand)).status).toBe(403);
    expect((await upload(scolarite, 'logo.svg', SVG)).status).toBe(403);
  });

  it('give every page the school’s name and colours', async () => {
    const it = await app.signInAs('informatique');
    const saved = await it.post('/parametres/charte', brand);
    expect(saved.status).toBe(303);
    const page = await settingsPage(it);
    expect(page.text).toContain('École Bleue');
    expect(page.text).toContain('· Annuaire</title>');
    const stylesheet = /href="(\/charte\.css\?v=[0-9a-f]+)"/.exec(page.text)?.[1] ?? '';
    expect((await supertest(app.admin).get(stylesheet)).text).toContain('--brand-primary: light-dark(#0b5fa5,');
    expect((await supertest(app.admin).get('/connexion')).text).toContain('École Bleue');
    expect(await journalOf(app, 'brand')).toEqual(['setting.updated']);
  });

  it('reach the other processes within seconds', async () => {
    const it = await app.signInAs('informatique');
    await supertest(app.portal).get('/connexion');
    await it.post('/parametres/charte', brand);
    app.clock.advance(6_000);
    await supertest(app.portal).get('/connexion');
    await expect.poll(async () => (await supertest(app.portal).get('/connexion')).text).toContain('École Bleue');
  });

  it('show two colours before they are saved, adapted where text could not be read', async () => {
    const it = await app.signInAs('informatique');
    const { text } = await settingsPage(it, '?primary=%23ffee00&accent=%23ffffff');
    const preview = /<div id="brand-preview"[^]*?<\/table>/.exec(text)?.[0] ?? '';
    expect(preview).not.toContain('Insuffisant');
    expect(preview).toContain('adaptée');
    const ratios = [...preview.matchAll(/(\d+,\d)\u202f: 1/g)].map(([, ratio]) =>
      Number((ratio ?? '').replace(',', '.')),
    );
    expect(ratios.length).toBeGreaterThan(5);
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(4.5);
    expect((await settingsPage(it)).text).toContain('value="#1d3461"');
    expect((await settingsPage(it, '?primary=red&accent=%3Cscript%3E')).status).toBe(200);
  });

  it.each([
    ['/parametres/charte', { ...brand, schoolName: '  ' }, 'schoolName'],
    ['/parametres/charte', { ...brand, primary: 'bleu' }, 'primary'],
    ['/parametres/numeros', { prefix: 'A1', version: '0' }, 'prefix'],
    ['/parametres/annulation', { days: '0', version: '0' }, 'days'],
    ['/parametres/annulation', { days: 'un mois', version: '0' }, 'days'],
    ['/parametres/imports', { rejectedShare: '101', rowDrop: '30', version: '0' }, 'rejectedShare'],
    ['/parametres/imports', { rejectedShare: '20', rowDrop: '2,5', version: '0' }, 'rowDrop'],
  ])('%s refuse %j and keep what was typed', async (path, fields, field) => {
    const it = await app.signInAs('informatique');
    const answer = await it.post(path, fields);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`id="${field}-error"`);
    expect(await app.database.query('SELECT name FROM setting')).toEqual([]);
  });

  it('change what the rest of the product reads', async () => {
    const it = await app.signInAs('informatique');
    await it.post('/parametres/numeros', { prefix: 'eb', version: '0' });
    await it.post('/parametres/annulation', { days: '14', version: '0' });
    await it.post('/parametres/imports', { rejectedShare: '5', rowDrop: '100', version: '0' });
    app.clock.advance(10_000);
    const { settings } = app.services;
    expect(await settings.get('studentNumbers')).toEqual({ prefix: 'EB' });
    expect(await settings.get('undo')).toEqual({ days: 14 });
    expect(await settings.get('importSafety')).toEqual({ rejectedShare: 0.05, rowDrop: 1 });
  });

  it('show both versions to whoever saves second, from the first save on', async () => {
    const it = await app.signInAs('informatique');
    await it.post('/parametres/charte', brand);
    const late = await it.post('/parametres/charte', { ...brand, schoolName: 'École Rouge' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('value="École Rouge"');
    expect(late.text).toContain('value="École Bleue"');
    const form = /action="\/parametres\/charte"[^]*?name="version" value="(\d+)"/.exec(late.text)?.[1] ?? '';
    const again = await it.post('/parametres/charte', { ...brand, schoolName: 'École Rouge', version: form });
    expect(again.status).toBe(303);
    expect((await settingsPage(it)).text).toContain('École Rouge');
  });

  it('save one of two that are saved at the same time', async () => {
    const it = await app.signInAs('informatique');
    const token = await it.csrf();
    const save = (days: string) =>
      it.agent.post('/parametres/annulation').type('form').send({ days, version: '0', _csrf: token });
    const answers = await Promise.all([save('10'), save('20')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409]);
  });

  it('go back to the original charter after a confirmation', async () => {
    const it = await app.signInAs('informatique');
    await it.post('/parametres/charte', brand);
    await upload(it, 'logo.svg', SVG, '1');
    expect((await it.agent.get('/parametres/charte')).text).toContain('Revenir à la charte d’origine\u202f?');
    expect((await it.remove('/parametres/charte', { version: '2' })).status).toBe(303);
    const page = await settingsPage(it);
    expect(page.text).toContain('ACME School');
    expect(page.text).toContain('Logo fourni avec l’outil');
  });
});

describe('the logo', () => {
  it('is served as what it is, and can do nothing', async () => {
    const it = await app.signInAs('informatique');
    expect((await upload(it, 'logo.svg', SVG)).status).toBe(303);
    const page = await settingsPage(it);
    const address = /src="(\/charte\/logo\?v=[0-9a-f]+)"/.exec(page.text)?.[1] ?? '';
    const logo = await supertest(app.admin).get(address);
    expect(logo.headers['content-type']).toContain('image/svg+xml');
    expect(logo.headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    expect(logo.headers['x-content-type-options']).toBe('nosniff');
    expect((logo.body as Buffer).toString('utf8')).toBe(SVG);
    const [event] = await app.database.query<{ payload: Buffer }>(
      "SELECT payload FROM audit_event WHERE action = 'setting.updated'",
    );
    expect(event?.payload.length).toBeLessThan(1_000);
    expect((await it.remove('/parametres/logo', { version: '1' })).status).toBe(303);
    expect((await settingsPage(it)).text).not.toContain('/charte/logo?');
  });

  it.each([
    ['logo.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'contient du code'],
    ['logo.png', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 'contient du code'],
    ['logo.png', 'GIF89a', 'ni un SVG ni un PNG'],
    ['logo.svg', '', 'Choisissez un fichier'],
    ['logo.svg', `${SVG}<!--${'x'.repeat(310_000)}-->`, 'dépasse 300'],
  ])('refuses %s when its content is wrong, and says why', async (name, content, words) => {
    const it = await app.signInAs('informatique');
    const answer = await upload(it, name, content);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words);
    expect(await app.database.query('SELECT name FROM setting')).toEqual([]);
  });

  it('is refused before it is read when it is far too heavy', async () => {
    const it = await app.signInAs('informatique');
    expect((await upload(it, 'logo.png', Buffer.alloc(3 * 1_048_576))).status).toBe(413);
  });

  it('needs the token of the page', async () => {
    const it = await app.signInAs('informatique');
    const answer = await it.agent
      .post('/parametres/logo')
      .field('version', '0')
      .attach('logo', Buffer.from(SVG), 'l.svg');
    expect(answer.status).toBe(403);
  });
});
