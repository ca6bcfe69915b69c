/** Long because each case the rules decide has its line. */
import { describe, expect, it } from 'vitest';
import { mergeField, mergeRecord } from '../../../src/features/imports/base-merge.ts';
import { findSuspicions } from '../../../src/features/imports/batch-safety.ts';
import { indexCompanies } from '../../../src/features/imports/company-matcher.ts';
import { readCompanyRow, type CompanySourceRow } from '../../../src/features/imports/company-row-rules.ts';
import { CompanyTwins } from '../../../src/features/imports/company-twins.ts';
import { FileConflicts } from '../../../src/features/imports/file-conflicts.ts';
import { readStudentRow, type StudentRowContext } from '../../../src/features/imports/student-row-rules.ts';
import type { CellValue } from '../../../src/connectors/workbook/index.ts';
import { companyNameKey } from '../../../src/shared/company-name.ts';

const company = (id: string, legacyId: number | null, name: string) => ({
  id,
  legacyId,
  nameKey: companyNameKey(name),
});

const companies = indexCompanies([
  company('a', 1, 'Agence Vauquelin EURL'),
  company('b', 2, 'Crédit Roussillon SASU'),
  company('c', 3, 'Crédit Roussillon SARL'),
  company('d', null, 'Créée ici'),
]);
const context: StudentRowContext = { companies };

const row = (cells: Record<string, CellValue> = {}, using = context) =>
  readStudentRow({ name: 'DUPONT Jean', nir: '206127511100564', status: 'prospect', ...cells }, using);

