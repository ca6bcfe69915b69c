/** Whatever is asked of any route, the answer says what is wrong with it: never a fault of the server, never an error in its log. */
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/ids.ts';
import { csrfIn, useTestApp, type SignedInAgent } from '../support/app.ts';
import { declaredRoutesOf } from '../support/routes.ts';
import { workByHand } from '../support/student-file.ts';
import {
  addressOf,
  aWholeWorld,
  formsIn,
  realAddress,
  signInWithEveryRight,
  type Places,
  type ScrapedForm,
} from '../support/whole-world.ts';

const app = useTestApp({ emptied: 'once' });
workByHand(app);
let who: SignedInAgent;
let places: Places;
let token = '';
const routes = declaredRoutesOf(app.admin);
/** The stream of an import stays open until the import ends. */
const pages = routes.filter(({ method, path }) => method === 'get' && !path.endsWith('/progress'));
const actions = routes.filter(({ method }) => method !== 'get');
const isId = (name: string): boolean => name === 'id' || name.endsWith('Id');

const NASTY: readonly string[] = [
  'a\0b',
  '\ufffe\uffff\u200b\u202e\u0007',
  '𝕬'.repeat(150),
  'x'.repeat(70_000),
  '-1',
  '99999999999999999999',
  '1e400',
  '0x1F',
  '2026-02-30',
  '9999-12-31',
  '__proto__',
  '{"a":[{}]}',
  '{"a":"\\ud800","lastName":{"a":1}}',
  "' OR 1=1 -- ",
  '%s %n {{7*7}} ${7*7} <%= 7*7 %>',
  '<script>alert(1)</script>',
];

/** Each field in turn spoilt, each with another of the nasty values. */
let turn = 0;
const spoil = (): string => NASTY[(turn += 1) % NASTY.length] ?? '';

function send(address: string, { method = 'post', fields = {} }: { method?: string; fields?: Record<string, string> }) {
  const own = method === 'delete' ? { ...fields, _method: 'delete' } : fields;
  return who.agent
    .post(address)
    .type('form')
    .send({ ...own, _csrf: token });
}

const scraped: ScrapedForm[] = [];
const linked = new Map<string, Set<string>>();

beforeAll(async () => {
  who = await signInWithEveryRight(app);
  places = await aWholeWorld(app, who);
  token = await who.csrf();
  for (const { path } of pages) {
    const address = realAddress(path, places);
    const { text } = await who.agent.get(address);
    scraped.push(...formsIn(text ?? '', address));
    for (const [, at = '', query = ''] of (text ?? '').matchAll(/(?:href|hx-get)="([^"?]*)\?([^"#]*)"/g))
      for (const name of new URLSearchParams(query.replaceAll('&amp;', '&')).keys())
        linked.set(at, (linked.get(at) ?? new Set()).add(name));
  }
});

const formOf = (method: string, address: string): Record<string, string> => ({
  ...scraped.find((form) => form.method === method && form.action.split('?')[0] === address)?.fields,
});

describe('an id in an address', () => {
  const withId = routes.filter(({ path }) => /:id\b|:\w+Id\b/.test(path));

  async function answersTo(replace: (upTo: string, name: string) => string): Promise<string[]> {
    const wrong: string[] = [];
    for (const { method, path } of withId) {
      const address = addressOf(path, replace);
      const real = realAddress(path, places);
      const answer =
        method === 'get' ? await who.agent.get(address) : await send(address, { method, fields: formOf(method, real) });
      if (answer.status !== 404) wrong.push(`${method} ${path}: ${answer.status}`);
    }
    return wrong;
  }

  it('that nothing has is a page not found', async () => {
    expect(await answersTo((upTo, name) => (isId(name) ? newId() : (places[upTo] ?? '')))).toEqual([]);
  });

  it('that is none is a page not found', async () => {
    const none = [
      'pas-un-id',
      '%00',
      '..%2F..%2Fetc%2Fpasswd',
      '01900000-0000-7000-8000-00000000000',
      'x'.repeat(3000),
    ];
    let given = 0;
    const text = () => none[(given += 1) % none.length] ?? '';
    expect(await answersTo((upTo, name) => (isId(name) ? text() : (places[upTo] ?? '')))).toEqual([]);
  });

  it('of another kind of record is a page not found', async () => {
    const other = (upTo: string) =>
      (upTo.startsWith('/entreprises') ? places['/contacts/:id'] : places['/entreprises/:id']) ?? '';
    expect(await answersTo((upTo, name) => (isId(name) ? other(upTo) : (places[upTo] ?? '')))).toEqual([]);
  });
});

