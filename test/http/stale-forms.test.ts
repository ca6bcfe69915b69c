/** Every form that edits something, sent after someone else saved: 409, nothing overwritten, nothing typed lost. */
import { beforeAll, describe, expect, it } from 'vitest';
import { escapeText } from '../../src/http/safe-html.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { declaredRoutesOf } from '../support/routes.ts';
import { workByHand } from '../support/student-file.ts';
import { aWholeWorld, formsIn, realAddress, signInWithEveryRight, type ScrapedForm } from '../support/whole-world.ts';

const app = useTestApp({ emptied: 'once' });
workByHand(app);
const forms: ScrapedForm[] = [];
const tables: string[] = [];
let who: SignedInAgent;

/** What is typed into each form, by its address without ids. Decisions have only a button: nothing can be lost. */
const TYPED: Readonly<Record<string, Record<string, string>>> = {
  '/compte': { name: 'Nom <tapé>' },
  '/entreprises/:id/modification/identite': { name: 'Société <tapée>' },
  '/entreprises/:id/modification/coordonnees': { website: 'https://perdu.example' },
  '/entreprises/:id/modification/relation': { relationStage: 'partner' },
  '/entreprises/:id/etablissements/:id': { label: 'Site <tapé>' },
  '/entreprises/:id/notes/:id': { body: 'Note <tapée>' },
  '/contacts/:id/notes/:id': { body: 'Note <tapée>' },
  '/contacts/:id/modification': { lastName: 'Nom <tapé>', contactRole: 'hr', siteId: '' },
  '/doublons/:id/fusion': {},
  '/etudiants/:id/diplome': { graduatedOn: '2020-06-30' },
  '/etudiants/:id/modifier/identite': { lastName: 'Nom <tapé>' },
  '/etudiants/:id/modifier/coordonnees': { city: 'Ville <tapée>', country: 'FR' },
  '/etudiants/:id/modifier/formation': { programme: 'Master Finance', cohort: 'Promo <tapée>', create: '1' },
  '/etudiants/:id/modifier/statut': { reason: 'Motif <tapé>', status: 'prospect' },
  '/etudiants/:id/inscriptions/:id': { startedOn: '2020-09-01' },
  '/etudiants/:id/postes/:id': { title: 'Titre <tapé>' },
  '/etudiants/:id/notes/:id': { body: 'Note <tapée>' },
  '/utilisateurs/:id/modifier': { name: 'Nom <tapé>' },
  '/imports/:id/confirmation': {},
  '/imports/:id/abandon': {},
  '/imports/:id/annulation': {},
};

const withoutIds = (address: string): string => address.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id');

beforeAll(async () => {
  who = await signInWithEveryRight(app);
  const places = await aWholeWorld(app, who);
  for (const { method, path } of declaredRoutesOf(app.admin)) {
    if (method !== 'get' || path.endsWith('/progress')) continue;
    const address = realAddress(path, places);
    const { text } = await who.agent.get(address);
    for (const form of formsIn(text ?? '', address))
      if (
        form.method !== 'get' &&
        Object.keys(form.fields).some((name) => /version$/i.test(name)) &&
        !forms.some((one) => one.action === form.action)
      )
        forms.push(form);
  }
  const found = await app.database.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'version'",
  );
  tables.push(...found.map(({ name }) => name));
  for (const table of tables) await app.database.query(`UPDATE \`${table}\` SET version = version + 1`);
});

describe('a form filled from what a record was', () => {
  it('is known here for each record that has a version', () => {
    // Settings and roles, whose first version is nobody's row, have their own tests.
    const found = forms.map(({ action }) => withoutIds(action)).filter((path) => !/^\/(parametres|roles)\//.test(path));
    expect(found.sort()).toEqual(Object.keys(TYPED).sort());
  });

  it.each(Object.entries(TYPED))('%s answers 409, keeps what was typed and writes nothing', async (path, typed) => {
    const form = forms.find(({ action }) => withoutIds(action) === path);
    const before = await versions();
    const answer = await who.agent
      .post(form?.action ?? path)
      .type('form')
      .send({ ...form?.fields, ...typed, _csrf: await who.csrf() });
    expect(answer.status).toBe(409);
    for (const value of Object.values(typed)) expect(answer.text).toContain(escapeText(value));
    expect(await versions()).toEqual(before);
  });
});

/** The sum of the versions of each table: any save moves one. */
async function versions(): Promise<unknown[]> {
  const sums: unknown[] = [];
  for (const table of tables)
    sums.push(...(await app.database.query(`SELECT '${table}' AS name, SUM(version) AS sum FROM \`${table}\``)));
  return sums;
}
