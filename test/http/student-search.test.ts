import naughtyStrings from 'big-list-of-naughty-strings/blns.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { nirKey } from '../../src/shared/nir.ts';
import { foldText } from '../../src/shared/text.ts';
import { useTestApp, type Agent, type SignedInAgent } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

describe('searching the list of students', () => {
  const app = useTestApp();

  async function found(agent: Agent, q: string, more = ''): Promise<string[]> {
    const answer = await agent.get(`/etudiants.json?q=${encodeURIComponent(q)}${more}`);
    expect(answer.status, q).toBe(200);
    const { rows, total } = answer.body as { rows: { lastName: string }[]; total: number };
    expect(total, q).toBe(rows.length);
    return rows.map(({ lastName }) => lastName);
  }

  /** A number has no address: it is looked for by the search over everything, which sends it by POST. */
  async function foundByNumber({ post }: Pick<SignedInAgent, 'post'>, q: string): Promise<string[]> {
    const answer = await post('/recherche.json', { q });
    expect(answer.status, q).toBe(200);
    const { groups } = answer.body as { groups: { key: string; hits: { title: string }[] }[] };
    return groups.flatMap(({ hits }) => hits.map(({ title }) => title));
  }

  it('finds a name in any order and writing, a word by its beginning', async () => {
    await aStudent(app.services, { lastName: 'LE GALL', firstName: 'Anne-Laure' });
    await aStudent(app.services, { lastName: "D'HÉROUVILLE", firstName: 'Gaël' });
    await aStudent(app.services, { lastName: 'ŒUVRARD', firstName: 'François' });
    const { agent } = await app.signInAs('scolarite');
    const cases: [string, string[]][] = [
      ['le gall', ['LE GALL']],
      ['LE GALL anne-laure', ['LE GALL']],
      ['anne laure le gall', ['LE GALL']],
      ['legall', ['LE GALL']],
      ['annelaure', ['LE GALL']],
      ['laure', ['LE GALL']],
      ['gall ann', ['LE GALL']],
      ['Àñné', ['LE GALL']],
      ["d'hérouville", ["D'HÉROUVILLE"]],
      ['d’herouville', ["D'HÉROUVILLE"]],
      ['herou', ["D'HÉROUVILLE"]],
      ['GAEL', ["D'HÉROUVILLE"]],
      ['oeuvrard francois', ['ŒUVRARD']],
      ['œuv', ['ŒUVRARD']],
      ['  francois   ', ['ŒUVRARD']],
      ['le gall francois', []],
      ['gall x', []],
      ['all', []],
    ];
    for (const [q, expected] of cases) expect(await found(agent, q), q).toEqual(expected);
  });

  it('puts names that begin with what was typed first', async () => {
    await aStudent(app.services, { lastName: 'ABEL', firstName: 'Martin' });
    await aStudent(app.services, { lastName: 'MARTIN', firstName: 'Zoé' });
    await aStudent(app.services, { lastName: 'MARTINEZ', firstName: 'Ana' });
    await aStudent(app.services, { lastName: 'ZOLA', firstName: 'Martine' });
    const { agent } = await app.signInAs('scolarite');
    expect(await found(agent, 'martin')).toEqual(['MARTIN', 'MARTINEZ', 'ABEL', 'ZOLA']);
    expect(await found(agent, 'martin', '&tri=-nom')).toEqual(['MARTINEZ', 'MARTIN', 'ZOLA', 'ABEL']);
    expect(await found(agent, 'martin', '&tri=numero')).toEqual(['ABEL', 'MARTIN', 'MARTINEZ', 'ZOLA']);
  });

  it('goes from page to page through both', async () => {
    for (const lastName of ['MARTIN', 'MARTINEAU', 'MARTINEZ'])
      await aStudent(app.services, { lastName, firstName: 'Ana' });
    for (const lastName of ['ABEL', 'BRUN']) await aStudent(app.services, { lastName, firstName: 'Martin' });
    const { agent } = await app.signInAs('scolarite');
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const answer = await agent.get(`/etudiants.json?q=martin&limite=2${next && `&apres=${next}`}`);
      const body = answer.body as { rows: { lastName: string }[]; next: string | null };
      seen.push(...body.rows.map(({ lastName }) => lastName));
      next = body.next;
    }
    expect(seen).toEqual(['MARTIN', 'MARTINEAU', 'MARTINEZ', 'ABEL', 'BRUN']);
  });

  it('finds a phone in any writing', async () => {
    await aStudent(app.services, { lastName: 'MOBILE', personalPhone: '+33612345678' });
    await aStudent(app.services, { lastName: 'BUREAU', professionalPhone: '+33145678901' });
    await aStudent(app.services, { lastName: 'REUNION', personalPhone: '+262692123456' });
    const { agent } = await app.signInAs('scolarite');
    for (const q of [
      '06 12 34 56 78',
      '0612345678',
      '06.12.34',
      '06-12',
      '+33 6 12 34 56 78',
      '0033612345678',
      '+33 (0)6 12',
    ])
      expect(await found(agent, q), q).toEqual(['MOBILE']);
    for (const q of ['01 45 67', '+33145678901']) expect(await found(agent, q), q).toEqual(['BUREAU']);
    for (const q of ['0692 12 34 56', '+262 692']) expect(await found(agent, q), q).toEqual(['REUNION']);
  });

  it('finds an e-mail by its beginning, a postcode and a student number', async () => {
    const anne = await aStudent(app.services, {
      lastName: 'ANNE',
      email: 'anne.legall@example.org',
      postcode: '01000',
      city: 'Bourg-en-Bresse',
    });
    await aStudent(app.services, {
      lastName: 'BRUN',
      schoolEmail: 'brun@acme.example',
      postcode: '69003',
      city: 'Lyon',
    });
    const { agent } = await app.signInAs('scolarite');
    const number = anne.studentNumber;
    for (const q of [
      'anne.legall@example.org',
      'ANNE.LEGALL@',
      '01000',
      number,
      number.toLowerCase(),
      number.slice(0, 9),
      `anne 01000`,
    ])
      expect(await found(agent, q), q).toContain('ANNE');
    expect(await found(agent, '01000')).toEqual(['ANNE']);
    expect(await found(agent, number)).toEqual(['ANNE']);
    expect(await found(agent, 'brun@acme')).toEqual(['BRUN']);
    expect(await found(agent, 'brun 01000')).toEqual([]);
    expect(await found(agent, '@example.org')).toEqual([]);
  });

  it('finds nobody by a NIR that could not be revealed', async () => {
    const body = '2750375123457';
    const nir = `${body}${nirKey(body)}`;
    await aStudent(app.services, { lastName: 'INSCRITE', firstName: 'Baptiste', status: 'en_fonction', nir });
    await app.database.query("UPDATE role_grant SET scope = 'alumni' WHERE permission = 'students.reveal_nir'");
    await app.database.query('UPDATE role SET version = version + 1');
    const agent = await app.signInAs('scolarite', 'agent-nir');
    expect(await foundByNumber(agent, nir)).toEqual([]);
    await app.database.query("UPDATE student SET status = 'alumni' WHERE last_name = 'INSCRITE'");
    expect(await foundByNumber(agent, nir)).toEqual(['INSCRITE Baptiste']);
  });

  it('finds a complete NIR for whoever may reveal it, and for no one else', async () => {
    const body = '2750375123456';
    const nir = `${body}${nirKey(body)}`;
    await aStudent(app.services, { lastName: 'CACHEE', firstName: 'Inès', nir });
    const agent = await app.signInAs('scolarite', 'agent-nir');
    for (const q of [nir, `2 75 03 75 123 456 ${nirKey(body)}`])
      expect(await foundByNumber(agent, q), q).toEqual(['CACHEE Inès']);
    expect(await found(agent.agent, '2750375')).toEqual([]);
    expect(await foundByNumber(await app.signInAs('scolarite'), nir)).toEqual([]);
  });

  it('marks what was found', async () => {
    await aStudent(app.services, { lastName: 'LE GALL', firstName: 'Anne' });
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/etudiants?q=gall')).text).toContain('LE <mark>GALL</mark> Anne');
  });
});