describe('readStudentRow', () => {
  it('reads a complete row', () => {
    const read = row({
      name: 'DE LA TOUR Anne-Sophie',
      nir: '2 06 12 75 111 005 64',
      status: 'Alumna',
      address: 'Bât. A, 3 rue X, 97410, Saint-Pierre',
      company: 'agence vauquelin',
      phones: '06 92 95 05 40 0199001234',
      cursus: ' MBA \u00a0Vente ',
      email: ' Anne@Example.ORG',
      studentNumber: 'ac 26 00001-7',
    });
    expect(read).toMatchObject({
      errors: [],
      warnings: ['PHONE_REGROUPED'],
      cellIssues: [{ code: 'PHONE_REGROUPED', cell: 'phones' }],
      nir: '206127511100564',
      studentNumber: 'AC26000017',
      suggestion: null,
      company: { text: 'agence vauquelin', match: { kind: 'one', company: { id: 'a' } } },
    });
    expect(read.fields).toEqual({
      lastName: 'DE LA TOUR',
      firstName: 'Anne-Sophie',
      nir: '206127511100564',
      status: 'alumni',
      street: 'Bât. A, 3 rue X',
      postcode: '97410',
      city: 'Saint-Pierre',
      personalPhone: '+262692950540',
      professionalPhone: '+33199001234',
      companyLegacyId: 1,
      companyText: null,
      cursus: 'MBA Vente',
      email: 'anne@example.org',
    });
  });

  it('stores nothing for empty cells, without a code', () => {
    const read = row({ address: ' ', phones: '', company: '\u00a0', cursus: '', email: '' });
    expect(read).toMatchObject({ errors: [], warnings: [], company: null, studentNumber: null });
    expect(read.fields).toMatchObject({
      street: null,
      personalPhone: null,
      companyText: null,
      cursus: null,
      email: null,
    });
  });

  it('reports every failing rule of a row, each with its cell', () => {
    const read = row({
      name: 'DUPONT Jean Pierre',
      nir: '206127511100565',
      status: 'inscrit',
      address: '3 rue X, 7501, Paris',
      phones: 'néant',
      email: 'a@',
      cursus: { error: '#N/A' },
      company: { error: '#REF!' },
    });
    expect(read.errors).toEqual([
      'CELL_ERROR',
      'EMAIL_FORMAT',
      'NAME_COMPOUND_FIRST_NAME',
      'NIR_KEY',
      'PHONE_FORMAT',
      'POSTCODE_FORMAT',
      'STATUS_UNKNOWN',
    ]);
    expect(read.fields).toBeNull();
    expect(read.suggestion).toBe('DUPONT Jean-Pierre');
    expect(read.cellIssues).toEqual(
      expect.arrayContaining([
        { code: 'CELL_ERROR', cell: 'cursus' },
        { code: 'CELL_ERROR', cell: 'company' },
        { code: 'NIR_KEY', cell: 'nir' },
        { code: 'POSTCODE_FORMAT', cell: 'address' },
      ]),
    );
    expect(row({ name: '', nir: '', status: '' }).errors).toEqual(['NAME_MISSING', 'NIR_MISSING', 'STATUS_MISSING']);
  });

  it('says only CELL_ERROR of a cell that holds an error', () => {
    const read = readStudentRow(
      { name: { error: '#REF!' }, nir: { error: '#N/A' }, status: { error: '#N/A' } },
      context,
    );
    expect(read.errors).toEqual(['CELL_ERROR']);
    expect(read.nir).toBeNull();
  });

  it.each(['#N/A', ' #DIV/0! ', '#NOM?'])('takes the text "%s" for the error it tells of, not for a value', (word) => {
    const read = row({ company: word, cursus: word });
    expect([read.errors, read.fields]).toEqual([['CELL_ERROR'], null]);
  });

  it('keeps the NIR of a rejected row: the person is present in the file', () => {
    expect(row({ phones: 'néant' })).toMatchObject({ fields: null, nir: '206127511100564' });
    expect(row({ phones: 'néant' }).readable).toMatchObject({ lastName: 'DUPONT', firstName: 'Jean' });
  });

  it.each<[string, string, string[], number | null, string | null]>([
    ['prospect', 'Agence Vauquelin', ['COMPANY_IGNORED'], null, null],
    ['en fonction', 'Inconnue', ['COMPANY_IGNORED'], null, null],
    ['alumni', 'AGENCE VAUQUELIN (SARL)', [], 1, null],
    ['alumni', 'Inconnue SA', ['COMPANY_UNKNOWN'], null, 'Inconnue SA'],
    ['alumni', 'credit roussillon', ['COMPANY_AMBIGUOUS'], null, 'credit roussillon'],
    ['alumni', 'CREEE ICI', [], null, null],
    ['alumni', '', [], null, null],
    ['inconnu', 'Agence Vauquelin', [], null, null],
  ])('of a %s at %j warns %j', (status, text, warnings, companyLegacyId, companyText) => {
    const read = row({ status, company: text });
    expect(read.warnings).toEqual(warnings);
    expect(read.readable).toMatchObject({ companyLegacyId, companyText });
  });

  it('repairs text that was stored twice encoded and says so', () => {
    const read = row({ name: 'BÃ‰RANGER ZoÃ©', cursus: 'VoilÃ\u00a0' });
    expect(read.fields).toMatchObject({ lastName: 'BÉRANGER', firstName: 'Zoé', cursus: 'Voilà' });
    expect(read.warnings).toEqual(['TEXT_REPAIRED']);
    expect(read.cellIssues.map(({ cell }) => cell)).toEqual(['name', 'cursus']);
  });

  it.each([
    ['name', `${'A'.repeat(121)} Jean`],
    ['name', `A ${'b'.repeat(121)}`],
    ['address', `${'x'.repeat(256)}, 75001, Paris`],
    ['address', `x, 75001, ${'P'.repeat(121)}`],
    ['cursus', 'x'.repeat(192)],
    ['company', 'x'.repeat(256)],
  ])('refuses a %s that no column can hold', (cell, text) => {
    expect(row({ status: 'alumni', [cell]: text })).toMatchObject({
      errors: ['CELL_TOO_LONG'],
      cellIssues: [{ code: 'CELL_TOO_LONG', cell }],
      fields: null,
    });
  });

  it('takes the full NIR behind the token of a report, unless another NIR was typed over the mask', () => {
    const using = { companies, resolveToken: (token: string) => (token === 'j1' ? '206127511100564' : null) };
    const masked = '* ** ** ** *** *** 64';
    expect(row({ nir: masked, token: 'j1' }, using).nir).toBe('206127511100564');
    expect(row({ nir: masked, token: 'autre' }, using).errors).toEqual(['NIR_FORMAT']);
    expect(row({ nir: masked }, using).errors).toEqual(['NIR_FORMAT']);
    expect(row({ nir: '198042A12300129', token: 'j1' }, using).nir).toBe('198042A12300129');
    expect(row({ nir: masked, token: 'j1' }).errors).toEqual(['NIR_FORMAT']);
  });

  it('has the same digest for the same content after clean-up', () => {
    const { digest } = row({ phones: '0612345678' });
    expect(row({ phones: ' 0612345678 ', token: 'j', unknown: 'x' }).digest).toBe(digest);
    expect(row({ phones: '612345678' }).digest).toBe(digest);
    expect(row({ phones: '0612345678', nir: '2 06 12 75 111 005 64' }).digest).toBe(digest);
    expect(row({ phones: '06 12 34 56 78' }).digest).not.toBe(digest);
    expect(row({ phones: '0612345678', cursus: '#N/A' }).digest).not.toBe(
      row({ phones: '0612345678', cursus: { error: '#N/A' } }).digest,
    );
  });
});

