import { describe, expect, it } from 'vitest';
import { compareCompanies, type CompanyRecord } from '../../../src/features/duplicates/company-pair.ts';
import { comparePersons, PROPOSED_FROM, type PersonRecord } from '../../../src/features/duplicates/person-pair.ts';
import {
  columnValues,
  defaultSide,
  isSame,
  MERGE_FIELDS,
  type MergeField,
} from '../../../src/features/duplicates/merge-fields.ts';

const person = (more: Partial<PersonRecord>): PersonRecord => ({
  id: 'a',
  lastName: 'ABRIAL',
  firstName: 'Gaëlle',
  email: null,
  schoolEmail: null,
  personalPhone: null,
  professionalPhone: null,
  birthDate: null,
  postcode: null,
  hasNir: false,
  ...more,
});

describe('comparePersons', () => {
  const mobile = '+33639980101';
  const landline = '+33199001234';

  it.each<[string, Partial<PersonRecord>, Partial<PersonRecord>, string[], boolean]>([
    [
      'same mobile, name but for an accent',
      { personalPhone: mobile },
      { personalPhone: mobile, firstName: 'Gaelle' },
      ['same_mobile', 'accent_name'],
      true,
    ],
    [
      'a mobile here, in the other column there',
      { personalPhone: mobile },
      { professionalPhone: mobile },
      ['same_name', 'same_mobile'],
      true,
    ],
    ['namesakes in one town', { postcode: '29200' }, { postcode: '29200' }, ['same_name', 'same_postcode'], true],
    ['namesakes and nothing else', {}, {}, ['same_name'], false],
    [
      'namesakes of one town born on different days',
      { postcode: '29200', birthDate: '1999-01-02' },
      { postcode: '29200', birthDate: '2001-03-04' },
      ['same_name', 'same_postcode', 'other_birth_date'],
      false,
    ],
    [
      'sisters who share the phone of the house',
      { personalPhone: landline, postcode: '29200' },
      { personalPhone: landline, postcode: '29200', firstName: 'Maëlle' },
      ['same_phone', 'same_postcode', 'other_first_name'],
      false,
    ],
    [
      'sisters whose mother gave her mobile',
      { personalPhone: mobile, postcode: '29200' },
      { personalPhone: mobile, postcode: '29200', firstName: 'Ondine' },
      ['same_mobile', 'same_postcode', 'other_first_name'],
      false,
    ],
    [
      'a married name',
      { personalPhone: mobile },
      { personalPhone: mobile, lastName: 'HAMELIN' },
      ['same_mobile', 'same_first_name'],
      true,
    ],
    [
      'names swapped, same birthday',
      { birthDate: '2001-03-04' },
      { birthDate: '2001-03-04', lastName: 'Gaëlle', firstName: 'Abrial' },
      ['swapped_name', 'same_birth_date'],
      true,
    ],
    [
      'a letter typed twice, same address',
      { email: 'gaelle@example.com' },
      { schoolEmail: 'gaelle@example.com', lastName: 'ABRRIAL' },
      ['same_email', 'similar_name'],
      true,
    ],
    [
      'namesakes of one town with a number each',
      { postcode: '29200', hasNir: true },
      { postcode: '29200', hasNir: true },
      ['same_name', 'same_postcode', 'two_nirs'],
      false,
    ],
  ])('%s', (_title, left, right, reasons, proposed) => {
    const comparison = comparePersons(person(left), person({ id: 'b', ...right }));
    expect([...comparison.reasons].sort()).toEqual([...reasons].sort());
    expect(comparison.score >= PROPOSED_FROM).toBe(proposed);
    expect(comparePersons(person(right), person(left))).toEqual(comparison);
  });
});

const company = (more: Partial<CompanyRecord>): CompanyRecord => ({
  id: 'a',
  name: 'Ateliers Caradec',
  siren: null,
  sirets: [],
  postcode: null,
  phone: null,
  email: null,
  website: null,
  ...more,
});

describe('compareCompanies', () => {
  it.each<[string, Partial<CompanyRecord>, Partial<CompanyRecord>, string[], boolean]>([
    ['same name and postcode', { postcode: '29200' }, { postcode: '29200' }, ['name', 'postcode'], true],
    [
      'the legal form aside',
      { postcode: '29200' },
      { postcode: '29200', name: 'ATELIERS CARADEC S.A.S.' },
      ['spelling', 'postcode'],
      true,
    ],
    ['same name elsewhere', { postcode: '29200' }, { postcode: '75011' }, ['name'], false],
    ['one switchboard', { phone: '+33199001234' }, { phone: '+33199001234', name: 'Autre' }, ['phone'], true],
    [
      'a site that bears the number of the other',
      { siren: '552032534' },
      { name: 'Autre', sirets: ['55203253400646'] },
      ['siren_of_site'],
      true,
    ],
    [
      'two numbers set apart',
      { siren: '552032534', postcode: '29200' },
      { siren: '130025265', postcode: '29200' },
      ['name', 'postcode', 'other_siren'],
      false,
    ],
    ['a public mail provider says nothing', { email: 'a@gmail.com' }, { email: 'b@gmail.com' }, ['name'], false],
    [
      'a mail domain of one’s own does',
      { email: 'contact@caradec.example.com', website: 'https://www.caradec.example.com' },
      { email: 'rh@caradec.example.com', website: 'http://caradec.example.com/stages' },
      ['name', 'website', 'domain'],
      true,
    ],
  ])('%s', (_title, left, right, reasons, proposed) => {
    const comparison = compareCompanies(company(left), company({ id: 'b', ...right }));
    expect([...comparison.reasons].sort()).toEqual([...reasons].sort());
    expect(comparison.score >= PROPOSED_FROM).toBe(proposed);
  });
});

describe('fields of a merge', () => {
  const field = (subject: 'student' | 'company', name: string): MergeField => {
    const found = MERGE_FIELDS[subject].find((one) => one.name === name);
    if (!found) throw new Error(`No field ${name}`);
    return found;
  };

  it('takes the other side only where the one that stays has nothing', () => {
    const email = field('student', 'email');
    const [known, none] = [{ email: 'a@example.com' }, { email: null }];
    expect(defaultSide(email, 'first', none, known)).toBe('second');
    expect(defaultSide(email, 'first', known, none)).toBe('first');
    expect(defaultSide(email, 'second', known, { email: 'b@example.com' })).toBe('second');
    expect(defaultSide(email, 'first', none, none)).toBe('first');
  });

  it('does not take a country alone for an address', () => {
    const address = field('company', 'address');
    const nowhere = { street: null, postcode: null, city: null, country: 'FR' };
    const brest = { street: '1 rue de Siam', postcode: '29200', city: 'Brest', country: 'FR' };
    expect(defaultSide(address, 'first', nowhere, brest)).toBe('second');
    expect(isSame(address, nowhere, { ...nowhere, country: 'BE' })).toBe(true);
  });

  it('compares days, booleans and statuses by what they mean', () => {
    const [first, second] = [
      columnValues({ birth_date: new Date('2001-03-04T00:00:00Z'), open_to_students: 1 }),
      columnValues({ birth_date: new Date('2001-03-04T00:00:00Z'), open_to_students: true }),
    ];
    expect(isSame(field('student', 'birthDate'), first, second)).toBe(true);
    expect(isSame(field('company', 'openToStudents'), first, second)).toBe(true);
    expect(
      isSame(
        field('student', 'status'),
        { status: 'alumni', status_since: '2024-01-01T00:00:00.000Z' },
        { status: 'alumni', status_since: '2025-01-01T00:00:00.000Z' },
      ),
    ).toBe(true);
  });
});