/** What no address can hold: encodeURIComponent refuses it. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

describe('searching with anything at all', () => {
  const app = useTestApp({ emptied: 'once' });

  it('answers, finds nothing by chance, and shows the text as it was typed', async () => {
    await aStudent(app.services, {
      lastName: 'GARDE',
      firstName: 'Xynthia',
      email: 'anne@example.org',
      city: 'Lyon',
      personalPhone: '+33612345678',
    });
    const { agent } = await app.signInAs('scolarite');
    const texts = [
      ...naughtyStrings,
      "'",
      '%',
      '_',
      '%%%',
      '\\',
      '/',
      '😀',
      "' OR 1=1 -- ",
      '*',
      '"',
      '<script>alert(1)</script>',
      '\u0000',
      '\ud83d',
      '-'.repeat(300),
    ];
    for (const text of texts) {
      const typed = encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'));
      const answer = await agent.get(`/etudiants.json?q=${typed}`);
      expect(answer.status, text).toBe(200);
      const { rows } = answer.body as { rows: unknown[] };
      const words = foldText(text).split(' ');
      const isMeant = words[0] !== '' && words.every((word) => 'garde'.startsWith(word) || 'xynthia'.startsWith(word));
      expect(rows, text).toHaveLength(text.trim() === '' || isMeant ? 1 : 0);
    }
    for (const text of texts.filter((_, index) => index % 12 === 0)) {
      const page = await agent.get(
        `/etudiants?q=${encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'))}&ville=${encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'))}`,
      );
      expect(page.status, text).toBe(200);
      expect(page.text).not.toContain('<script>alert');
    }
    const shown = await agent.get(`/etudiants?q=${encodeURIComponent(`<b>"l'été" & 😀`)}`);
    expect(shown.text).toContain('value="&lt;b&gt;&#34;l&#39;été&#34; &amp; 😀"');
  }, 120_000);

  it('keeps names as they were typed, and finds them', async () => {
    const { agent } = await app.signInAs('scolarite');
    const names = ["O'Brien–Étoile", 'Ægir 😀', 'Ｔｈｅ', 'Nguyễn', '<b>Gras</b>', 'Ünïcödé %_'];
    for (const lastName of names) await aStudent(app.services, { lastName, firstName: 'Test' });
    const cases = ['obrien', 'aegir', 'the', 'nguyen', 'gras', 'unicode'];
    for (const [index, q] of cases.entries()) {
      const { body } = await agent.get(`/etudiants.json?q=${q}`);
      expect(
        (body as { rows: { lastName: string }[] }).rows.map((row) => row.lastName),
        q,
      ).toContain(names[index]);
    }
    expect((await agent.get('/etudiants?q=gras')).text).not.toContain('<b>Gras');
  });
});
