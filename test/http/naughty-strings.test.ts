/** Strings that break programs, through what people type: kept and shown as typed, or refused with a word on the field. */
import naughtyStrings from 'big-list-of-naughty-strings/blns.json' with { type: 'json' };
import ExcelJS from 'exceljs';
import { beforeAll, describe, expect, it } from 'vitest';
import { escapeText } from '../../src/http/safe-html.ts';
import { cleanText } from '../../src/shared/text.ts';
import { binaryBody } from '../support/answers.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aCompany, aStudent } from '../support/builders.ts';
import { signInWithEveryRight } from '../support/whole-world.ts';

const app = useTestApp({ emptied: 'once' });
let who: SignedInAgent;
let token = '';

/** What a browser can send: lone surrogates are no text. */
const STRINGS = [...new Set([...naughtyStrings.map((text) => text.toWellFormed()), '=1+1', '+1', '-1', '@A1'])];
const third = (offset: number): string[] => STRINGS.filter((_text, index) => index % 3 === offset);

const post = (path: string, fields: Record<string, string>) =>
  who.agent
    .post(path)
    .type('form')
    .send({ ...fields, _csrf: token });

beforeAll(async () => {
  who = await signInWithEveryRight(app);
  token = await who.csrf();
});

/** Sends each text in a form; a text is kept, or the form comes back with what was typed and a word on a field. @returns those kept */
async function kept(
  texts: readonly string[],
  path: string,
  form: (text: string) => Record<string, string>,
): Promise<string[]> {
  const accepted: string[] = [];
  for (const text of texts) {
    const answer = await post(path, form(text));
    if (answer.status === 303) {
      accepted.push(text);
      continue;
    }
    expect([text, answer.status]).toEqual([text, 422]);
    expect(answer.text).toContain('aria-invalid="true"');
  }
  return accepted;
}

/** The pages show each text as it was typed, and none as markup. */
async function expectShown(addresses: readonly string[], texts: readonly string[]): Promise<void> {
  let shown = '';
  for (const address of addresses) {
    const page = await who.agent.get(address);
    expect([address, page.status]).toEqual([address, 200]);
    shown += page.text;
  }
  expect(texts.filter((text) => !shown.includes(escapeText(cleanText(text))))).toEqual([]);
  expect(texts.filter((text) => /<[a-z!/]/i.test(text) && shown.includes(text))).toEqual([]);
}

const listOf = (path: string): string[] => ['nom', '-nom'].map((order) => `${path}?tri=${order}&limite=100`);

describe('naughty strings', { timeout: 120_000 }, () => {
  it('as names and addresses of people', async () => {
    const names = await kept(third(0), '/etudiants/nouveau', (text) => ({
      lastName: text,
      firstName: 'Essai',
      street: text,
      city: text,
      status: 'prospect',
      isSomeoneElse: '1',
    }));
    expect(names.length).toBeGreaterThan(120);
    const rows = await app.database.query<{ name: string; street: string; city: string }>(
      'SELECT last_name AS name, street, city FROM student ORDER BY student_number',
    );
    expect(rows.map(({ name, street }) => [name, street])).toEqual(
      names.map((text) => [cleanText(text), cleanText(text)]),
    );
    await expectShown(listOf('/etudiants'), names);
  });

  it('as names of companies', async () => {
    const names = await kept(third(1), '/entreprises/nouvelle', (text) => ({
      name: text,
      sector: text.slice(0, 100).toWellFormed(),
      city: 'Brest',
      country: 'FR',
      relationStage: 'suspect',
      despite: '1',
    }));
    expect(names.length).toBeGreaterThan(120);
    const rows = await app.database.query<{ name: string }>('SELECT name FROM company ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual(names.map(cleanText));
    await expectShown(listOf('/entreprises'), names);
  });

  it('as contacts of a company, and notes on it', async () => {
    const { id } = await aCompany(app.services, { name: 'Les Ateliers' });
    const names = await kept(third(2), `/entreprises/${id}/contacts/nouveau`, (text) => ({
      lastName: text,
      firstName: text,
      jobTitle: text,
      contactRole: 'hr',
      despite: '1',
    }));
    expect(names.length).toBeGreaterThan(100);
    const rows = await app.database.query<{ name: string }>('SELECT last_name AS name FROM contact ORDER BY id');
    expect(rows.map(({ name }) => name)).toEqual(names.map(cleanText));
    await expectShown(listOf('/contacts'), names);

    const bodies = [0, 1, 2, 3].map((part) => STRINGS.filter((_text, index) => index % 40 === part).join('\n'));
    expect(await kept(bodies, `/entreprises/${id}/notes`, (body) => ({ body }))).toEqual(bodies);
    const notes = await app.database.query<{ body: string }>('SELECT body FROM note ORDER BY id');
    expect(notes.map(({ body }) => body)).toEqual(bodies.map((body) => body.replace(/\r\n?/g, '\n')));
    const page = await who.agent.get(`/entreprises/${id}/notes`);
    for (const { body } of notes) expect(page.text).toContain(escapeText(body));
  });

  it('as tags', async () => {
    const { id } = await aStudent(app.services);
    const labels = STRINGS.filter((text, index) => index % 6 === 0 && text.length < 50 && cleanText(text) !== '');
    const statuses = new Set<number>();
    for (const label of labels) statuses.add((await post(`/etudiants/${id}/etiquettes`, { etiquette: label })).status);
    expect([...statuses].sort()).toEqual([303]);
    const tags = await app.database.query<{ label: string }>('SELECT label FROM tag');
    await expectShown(
      [`/etudiants/${id}`],
      tags.map(({ label }) => label),
    );
  });

  it('as a search', async () => {
    const places = [
      '/recherche',
      '/entreprises',
      '/contacts',
      '/alumni',
      '/recherche.json',
      '/entreprises.json',
      '/imports',
    ];
    const wrong: string[] = [];
    for (const [index, text] of third(0).entries()) {
      const place = places[index % places.length] ?? '';
      const answer = await who.agent.get(`${place}?q=${encodeURIComponent(text)}`);
      const isMarkup = /<[a-z!/]/i.test(text) && text.length > 4;
      if (answer.status !== 200 || (isMarkup && !place.endsWith('.json') && answer.text.includes(text)))
        wrong.push(`${place} ${text}: ${answer.status}`);
    }
    expect(wrong).toEqual([]);
  });

  it.each(['/etudiants', '/entreprises', '/contacts'])('leave %s in files that run nothing', async (path) => {
    const csv = await who.agent.get(`${path}.csv`).buffer(true).parse(binaryBody);
    expect(csv.status).toBe(200);
    const cells = csvCells((csv.body as Buffer).toString('utf8'));
    expect(cells.length).toBeGreaterThan(300);
    expect(cells.filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([]);
    expect(cells.some((cell) => /^'[=+\-@]/.test(cell))).toBe(true);

    const answer = await who.agent.get(`${path}.xlsx`).buffer(true).parse(binaryBody);
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(answer.body as never);
    const formulas: unknown[] = [];
    workbook.worksheets[0]?.eachRow((row) =>
      row.eachCell((cell) => {
        if (cell.type === ExcelJS.ValueType.Formula || /^\s*[=+\-@]/.test(cell.text)) formulas.push(cell.text);
      }),
    );
    expect(formulas).toEqual([]);
    expect(workbook.worksheets[0]?.rowCount).toBeGreaterThan(100);
  });
});

/** Every cell of a French CSV. */
function csvCells(text: string): string[] {
  return [...text.replace(/^\ufeff/, '').matchAll(/"((?:[^"]|"")*)"|([^;\r\n"]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