describe('a form without its token', () => {
  it('is refused by every action', async () => {
    const wrong: string[] = [];
    const other = supertest.agent(app.admin);
    const theirs = csrfIn((await other.get('/connexion')).text);
    for (const { method, path } of actions) {
      const address = realAddress(path, places);
      for (const fields of [{}, { _csrf: theirs }, { _csrf: ['a', 'b'] }]) {
        const own = { ...formOf(method, address), ...fields, ...(method === 'delete' ? { _method: 'delete' } : {}) };
        const typed = await who.agent.post(address).type('form').send(own);
        const answer = typed.status === 400 ? await who.agent.post(address).field('a', 'b') : typed;
        if (answer.status !== 403) wrong.push(`${method} ${path} ${JSON.stringify(fields)}: ${answer.status}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('a body', () => {
  const uploads = actions.filter(({ path }) => ['/imports', '/parametres/logo'].includes(path));
  const typed = actions.filter((route) => !uploads.includes(route) && route.path !== '/deconnexion');

  async function statusesOf(
    list: typeof actions,
    ask: (address: string, method: string) => Promise<supertest.Response>,
  ): Promise<number[]> {
    const statuses = new Set<number>();
    for (const { method, path } of list) statuses.add((await ask(realAddress(path, places), method)).status);
    return [...statuses].sort();
  }

  it('that is larger than any form is refused', async () => {
    const filler = 'x'.repeat(1_100_000);
    const some = typed.filter((_route, index) => index % 7 === 0);
    const answers = await statusesOf(some, (address, method) => send(address, { method, fields: { filler } }));
    expect(answers).toEqual([413]);
    const page = await send('/compte', { fields: { filler } });
    expect(page.text).toContain('Ce formulaire est trop volumineux');
  });

  it('of another kind is as no body', async () => {
    const kinds = [
      ['application/json', '{"a":'],
      ['application/json', '{"a":{"b":[]},"__proto__":{"admin":true}}'],
      ['text/xml', '<a/>'],
    ] as const;
    const wrong: string[] = [];
    for (const [index, { path }] of typed.entries()) {
      const [type, body] = kinds[index % 3] ?? kinds[0];
      const asked = who.agent.post(realAddress(path, places)).set({ 'X-CSRF-Token': token, 'Content-Type': type });
      const { status } = await asked.send(body);
      if (status >= 500) wrong.push(`${path} ${body}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['without a boundary', 'multipart/form-data', 'x'],
    ['with a boundary that never comes', 'multipart/form-data; boundary=abc', 'nothing of the kind'],
    ['cut in its headers', 'multipart/form-data; boundary=abc', '--abc\r\nContent-Disposition: form-data; name="fi'],
    [
      'cut in its file',
      'multipart/form-data; boundary=abc',
      '--abc\r\nContent-Disposition: form-data; name="fichier"; filename="a.csv"\r\n\r\nNom',
    ],
    ['that is none', 'application/json', '{}'],
  ])('of a file %s is refused', async (_kind, type, body) => {
    const answers = await statusesOf(uploads, (address) =>
      who.agent.post(address).set('X-CSRF-Token', token).set('Content-Type', type).send(body),
    );
    expect(answers).toEqual([400]);
  });

  it.each([
    ['with more fields than any form has', 'application/x-www-form-urlencoded', 'a=1&'.repeat(6_000), 413],
    ['in a character set nobody writes', 'application/x-www-form-urlencoded; charset=utf-7', 'a=1', 400],
    ['with broken escapes', 'application/x-www-form-urlencoded', 'a=%&b=%ZZ&%ED%A0%80=%ff', 403],
  ])('%s is refused', async (_kind, type, body, status) => {
    expect((await who.agent.post('/compte').set('Content-Type', type).send(body)).status).toBe(status);
  });

  it('that says it is compressed and is not is refused', async () => {
    const answer = await who.agent
      .post('/compte')
      .set('Content-Type', 'application/x-www-form-urlencoded')
      .set('Content-Encoding', 'gzip')
      .send('a=1');
    expect(answer.status).toBe(400);
  });
});

describe('a method that no page has', () => {
  it.each(['put', 'patch', 'delete', 'options', 'trace', 'propfind', 'head'] as const)(
    '%s changes nothing',
    async (method) => {
      for (const address of ['/', '/compte', '/etudiants', '/connexion', '/imports']) {
        const answer = await who.agent[method](address);
        expect([address, answer.status]).toEqual([
          address,
          method === 'options' || method === 'head'
            ? expect.toSatisfy((status: number) => status < 400)
            : expect.toSatisfy((status: number) => [403, 404, 400].includes(status)),
        ]);
      }
    },
  );
});

describe('anything in a query', () => {
  it('finds a page that answers', { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    for (const { path } of pages) {
      const address = realAddress(path, places);
      const names = new Set(['q', 'apres', 'avant', 'page', ...(linked.get(address) ?? [])]);
      for (const form of scraped)
        if (form.method === 'get' && form.action.split('?')[0] === address)
          Object.keys(form.fields).forEach((name) => names.add(name));
      const value = () => encodeURIComponent(spoil().slice(0, 5000));
      for (const name of names) {
        turn += 1;
        const query = [
          `${name}=${value()}`,
          `${name}[]=${value()}&${name}=b`,
          `${name}[a][b]=c&${name}=1&${name}=2`,
          `${name}=%ED%A0%80%ff%`,
        ][turn % 4];
        const { status } = await who.agent.get(`${address}?${query}`);
        if (![200, 303, 400, 404, 409, 422].includes(status)) wrong.push(`${path}?${query?.slice(0, 100)}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('anything in a form', () => {
  it('has an answer', { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    const seen = new Set<string>();
    for (const form of scraped) {
      const key = `${form.method} ${form.action}`;
      if (form.method === 'get' || seen.has(key) || form.action === '/deconnexion') continue;
      seen.add(key);
      for (const name of Object.keys(form.fields)) {
        const value = spoil();
        const { status } = await send(form.action, { method: form.method, fields: { ...form.fields, [name]: value } });
        if (status >= 500 || status === 401) wrong.push(`${key} ${name}=${value.slice(0, 60)}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