describe('readCompanyRow', () => {
  const source = (values: Partial<CompanySourceRow> = {}): CompanySourceRow => ({
    id_entreprise: 5,
    nom: ' SARL Œnologie  Bréhat ',
    adresse: '31 impasse du Marché, 73370, Le Bourget-du-Lac',
    mail: 'Contact@oenologiebrehat.EXAMPLE.com',
    telephone: '02.61.91.58.46',
    ...values,
  });

  it('reads a complete row', () => {
    expect(readCompanyRow(source())).toMatchObject({
      errors: [],
      warnings: [],
      legacyId: 5,
      nameKey: 'oenologiebrehat',
      fields: {
        name: 'SARL Œnologie Bréhat',
        street: '31 impasse du Marché',
        postcode: '73370',
        city: 'Le Bourget-du-Lac',
        email: 'contact@oenologiebrehat.example.com',
        phone: '+33261915846',
      },
    });
  });

  it('allows an empty address, mail and phone', () => {
    expect(readCompanyRow(source({ adresse: null, mail: '', telephone: null })).fields).toMatchObject({
      street: null,
      email: null,
      phone: null,
    });
  });

  it.each<[Partial<CompanySourceRow>, string[]]>([
    [{ id_entreprise: null }, ['ID_MISSING']],
    [{ nom: '  ' }, ['COMPANY_NAME_MISSING']],
    [{ nom: null }, ['COMPANY_NAME_MISSING']],
    [{ nom: 'x'.repeat(256) }, ['CELL_TOO_LONG']],
    [{ adresse: 'rue X 75001 Paris' }, ['ADDRESS_FORMAT']],
    [{ adresse: 'rue X, 7501, Paris' }, ['POSTCODE_FORMAT']],
    [{ mail: 'www.societe.example.com' }, ['EMAIL_FORMAT']],
    [{ telephone: 'standard' }, ['PHONE_FORMAT']],
    [{ id_entreprise: null, nom: '', telephone: '12' }, ['COMPANY_NAME_MISSING', 'ID_MISSING', 'PHONE_FORMAT']],
  ])('refuses %j as %j', (values, errors) => {
    expect(readCompanyRow(source(values))).toMatchObject({ errors, fields: null });
  });

  it('warns of a phone in groups and of text stored twice encoded', () => {
    const read = readCompanyRow(source({ nom: 'Å’nologie BrÃ©hat', telephone: '02 61 91 58 46' }));
    expect(read.warnings).toEqual(['PHONE_REGROUPED', 'TEXT_REPAIRED']);
    expect(read.fields).toMatchObject({ name: 'Œnologie Bréhat', phone: '+33261915846' });
  });
});

describe('FileConflicts', () => {
  it('tells duplicates from conflicts and forgets rows without a key', () => {
    const file = new FileConflicts();
    file.add(4, 'A', 'x');
    file.add(5, 'B', 'x');
    file.add(6, 'A', 'x');
    file.add(7, 'C', 'x');
    file.add(8, 'C', 'y');
    file.add(9, 'C', 'x');
    file.add(10, null, 'x');
    file.add(11, null, 'x');
    file.add(12, 'A', 'x');
    expect(Object.fromEntries(file.resolve())).toEqual({
      6: { kind: 'duplicate', firstRow: 4 },
      12: { kind: 'duplicate', firstRow: 4 },
      7: { kind: 'conflict', rows: [7, 8, 9] },
      8: { kind: 'conflict', rows: [7, 8, 9] },
      9: { kind: 'conflict', rows: [7, 8, 9] },
    });
    expect(file.keyCount).toBe(3);
    expect(file.has('B')).toBe(true);
    expect(file.has('D')).toBe(false);
  });

  it('holds 200 000 rows in little memory', () => {
    const file = new FileConflicts();
    const before = process.memoryUsage().heapUsed;
    for (let row = 1; row <= 200_000; row += 1) file.add(row, 100_000_000_000_000 + row, `digest-of-the-row-${row}`);
    expect(file.resolve().size).toBe(0);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(120 * 1024 * 1024);
  });
});

