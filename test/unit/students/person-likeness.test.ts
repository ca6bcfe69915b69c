import { describe, expect, it } from 'vitest';
import { lettersApart, likeness, scoreOf, type PersonFacts } from '../../../src/features/students/person-likeness.ts';

const person = (facts: Partial<PersonFacts>): PersonFacts => ({
  lastName: 'LE GALL',
  firstName: 'Anne-Laure',
  emails: [],
  phones: [],
  ...facts,
});

describe('the letters between two words', () => {
  it.each([
    ['dupont', 'dupont', 0],
    ['dupont', 'dupond', 1],
    ['dupont', 'dupnot', 1],
    ['dupont', 'dpont', 1],
    ['martin', 'marin', 1],
    ['martin', 'moreau', 3],
  ])('of %s and %s are %i', (left, right, expected) => {
    expect(lettersApart(left, right, 2)).toBe(expected);
    expect(lettersApart(right, left, 2)).toBe(expected);
  });
});

describe('the likeness of two people', () => {
  it.each([
    ['accents, hyphens and case', { lastName: 'Le Gall', firstName: 'anne laure' }, ['same_name']],
    ['names swapped', { lastName: 'Anne-Laure', firstName: 'Le Gall' }, ['swapped_name']],
    ['a slip', { lastName: 'LE GAL', firstName: 'Anne-Laure' }, ['similar_name']],
    ['a second first name left out', { lastName: 'LE GALL', firstName: 'Anne' }, ['similar_name']],
    ['another first name', { lastName: 'LE GALL', firstName: 'Yann' }, []],
    ['another last name', { lastName: 'KERMARREC', firstName: 'Anne-Laure' }, []],
  ] as const)('sees through %s', (_what, facts, expected) => {
    expect(likeness(person({}), person(facts)).reasons).toEqual(expected);
  });

  it('grows with what they share, and names it', () => {
    const left = person({ emails: ['a@exemple.example'], phones: ['+33612345678'], birthDate: '2001-01-01' });
    const alone = likeness(left, person({ firstName: 'Yann', emails: ['a@exemple.example'] }));
    const both = likeness(
      left,
      person({ emails: ['a@exemple.example'], phones: ['+33612345678'], birthDate: '2001-01-01' }),
    );
    expect(alone).toEqual({ score: 85, reasons: ['same_email'] });
    expect(both.score).toBeGreaterThan(95);
    expect(both.reasons).toEqual(['same_email', 'same_phone', 'same_name', 'same_birth_date']);
  });

  it('makes nothing of a birthday or a town alone', () => {
    const left = person({ birthDate: '2001-01-01', postcode: '29200' });
    const right = person({ lastName: 'MOREAU', firstName: 'Yann', birthDate: '2001-01-01', postcode: '29200' });
    expect(likeness(left, right).score).toBe(0);
    expect(scoreOf([])).toBe(0);
  });

  it('is certain with the same number', () => {
    expect(scoreOf(['same_nir'])).toBe(100);
  });

  it('takes no name for a name', () => {
    expect(likeness(person({ lastName: '', firstName: '' }), person({ lastName: '', firstName: '' })).reasons).toEqual(
      [],
    );
  });
});
