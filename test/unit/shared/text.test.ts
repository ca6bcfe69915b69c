import { describe, expect, it } from 'vitest';
import { cleanText, foldText, repairDoubleEncoding } from '../../../src/shared/text.ts';
import { decodeWindows1252, windows1252ByteOf } from '../../../src/shared/windows-1252.ts';

describe('cleanText', () => {
  it.each([
    ['  Jean  Dupont ', 'Jean Dupont'],
    ['DUPONT\u00a0Jean', 'DUPONT Jean'],
    ['06\u202f12\u200934\u00a056 78', '06 12 34 56 78'],
    ['Nom\r\nPrénom', 'Nom Prénom'],
    ['e\u0301te\u0301', 'été'],
    ['\ufeffNIR', 'NIR'],
    ['\u202a0612345678\u202c', '0612345678'],
    ['Saint\u00ad-Aubin\u200b', 'Saint-Aubin'],
    ['a \u0000 b', 'a b'],
    ['\u00a0\u2009 ', ''],
    ['👨‍🎓', '👨‍🎓'],
    ['می‌خواهم', 'می‌خواهم'],
  ])('reads %j as %j', (raw, expected) => {
    expect(cleanText(raw)).toBe(expected);
  });
});

it('cleans a hostile text in no time', () => {
  const started = performance.now();
  expect(cleanText(`${'a'.repeat(200_000)}\u00a0${' a'.repeat(100_000)}\u00a0`)).toHaveLength(400_000);
  expect(performance.now() - started).toBeLessThan(1000);
});

describe('foldText', () => {
  it.each([
    ['Numéro de sécurité sociale', 'numero de securite sociale'],
    ['N° SÉCURITÉ\nsociale', 'n securite sociale'],
    ['E-mail', 'e mail'],
    ['ŒUVRE & Cœur', 'oeuvre coeur'],
    ['Ægir Straße', 'aegir strasse'],
    ['D’HÉROUVILLE', 'd herouville'],
    ['Łódź Ørsted', 'lodz orsted'],
    ['ﬁn Ⅳ', 'fin iv'],
    ['İstanbul', 'istanbul'],
    ['---', ''],
    ['Мария', 'мария'],
  ])('folds %j to %j', (raw, expected) => {
    expect(foldText(raw)).toBe(expected);
  });
});

describe('repairDoubleEncoding', () => {
  const twice = (text: string): string => decodeWindows1252(new TextEncoder().encode(text)).text;

  it.each(['é', 'à', 'Élodie Noël', 'Cœur d’Ébène', 'Œnologie – « Été »', 'ÀÁÂÃÄÅÍÏÐÝ', '12 €', 'ça coûte', 'Škoda'])(
    'gives %j back after it was stored twice encoded',
    (text) => {
      expect(twice(text)).not.toBe(text);
      expect(repairDoubleEncoding(twice(text))).toEqual({ text, repaired: true });
    },
  );

  it('repairs text encoded three times', () => {
    expect(repairDoubleEncoding(twice(twice('Béranger')))).toEqual({ text: 'Béranger', repaired: true });
  });

  it('repairs the damaged part of a text that also has sound accents', () => {
    expect(repairDoubleEncoding('Hôtellerie BÃ©ranger')).toEqual({ text: 'Hôtellerie Béranger', repaired: true });
  });

  it.each([
    'Hôtellerie',
    '« CÔTÉ\u00a0» et CAFÉ…',
    'L’ÉTÉ’',
    'Â',
    'SÃO PAULO',
    'château',
    'ÎÏÉÈÀÇ’',
    '',
    'ÅNGSTRÖM',
    'Lâ € 5',
  ])('leaves %j alone', (text) => {
    expect(repairDoubleEncoding(text)).toEqual({ text, repaired: false });
  });
});

describe('decodeWindows1252', () => {
  it('reads the signs that Node 20 gets wrong', () => {
    expect(decodeWindows1252(Uint8Array.of(0x63, 0x9c, 0x75, 0x72, 0x92, 0x96, 0x80, 0xe9))).toEqual({
      text: 'cœur’–€é',
      wellFormed: true,
    });
  });

  it('tells that a byte is not of the page', () => {
    expect(decodeWindows1252(Uint8Array.of(0x41, 0x81)).wellFormed).toBe(false);
  });

  it('decodes long texts whole and goes back byte by byte', () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, index) => index % 256);
    const { text } = decodeWindows1252(bytes);
    expect(text).toHaveLength(20_000);
    expect(Uint8Array.from([...text].map((letter) => windows1252ByteOf(letter.codePointAt(0) ?? 0) ?? -1))).toEqual(
      bytes,
    );
    expect(windows1252ByteOf(0x0431)).toBeNull();
  });
});
