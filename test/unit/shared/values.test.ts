import { describe, expect, it } from 'vitest';
import { parsePostalAddress } from '../../../src/shared/address.ts';
import { companyNameKey } from '../../../src/shared/company-name.ts';
import { parseEmail } from '../../../src/shared/email.ts';
import { formatSiren, isSiren, isSiret, sirenOfSiret } from '../../../src/shared/siren.ts';

describe('parsePostalAddress', () => {
  it.each([
    ['16 route de Bretagne, 86550, Mignaloux-Beauvoir', '16 route de Bretagne', '86550', 'Mignaloux-Beauvoir'],
    ['Bât. A, 34, chemin des Œillets,56140,Ruffiac', 'Bât. A, 34, chemin des Œillets', '56140', 'Ruffiac'],
    ['12 rue X , 75 001 ,  Paris Cedex 12 ', '12 rue X', '75001', 'Paris Cedex 12'],
    ['12 rue X,\u00a020128,\u202fAlbitreccia', '12 rue X', '20128', 'Albitreccia'],
    ['12 rue X,, 75001, Paris', '12 rue X,', '75001', 'Paris'],
  ])('reads %j from the right', (cell, street, postcode, city) => {
    expect(parsePostalAddress(cell)).toEqual({ ok: true, address: { street, postcode, city } });
  });

  it.each(['', ' \u00a0'])('takes the empty cell %j as no address', (cell) => {
    expect(parsePostalAddress(cell)).toEqual({ ok: true, address: null });
  });

  it.each([
    ['25 allée des Lilas, 74520 VULBENS', 'ADDRESS_FORMAT'],
    ['Doullens', 'ADDRESS_FORMAT'],
    ['164 square Voltaire,14240,', 'ADDRESS_FORMAT'],
    [', 74370, Fillière', 'ADDRESS_FORMAT'],
    [',74370,', 'ADDRESS_FORMAT'],
    ['12 rue X, , Paris', 'ADDRESS_FORMAT'],
    [',', 'ADDRESS_FORMAT'],
    [',,', 'ADDRESS_FORMAT'],
    [',, 75001, Paris', 'ADDRESS_FORMAT'],
    ['178 avenue du 8-Mai-1945, 0220, GAMACHES', 'POSTCODE_FORMAT'],
    ['91 rue du Moulin, F-59185, Provin', 'POSTCODE_FORMAT'],
    ['15 rue du Sacré-Cœur, 2A040, LA CROIX-BLANCHE', 'POSTCODE_FORMAT'],
    ['179, place de la République, 452100, Louzouer', 'POSTCODE_FORMAT'],
    ['85 route Gambetta, Chambéon, 42110', 'POSTCODE_FORMAT'],
  ])('refuses %j with %s alone', (cell, code) => {
    expect(parsePostalAddress(cell)).toEqual({ ok: false, codes: [code] });
  });
});

describe('parseEmail', () => {
  it.each([
    ['', null],
    ['  ', null],
    [' HELIER.lefevre610@Example.com', 'helier.lefevre610@example.com'],
    ["o'neil+crm@sub.example.co.uk", "o'neil+crm@sub.example.co.uk"],
    ['contact@société.example', 'contact@société.example'],
  ])('reads %j as %j', (cell, email) => {
    expect(parseEmail(cell)).toEqual({ ok: true, email });
  });

  it.each([
    'geoffroy.bonnet646@',
    'brunehaut.dherouville791example.net',
    '@mail.example.org',
    'nicole rodriguez445@example.net',
    'brigitte@@example.net',
    'www.societe.example.com',
    'a@b',
    'a@b..fr',
    '.a@b.fr',
    'a.@b.fr',
    'a@-b.fr',
    'a@b.1',
    'a@b.fr;c@d.fr',
    'a@b.fr, c@d.fr',
    'Anne <a@b.fr>',
    'hélène@example.fr',
    `${'a'.repeat(65)}@example.fr`,
    `a@${'b.'.repeat(120)}fr`,
  ])('refuses %j', (cell) => {
    expect(parseEmail(cell)).toEqual({ ok: false, code: 'EMAIL_FORMAT' });
  });
});

describe('companyNameKey', () => {
  it.each([
    ['Hôtellerie Dutilleul EURL', 'hotellerie dutilleul eurl'],
    ['Boulangerie Tournebride (SARL)', 'Boulangerie Tournebride'],
    ['SA Éditions Granval', 'Éditions Granval'],
    ['Œnologie Ubaye SNC', 'OENOLOGIE UBAYE'],
    ['Saint-Aubin', 'Saint Aubin'],
    ['Saint-Aubin', 'SaintAubin'],
    ['Dupont & Fils', 'Dupont et Fils'],
    ['E.D.F.', 'EDF'],
    ['Dupont S.A.R.L.', 'Dupont'],
    ['Dupont S. A. R. L.', 'dupont sarl'],
    ['L’Atelier', "L'Atelier"],
    ['Dupont S.A.S.U', 'SASU Dupont'],
  ])('takes %j and %j for the same company', (one, other) => {
    expect(companyNameKey(one)).not.toBe('');
    expect(companyNameKey(one)).toBe(companyNameKey(other));
  });

  it.each([
    ['Agence Noirmont', 'Agence Vauquelin'],
    ['Dupont SCI', 'Dupont'],
    ['Sasha', 'ha'],
    ['SNC', 'SA'],
    ['Comptoir 497', 'Comptoir 498'],
  ])('keeps %j and %j apart', (one, other) => {
    expect(companyNameKey(one)).not.toBe(companyNameKey(other));
  });

  it('is empty for a name without letter or digit, and never longer than its column', () => {
    expect(companyNameKey(' - ')).toBe('');
    expect(companyNameKey('X'.repeat(400))).toHaveLength(191);
  });
});

describe('siren and siret', () => {
  it.each(['130025265', '552 032 534', '356000000'])('takes the SIREN %s', (siren) =>
    expect(isSiren(siren)).toBe(true),
  );
  it.each(['130025266', '13002526', '1300252650', '000000000', 'ABCDEFGHI', ''])('refuses the SIREN %j', (siren) =>
    expect(isSiren(siren)).toBe(false),
  );
  it.each(['13002526500013', '130 025 265 00013', '35600000000048', '35600000000100'])('takes the SIRET %s', (siret) =>
    expect(isSiret(siret)).toBe(true),
  );
  it.each(['13002526500014', '35600000000101', '1300252650001', ''])('refuses the SIRET %j', (siret) =>
    expect(isSiret(siret)).toBe(false),
  );
  it('groups the digits and finds the company of a site', () => {
    expect(formatSiren('130025265')).toBe('130 025 265');
    expect(formatSiren('13002526500013')).toBe('130 025 265 00013');
    expect(sirenOfSiret('130 025 265 00013')).toBe('130025265');
  });
});
