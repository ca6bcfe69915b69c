/** One record of every kind, and the way from a route to addresses of real records: for tests that go through all routes. */
import { systemActor } from '../../src/shared/actor.ts';
import { TEST_PASSWORD, type SignedInAgent, type TestApp } from './app.ts';
import { aContact, aSite, aStudent } from './builders.ts';
import { aBusyCompany, aBusyStudent, mergeInto, theirPair } from './merging.ts';
import { dryRun, studentCsv } from './student-file.ts';

/** Someone who holds every built-in role, which the product allows nobody: one account then reaches every route. */
export async function signInWithEveryRight(app: TestApp): Promise<SignedInAgent> {
  const who = await app.signInAs('scolarite');
  await app.database.query('INSERT IGNORE INTO user_role (user_id, role_id) SELECT ?, id FROM role', [who.userId]);
  return who;
}

/** What stands in the place of each parameter of a path, by the path up to it. */
export type Places = Readonly<Record<string, string>>;

/** Makes one record of every kind. @returns ids by path: `/etudiants/:id` → the student's */
export async function aWholeWorld(app: TestApp, who: SignedInAgent): Promise<Places> {
  const { services, database } = app;
  const one = async (sql: string, ...values: unknown[]): Promise<string> => {
    const [row] = await database.query<{ id: string }>(sql, values);
    if (!row) throw new Error(`Nothing found by ${sql}`);
    return row.id;
  };
  const student = await aBusyStudent(app, who.userId, { programme: 'Master Finance', nir: '198042A12300129' });
  const twin = await aStudent(services, { lastName: student.lastName, firstName: student.firstName });
  const company = await aBusyCompany(app, who.userId);
  const site = await aSite(services, { companyId: company.id });
  const contact = await aContact(services, { companyId: company.id });
  await who.post(`/contacts/${contact.id}/notes`, { body: 'Préfère le courriel' });
  const pair = await theirPair(app, 'student', [student.id, twin.id]);
  const merged = await theirPair(app, 'company', [
    (await aBusyCompany(app, who.userId)).id,
    (await aBusyCompany(app, who.userId)).id,
  ]);
  await mergeInto(app, who, 'company', merged, merged.firstId);
  const batch = await dryRun(app, who, studentCsv([{}, {}, { status: 'inconnu' }]));
  const { id: user } = await services.accounts.createUser(systemActor('test', 'cli'), {
    email: 'collegue@acme.example',
    name: 'Collègue Discrète',
    roleKeys: ['direction'],
    password: TEST_PASSWORD,
  });
  // A colleague who is to hold sensitive rights: it waits for a second administrator.
  await who.post(`/utilisateurs/${user}/modifier`, {
    name: 'Collègue Discrète',
    email: 'collegue@acme.example',
    language: 'fr',
    roles: await one("SELECT id FROM role WHERE `key` = 'dpo'"),
    version: '1',
  });
  await who.post('/filtres?liste=students', { nom: 'Mon filtre', requete: 'q=dupont', portee: 'moi' });
  return {
    '/etudiants/:id': student.id,
    '/etudiants/:id/inscriptions/:enrolmentId': await one('SELECT id FROM enrolment WHERE student_id = ?', student.id),
    '/etudiants/:id/postes/:positionId': await one('SELECT id FROM `position` WHERE student_id = ?', student.id),
    '/etudiants/:id/notes/:noteId': await one('SELECT id FROM note WHERE subject_id = ?', student.id),
    '/entreprises/:id': company.id,
    '/entreprises/:id/etablissements/:siteId': site.id,
    '/entreprises/:id/notes/:noteId': await one('SELECT id FROM note WHERE subject_id = ?', company.id),
    '/contacts/:id': contact.id,
    '/contacts/:id/notes/:noteId': await one('SELECT id FROM note WHERE subject_id = ?', contact.id),
    '/doublons/:id': pair.id,
    '/doublons/fusions/:mergeId': await one('SELECT id FROM `merge`'),
    '/filtres/:id': await one('SELECT id FROM saved_filter'),
    '/utilisateurs/:id': user,
    '/utilisateurs/:id/attentes/:changeId': await one('SELECT id FROM account_change WHERE user_id = ?', user),
    '/roles/:id': await one("SELECT id FROM role WHERE `key` = 'direction'"),
    '/imports/:id': batch.id,
    '/imports/:id/lignes/:row': '4',
    '/traitements/:job': 'cleanup',
    '/reinitialisation/:token': 'jeton',
    '/compte/sessions/:key': 'cle',
  };
}

/** The address of a route, each parameter replaced by what `place` gives for the path up to it. */
export function addressOf(path: string, place: (upTo: string, name: string) => string): string {
  const whole = path.replace('{.:format}', '').replace('.:format', '.csv');
  return whole.replace(/:(\w+)/g, (_text, name: string, at: number) =>
    place(whole.slice(0, at + name.length + 1), name),
  );
}

/** The address of a route on real records. */
export function realAddress(path: string, places: Places): string {
  return addressOf(path, (upTo) => {
    const place = places[upTo];
    if (place === undefined) throw new Error(`Nothing stands at ${upTo}: add it to the world`);
    return place;
  });
}

export interface ScrapedForm {
  readonly method: 'get' | 'post' | 'delete';
  readonly action: string;
  /** Name → value as the page shows it; the token is left out. */
  readonly fields: Readonly<Record<string, string>>;
}

const unescaped = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_whole, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const attribute = (tag: string, name: string): string | null => {
  const match = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return match ? unescaped(match[1] ?? '') : null;
};

/** Every form of a page, with what its fields hold. */
export function formsIn(html: string, address: string): ScrapedForm[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', body = '']) => {
    const fields: Record<string, string> = {};
    for (const [tag, , text] of body.matchAll(/<(input|button|select|textarea)\b[^>]*>([^<]*)/g)) {
      const name = attribute(tag, 'name');
      if (name && name !== '_csrf') fields[name] ??= attribute(tag, 'value') ?? unescaped(text ?? '').trim();
    }
    const deletes = fields['_method'] === 'delete';
    delete fields['_method'];
    const method = attribute(head, 'method')?.toLowerCase() === 'post' ? (deletes ? 'delete' : 'post') : 'get';
    return { method, action: attribute(head, 'action') || address, fields };
  });
}
