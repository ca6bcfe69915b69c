import { describe, expect, it } from 'vitest';
import { nameKey, searchTokens, splitFullName } from '../../../src/shared/names.ts';

describe('splitFullName', () => {
  it.each([
    ['DUPONT Jean', 'DUPONT', 'Jean'],
    ['DUPONT Jean-Pierre', 'DUPONT', 'Jean-Pierre'],
    ['  DUPONT \u00a0 Jean ', 'DUPONT', 'Jean'],
    ['DE LA TOUR Anne', 'DE LA TOUR', 'Anne'],
    ['de La Tour Anne', 'de La Tour', 'Anne'],
    ['d’Ormesson Caribert', 'd’Ormesson', 'Caribert'],
    ['von Hagen Alcide', 'von Hagen', 'Alcide'],
    ['D’HÉROUVILLE Danielle', 'D’HÉROUVILLE', 'Danielle'],
    ['DUPONT de NEMOURS Pierre', 'DUPONT de NEMOURS', 'Pierre'],
    ['DUPONT d’ARC Jeanne', 'DUPONT d’ARC', 'Jeanne'],
    ['McDONALD Jean', 'McDONALD', 'Jean'],
    ['MARTIN JEAN PIERRE', 'MARTIN JEAN', 'PIERRE'],
    ['Nguyen Thi Mai', 'Nguyen Thi', 'Mai'],
    ['Bernard Annette', 'Bernard', 'Annette'],
    ['LE GALL Éloïse', 'LE GALL', 'Éloïse'],
  ])('splits %j at the last space', (cell, lastName, firstName) => {
    expect(splitFullName(cell)).toEqual({ ok: true, lastName, firstName });
  });

  it.each([
    ['', 'NAME_MISSING'],
    [' \u00a0', 'NAME_MISSING'],
    ['DUPONT', 'NAME_NO_SPACE'],
    ['CHEVALIER-Bathilde', 'NAME_NO_SPACE'],
  ])('refuses %j as %s', (cell, code) => {
    expect(splitFullName(cell)).toEqual({ ok: false, code });
  });

  it.each([
    ['DUPONT Jean Pierre', 'DUPONT Jean-Pierre'],
    ['AÏT-AHMED Paul Émile', 'AÏT-AHMED Paul-Émile'],
    ['DE LA TOUR Anne Sophie', 'DE LA TOUR Anne-Sophie'],
    ['DUPONT Marie claire', 'DUPONT Marie-Claire'],
    ['BEN SALAH Mohamed Amine Ali', 'BEN SALAH Mohamed-Amine-Ali'],
  ])('refuses the compound first name of %j and suggests %j', (cell, suggestion) => {
    expect(splitFullName(cell)).toEqual({ ok: false, code: 'NAME_COMPOUND_FIRST_NAME', suggestion });
  });

  it('leaves "DUPONT de Nemours Pierre" to a person, without a suggestion', () => {
    expect(splitFullName('DUPONT de Nemours Pierre')).toEqual({ ok: false, code: 'NAME_COMPOUND_FIRST_NAME' });
  });
});

describe('searchTokens', () => {
  it.each([
    ['DUPONT', 'Jean-Pierre', ['dupont', 'jean', 'pierre', 'jeanpierre']],
    ['DE LA TOUR', 'Anne', ['de', 'la', 'tour', 'delatour', 'anne']],
    ['D’HÉROUVILLE', 'Cœur', ['d', 'herouville', 'dherouville', 'coeur']],
    ['GUÉRIN-LAVAL PETIT', 'Zoé', ['guerin', 'laval', 'petit', 'guerinlaval', 'guerinlavalpetit', 'zoe']],
    ['PAUL', 'Paul', ['paul']],
    ['---', '', []],
  ])('finds %s %s under %j', (lastName, firstName, tokens) => {
    expect(searchTokens(lastName, firstName).sort()).toEqual([...tokens].sort());
  });

  it('keeps words within what the search table holds', () => {
    expect(searchTokens('A'.repeat(100), '').every((token) => token.length <= 48)).toBe(true);
  });
});

describe('nameKey', () => {
  it('sorts without case, accents and punctuation, last name first', () => {
    expect(nameKey('D’HÉROUVILLE', 'Jean-Noël')).toBe('d herouville jean noel');
    expect(nameKey('Œuvrard', '')).toBe('oeuvrard');
    expect(nameKey('X'.repeat(120), 'Y'.repeat(120))).toHaveLength(160);
  });
});