describe('CompanyTwins', () => {
  it('pairs each later row with the first of the same name, postcode and phone', () => {
    const twins = new CompanyTwins();
    const twin = { nameKey: 'a', postcode: '75001', phone: '+33199000000' };
    expect(twins.add({ legacyId: 1, ...twin })).toBeNull();
    expect(twins.add({ legacyId: 1, ...twin })).toBeNull();
    expect(twins.add({ legacyId: 2, ...twin })).toEqual({ first: 1, later: 2 });
    expect(twins.add({ legacyId: 3, ...twin, postcode: '75002' })).toBeNull();
    expect(twins.add({ legacyId: 4, ...twin, phone: null })).toBeNull();
    expect(twins.add({ legacyId: 5, ...twin, phone: null })).toBeNull();
    expect(twins.add({ legacyId: 6, ...twin })).toEqual({ first: 1, later: 6 });
    expect(twins.pairs).toEqual([
      { first: 1, later: 2 },
      { first: 1, later: 6 },
    ]);
  });
});

describe('company matching', () => {
  it('never matches a text that has no letter or digit', () => {
    expect(indexCompanies([company('a', 1, '---')]).match(' - ')).toEqual({ kind: 'none' });
  });
});

describe('mergeField', () => {
  it.each<[string | null, string | null | undefined, string | null, string | null, boolean, boolean]>([
    // file, base, CRM → value, applied, conflict
    ['a', 'a', 'a', 'a', false, false],
    ['a', 'a', 'b', 'b', false, false],
    ['a', 'a', null, null, false, false],
    ['b', 'a', 'a', 'b', true, false],
    [null, 'a', 'a', null, true, false],
    ['b', null, null, 'b', true, false],
    ['b', 'a', 'b', 'b', false, false],
    [null, 'a', null, null, false, false],
    ['b', 'a', 'c', 'c', false, true],
    [null, 'a', 'c', 'c', false, true],
    ['b', 'a', null, null, false, true],
    ['b', undefined, null, 'b', true, false],
    ['b', undefined, 'b', 'b', false, false],
    ['b', undefined, 'c', 'c', false, true],
    [null, undefined, 'c', 'c', false, false],
  ])('of file %j, base %j, CRM %j keeps %j', (file, base, crm, value, applied, conflict) => {
    expect(mergeField(file, base, crm)).toEqual({ value, applied, conflict });
  });
});

describe('mergeRecord', () => {
  const base = { lastName: 'A', street: '1 rue X', city: 'Paris', email: 'a@b.fr' };
  const together = [['street', 'city']] as const;

  it('applies the fields that changed in the file alone', () => {
    expect(mergeRecord({ file: { ...base, lastName: 'B', email: null }, base, crm: base })).toEqual({
      values: { ...base, lastName: 'B', email: null },
      applied: ['lastName', 'email'],
      conflicts: [],
    });
  });

  it('never mixes half an address of the file with half an address of the CRM', () => {
    const crm = { ...base, city: 'Lyon' };
    const file = { ...base, street: '2 rue Y' };
    expect(mergeRecord({ file, base, crm, together })).toEqual({
      values: crm,
      applied: [],
      conflicts: [
        { field: 'street', base: '1 rue X', file: '2 rue Y', crm: '1 rue X' },
        { field: 'city', base: 'Paris', file: 'Paris', crm: 'Lyon' },
      ],
    });
    expect(mergeRecord({ file, base, crm: base, together }).values).toEqual(file);
  });

  it('fills a record made by hand without overwriting it', () => {
    const crm = { lastName: 'A', street: null, city: null, email: 'autre@b.fr' };
    const merged = mergeRecord({ file: base, base: null, crm, together });
    expect(merged.applied).toEqual(['street', 'city']);
    expect(merged.conflicts).toEqual([{ field: 'email', base: null, file: 'a@b.fr', crm: 'autre@b.fr' }]);
  });
});

describe('findSuspicions', () => {
  it.each([
    [100, 20, null, []],
    [100, 21, null, ['rejected_share']],
    [200, 50, null, ['rejected_share']],
    [70, 0, 100, []],
    [69, 0, 100, ['row_drop']],
    [780, 73, 1200, ['row_drop']],
    [1300, 0, 1200, []],
    [10, 9, 100, ['rejected_share', 'row_drop']],
  ])('of %d rows with %d rejected after %j rows finds %j', (rows, rejected, previousRows, kinds) => {
    expect(findSuspicions({ rows, rejected, previousRows }).map(({ kind }) => kind)).toEqual(kinds);
  });
});
