/** Long because each format and each damage a file can have stands here. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as spreadsheet from '@e965/xlsx';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSha256, readWorkbook, type ColumnSpec, type WorkbookRow } from '../../../src/connectors/workbook/index.ts';
import { readNumberFormat, numberText } from '../../../src/connectors/workbook/number-format.ts';
import { readWorkbookContent } from '../../../src/connectors/workbook/workbook-content.ts';
import { STUDENT_COLUMNS } from '../../../src/features/imports/student-columns.ts';
import { SourceError } from '../../../src/shared/source-error.ts';
import { workbookParts, zip } from '../../support/zip-files.ts';

const LEGACY = new URL('../../fixtures/legacy/', import.meta.url);
const HEADERS = ['Nom Prénom', 'NIR', 'Statut'];

const fixture = (name: string): Buffer => readFileSync(new URL(name, LEGACY));

async function read(
  buffer: Uint8Array,
  options: { columns?: readonly ColumnSpec[]; limits?: Parameters<typeof readWorkbook>[0]['limits'] } = {},
): Promise<Awaited<ReturnType<typeof readWorkbook>> & { all: WorkbookRow[] }> {
  const reading = await readWorkbook({ buffer, columns: STUDENT_COLUMNS, ...options });
  const all: WorkbookRow[] = [];
  for await (const batch of reading.rows) all.push(...batch);
  return { ...reading, all };
}

async function refusal(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

async function xlsx(fill: (sheet: ExcelJS.Worksheet, workbook: ExcelJS.Workbook) => void): Promise<Uint8Array> {
  const workbook = new ExcelJS.Workbook();
  fill(workbook.addWorksheet('Feuille'), workbook);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

const inline = (value: string): string => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
const headerXml = `<row>${HEADERS.map(inline).join('')}</row>`;

describe('readWorkbook', () => {
  it.each([
    ['mini-biff8.xls', 'xls', null, null],
    ['mini-biff5.xls', 'xls', null, null],
    ['mini.xlsx', 'xlsx', null, null],
    ['mini.xlsm', 'xlsm', null, null],
    ['mini-xlsx-nomme.xls', 'xlsx', null, null],
    ['mini-csv-nomme.xls', 'csv', 'utf-8', ';'],
    ['mini-cp1252-point-virgule.csv', 'csv', 'windows-1252', ';'],
    ['mini-utf8-bom-virgule.csv', 'csv', 'utf-8', ','],
    ['mini-utf8-tab.csv', 'csv', 'utf-8', '\t'],
  ])('tells what %s is by its content', async (name, format, encoding, separator) => {
    const reading = await read(fixture(`formats/${name}`));
    expect(reading).toMatchObject({ format, encoding, separator, headerRow: 3, unknownColumns: ['Observations'] });
    expect(reading.sheet).toBe(format === 'csv' ? null : 'Référentiel');
    expect(reading.otherSheets).toEqual([]);
    expect(reading.rowCount).toBe(40);
    expect(reading.all).toHaveLength(40);
    expect(reading.columns[6]).toEqual({ index: 6, header: 'Curscus', field: 'cursus' });
    expect(reading.columns[8]).toEqual({ index: 8, header: 'Observations', field: null });
  });

  it('gives the rows again each time they are asked for', async () => {
    const reading = await readWorkbook({ buffer: fixture('formats/mini.xlsx'), columns: STUDENT_COLUMNS });
    const once: number[] = [];
    const twice: number[] = [];
    for await (const batch of reading.rows) once.push(...batch.map((row) => row.row));
    for await (const batch of reading.rows) twice.push(...batch.map((row) => row.row));
    expect(once).toHaveLength(40);
    expect(twice).toEqual(once);
  });

  it.each([
    'NOM PRENOM;N° sécurité sociale;STATUT',
    'Nom et prénom;NSS;Statut (prospect, en fonction, alumni)',
    ' nom  prénom ;"Numéro de\r\nsécurité sociale";statut',
    'Nom-Prénom ;Numero de securite sociale :;Statut.',
  ])('knows the headers %j', async (headers) => {
    const { all } = await read(text(`${headers}\nDUPONT Jean;1;prospect\n`));
    expect(all).toEqual([{ row: 2, cells: { name: 'DUPONT Jean', nir: '1', status: 'prospect' } }]);
  });

  it('knows the optional columns and those of its own report', async () => {
    const { all, unknownColumns } = await read(
      text(
        'Nom Prénom,NIR,Statut,Courriel,Numéro étudiant,Jeton,Résultat,Motif,Formation\nA B,1,prospect,a@b.fr,AC1,j1,rejeté,NIR_KEY,BTS\n',
      ),
    );
    expect(unknownColumns).toEqual([]);
    expect(all[0]?.cells).toEqual({
      name: 'A B',
      nir: '1',
      status: 'prospect',
      email: 'a@b.fr',
      studentNumber: 'AC1',
      token: 'j1',
      cursus: 'BTS',
    });
  });

  it('cuts a cell that no spreadsheet could hold', async () => {
    const { all } = await read(text(`Nom Prénom;NIR;Statut\n${'x'.repeat(100_000)};1;prospect\n`));
    expect(all[0]?.cells['name']).toBe('x'.repeat(32_767));
  });

  it('skips titles, empty rows, rows with values only in unknown columns and repeated headers, and keeps row numbers', async () => {
    const { all, headerRow } = await read(
      text(
        'Liste des étudiants;;;\n\nNom Prénom;NIR;Statut;Notes\nA B;1;prospect;x\n;;;seulement ici\n;;#N/A;\n \u00a0;;;\nNOM PRÉNOM;nir;statut;notes\nC D;2;alumni;\n',
      ),
    );
    expect(headerRow).toBe(3);
    expect(all).toEqual([
      { row: 4, cells: { name: 'A B', nir: '1', status: 'prospect' } },
      { row: 6, cells: { status: { error: '#N/A' } } },
      { row: 9, cells: { name: 'C D', nir: '2', status: 'alumni' } },
    ]);
  });

  it('reads quoted cells, doubled quotes, line breaks in a cell, the separator hint of Excel and old line ends', async () => {
    const { all } = await read(
      text(
        'sep=,\r\nNom Prénom,NIR,Statut,Adresse\r\n"A ""B"" C",1,prospect,"1, rue X\n, 75001, Paris"\r\nD E,2,alumni,\r\n',
      ),
    );
    expect(all).toEqual([
      { row: 2, cells: { name: 'A "B" C', nir: '1', status: 'prospect', address: '1, rue X\n, 75001, Paris' } },
      { row: 3, cells: { name: 'D E', nir: '2', status: 'alumni' } },
    ]);
    expect((await read(text('Nom Prénom;NIR;Statut\rA B;1;prospect\r'))).all).toHaveLength(1);
  });

  it('reads the Unicode text that Excel saves', async () => {
    const content = Buffer.from('\ufeffNom Prénom\tNIR\tStatut\r\nŒUVRÉ Zoé\t1\tprospect\r\n', 'utf16le');
    const { all, encoding } = await read(content);
    expect(encoding).toBe('utf-16');
    expect(all[0]?.cells['name']).toBe('ŒUVRÉ Zoé');
  });

  it('reads cached values, rich text, errors, booleans, dates, hidden rows and columns and merged titles of a workbook', async () => {
    const bytes = await xlsx((sheet) => {
      sheet.addRow(['Un titre sur trois colonnes']);
      sheet.mergeCells('A1:C1');
      sheet.addRow([...HEADERS, 'Téléphone', 'Cursus', 'Adresse']);
      sheet.addRow([
        { richText: [{ text: 'DU' }, { text: 'PONT ' }, { text: 'Jean' }] },
        185057800608491,
        { formula: 'A1', result: 'prospect' },
        612345678,
        new Date(Date.UTC(2024, 8, 2)),
        { error: '#REF!' },
      ]);
      sheet.addRow(['A B', 1.85057800608491e14, true, '06', { formula: '1/0', result: { error: '#DIV/0!' } }, 'x']);
      sheet.getRow(3).hidden = true;
      sheet.getColumn(2).hidden = true;
      sheet.getCell('B4').numFmt = '0.00E+00';
    });
    const { all } = await read(bytes);
    expect(all).toEqual([
      {
        row: 3,
        cells: {
          name: 'DUPONT Jean',
          nir: '185057800608491',
          status: 'prospect',
          phones: '612345678',
          cursus: '02/09/2024',
          address: { error: '#REF!' },
        },
      },
      {
        row: 4,
        cells: {
          name: 'A B',
          nir: '185057800608491',
          status: 'VRAI',
          phones: '06',
          cursus: { error: '#DIV/0!' },
          address: 'x',
        },
      },
    ]);
  });

  it('reads the first sheet that has the headers and names the others that have them', async () => {
    const bytes = await xlsx((sheet, workbook) => {
      sheet.addRow(['Mode d’emploi']);
      for (const name of ['Étudiants', 'Vide', 'Archives']) {
        const other = workbook.addWorksheet(name);
        if (name !== 'Vide') other.addRows([HEADERS, [name, '1', 'prospect']]);
      }
    });
    const { sheet, otherSheets, all } = await read(bytes);
    expect(sheet).toBe('Étudiants');
    expect(otherSheets).toEqual(['Archives']);
    expect(all.map((row) => row.cells['name'])).toEqual(['Étudiants']);
  });

  it('reads workbooks of other writers: prefixes, no cell references, escapes, CDATA, phonetic text, parts in any order', async () => {
    const sheet = `<?xml version="1.0"?><!-- > --><x:worksheet><x:sheetData>${headerXml}
      <row r="7"><c r="A7" t="s"><v>0</v></c><c r="C7" t="s"><v>1</v></c></row>
      <x:row><x:c t="str"><x:f>A1 &gt; B1</x:f><x:v>L&apos;&#xC9;T&#201; &amp; C_x000D_</x:v></x:c><x:c/></x:row></x:sheetData></x:worksheet>`;
    const strings =
      '<sst><si><t xml:space="preserve"> A B </t></si><si><r><t>pros</t></r><rPh><t>x</t></rPh><r><t><![CDATA[pe<ct]]></t></r></si></sst>';
    const { all } = await read(zip(workbookParts(sheet, { 'xl/sharedStrings.xml': strings })));
    expect(all).toEqual([
      { row: 7, cells: { name: ' A B ', status: 'pe<ct'.padStart(9, 'pros') } },
      { row: 8, cells: { name: "L'ÉTÉ & C\r" } },
    ]);
  });
});

describe('readWorkbook refuses', () => {
  it.each([
    ['referentiel-illisible.xls', 'FILE_UNREADABLE'],
    ['referentiel-image.xls', 'FILE_UNREADABLE'],
    ['referentiel-sans-nir.xls', 'COLUMN_MISSING'],
    ['referentiel-vide.xls', 'FILE_EMPTY'],
  ])('%s as %s', async (name, code) => {
    expect((await refusal(read(fixture(name)))).code).toBe(code);
  });

  it('a workbook without a mandatory column, naming it', async () => {
    expect((await refusal(read(fixture('referentiel-sans-nir.xls')))).details).toEqual({ missing: ['nir'] });
    expect((await refusal(read(text('a;b;c\n1;2;3\n')))).details).toEqual({ missing: ['name', 'nir', 'status'] });
  });

  it.each([
    ['no byte', Buffer.alloc(0), 'FILE_EMPTY'],
    ['white space alone', text(' \r\n\r\n'), 'FILE_EMPTY'],
    ['headers alone', text('Nom Prénom;NIR;Statut\n;;\n'), 'FILE_EMPTY'],
    ['a web page', text('<html><table><tr><td>Nom Prénom</td></tr></table></html>'), 'FILE_UNREADABLE'],
    ['a PDF', text('%PDF-1.7\nhello'), 'FILE_UNREADABLE'],
    ['zeros', Buffer.alloc(5000), 'FILE_UNREADABLE'],
    ['broken UTF-8 after its mark', Buffer.from([0xef, 0xbb, 0xbf, 0x41, 0xe9, 0x42]), 'FILE_UNREADABLE'],
    ['bytes that no page defines', Buffer.from([0x41, 0x81, 0x42, 0x8d]), 'FILE_UNREADABLE'],
    ['a quote that never ends', text('Nom Prénom;NIR;Statut\nA B;1;"prospect\nC D;2;alumni\n'), 'FILE_UNREADABLE'],
    ['an archive that is no workbook', zip({ 'a.txt': 'hello' }), 'FILE_UNREADABLE'],
    ['a document of another office program', zip({ 'content.xml': '<x/>', mimetype: 'x' }), 'FILE_UNREADABLE'],
    ['an archive with a password', zip(workbookParts('<worksheet/>'), 1), 'FILE_ENCRYPTED'],
  ])('%s', async (_, bytes, code) => {
    expect((await refusal(read(bytes))).code).toBe(code);
  });

  it('a workbook that Excel encrypted', async () => {
    const container: unknown = spreadsheet.CFB.utils.cfb_new();
    spreadsheet.CFB.utils.cfb_add(container, '/EncryptionInfo', Buffer.alloc(200));
    spreadsheet.CFB.utils.cfb_add(container, '/EncryptedPackage', Buffer.alloc(9000));
    const bytes = spreadsheet.CFB.write(container, { type: 'buffer' }) as Buffer;
    expect((await refusal(read(bytes))).code).toBe('FILE_ENCRYPTED');
  });

  it('an .xls with a password', async () => {
    const container: unknown = spreadsheet.CFB.read(fixture('formats/mini-biff8.xls'), { type: 'buffer' });
    const entry = spreadsheet.CFB.find(container, '/Workbook') as { content: Uint8Array };
    const stream = Buffer.from(entry.content);
    stream.writeUInt16LE(0x002f, 4 + stream.readUInt16LE(2));
    spreadsheet.CFB.utils.cfb_add(container, '/Workbook', stream);
    const bytes = spreadsheet.CFB.write(container, { type: 'buffer' }) as Buffer;
    expect((await refusal(read(bytes))).code).toBe('FILE_ENCRYPTED');
  });

  it('a Word document', async () => {
    const container: unknown = spreadsheet.CFB.utils.cfb_new();
    spreadsheet.CFB.utils.cfb_add(container, '/WordDocument', Buffer.alloc(5000));
    const bytes = spreadsheet.CFB.write(container, { type: 'buffer' }) as Buffer;
    expect((await refusal(read(bytes))).code).toBe('FILE_UNREADABLE');
  });

  it.each(['formats/mini-biff8.xls', 'formats/mini-biff5.xls', 'formats/mini.xlsx'])(
    '%s broken off anywhere',
    async (name) => {
      const whole = fixture(name);
      for (const share of [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]) {
        const options = { columns: STUDENT_COLUMNS, memoryMegabytes: 384 };
        const part = whole.subarray(0, Math.floor(whole.length * share));
        const error = await refusal(readWorkbookContent(part, options, () => undefined));
        expect([name, share, error.code]).toEqual([name, share, 'FILE_UNREADABLE']);
      }
    },
  );

  it('a workbook with damaged bytes', async () => {
    const bytes = Buffer.from(fixture('formats/mini.xlsx'));
    const archive = bytes.indexOf('xl/worksheets/sheet1.xml');
    for (let offset = archive + 200; offset < archive + 230; offset += 1) bytes[offset] = 0xaa;
    expect((await refusal(read(bytes))).code).toBe('FILE_UNREADABLE');
  });

  it('entities that expand for ever', async () => {
    const sheet = `<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData>${headerXml}</sheetData></worksheet>`;
    expect((await refusal(read(zip(workbookParts(sheet))))).code).toBe('FILE_UNREADABLE');
  });

  it('a sheet that stops before its end', async () => {
    expect((await refusal(read(zip(workbookParts(`<worksheet><sheetData>${headerXml}<row>`))))).code).toBe(
      'FILE_UNREADABLE',
    );
  });

  it('a zip bomb, while the server goes on answering', async () => {
    const bomb = zip(
      workbookParts(`<worksheet><sheetData>${headerXml}`, {
        'xl/sharedStrings.xml': Buffer.alloc(300 * 1024 * 1024, ' '),
      }),
    );
    expect(bomb.length).toBeLessThan(1024 * 1024);
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 5);
    const error = await refusal(read(bomb));
    clearInterval(ticking);
    expect(error.code).toBe('FILE_TOO_LARGE');
    expect(turns).toBeGreaterThan(5);
  });

  it('more rows, bytes, memory or seconds than allowed', async () => {
    const rows = text(`Nom Prénom;NIR;Statut\n${'A B;1;prospect\n'.repeat(50)}`);
    expect((await read(rows, { limits: { rows: 50 } })).rowCount).toBe(50);
    expect((await refusal(read(rows, { limits: { rows: 49 } }))).details).toEqual({ limit: 'rows', allowed: 49 });
    expect((await refusal(read(rows, { limits: { bytes: 100 } }))).details).toEqual({ limit: 'bytes', allowed: 100 });
    expect((await refusal(read(rows, { limits: { seconds: 0.001 } }))).details).toEqual({
      limit: 'seconds',
      allowed: 0.001,
    });
    const heavy = text(`Nom Prénom;NIR;Statut\n${`${'x'.repeat(1000)};1;prospect\n`.repeat(40_000)}`);
    expect(await refusal(read(heavy, { limits: { memoryMegabytes: 24 } }))).toMatchObject({
      code: 'FILE_TOO_LARGE',
      details: { limit: 'memory', allowed: 24 },
    });
  });

  it('a workbook that fills the memory of its thread, and the process lives on', async () => {
    const strings = Array.from({ length: 400_000 }, (_, index) => `<si><t>${index} ${'é'.repeat(60)}</t></si>`).join(
      '',
    );
    const bomb = zip(
      workbookParts(`<worksheet><sheetData>${headerXml}</sheetData></worksheet>`, {
        'xl/sharedStrings.xml': `<sst>${strings}</sst>`,
      }),
    );
    expect(await refusal(read(bomb, { limits: { memoryMegabytes: 32 } }))).toMatchObject({
      code: 'FILE_TOO_LARGE',
      details: { limit: 'memory', allowed: 32 },
    });
  });

  it('to go on when it is told to stop', async () => {
    const stopped = readWorkbook({
      buffer: fixture('referentiel-etudiants.xls'),
      columns: STUDENT_COLUMNS,
      signal: AbortSignal.timeout(5),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('files on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'workbook-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read by their path', async () => {
    const path = join(folder, 'liste.xlsx');
    await writeFile(path, fixture('formats/mini.xlsx'));
    expect(await readWorkbook({ path, columns: STUDENT_COLUMNS })).toMatchObject({ format: 'xlsx', rowCount: 40 });
  });

  it('that are not there, or are folders, are unreadable', async () => {
    expect(await refusal(readWorkbook({ path: join(folder, 'rien.xls'), columns: STUDENT_COLUMNS }))).toMatchObject({
      code: 'FILE_UNREADABLE',
      details: { reason: 'ENOENT' },
    });
    expect((await refusal(readWorkbook({ path: folder, columns: STUDENT_COLUMNS }))).code).toBe('FILE_UNREADABLE');
  });

  it('have a SHA-256', async () => {
    const expected = JSON.parse(fixture('expected/referentiel-etudiants.xls.json').toString('utf8')) as {
      sha256: string;
    };
    const path = new URL('referentiel-etudiants.xls', LEGACY).pathname;
    expect(await fileSha256(path)).toBe(expected.sha256);
  });
});

describe('numbers of a sheet', () => {
  it.each<[number, string, string]>([
    [185057800608491, 'General', '185057800608491'],
    [185057800608491, '0.00E+00', '185057800608491'],
    [612345678, '0# ## ## ## ##', '612345678'],
    [1e21, '', '1000000000000000000000'],
    [-5, '', '-5'],
    [12.5, '', '12.5'],
    [12.5, '0', '13'],
    [0.000001, '', '0.000001'],
    [45537, 'dd/mm/yyyy', '02/09/2024'],
    [45537.75, 'dd/mm/yyyy hh:mm', '02/09/2024 18:00'],
    [0.5, 'hh:mm', '12:00'],
    [1, 'd/m/yy', '01/01/1900'],
    [45537, '[$-40C]d mmmm yyyy', '02/09/2024'],
    [45537, '"durée" 0', '45537'],
    [45537, '[Red]0', '45537'],
    [-1, 'dd/mm/yyyy', '-1'],
  ])('show %d in format %j as %j', (value, code, shown) => {
    expect(numberText(value, readNumberFormat(code), false)).toBe(shown);
  });

  it('count from 1904 where the workbook does', () => {
    expect(numberText(44075, readNumberFormat('dd/mm/yyyy'), true)).toBe('02/09/2024');
  });
});
