import { describe, expect, it } from 'vitest';
import { hideNirs, holdsNir, maskNir, nirKey, parseNir } from '../../../src/shared/nir.ts';

describe('nirKey', () => {
  it.each([
    ['2061275111005', '64'],
    ['198042A123001', '29'],
    ['201072B033042', '94'],
    ['2990797410123', '04'],
    ['1950799350042', '40'],
    ['7050899999001', '63'],
  ])('closes %s with %s', (body, key) => {
    expect(nirKey(body)).toBe(key);
    expect(parseNir(body + key)).toEqual({ ok: true, nir: body + key });
  });
});

describe('parseNir', () => {
  it.each([
    '2 06 12 75 111 005 64',
    '2.06.12.75.111.005.64',
    '2-06-12-75-111-005-64',
    '2\u00a006\u202f12 75–111‑005 64',
  ])('drops the separators of %j', (typed) => {
    expect(parseNir(typed)).toEqual({ ok: true, nir: '206127511100564' });
  });

  it('takes Corsican letters in lower case', () => {
    expect(parseNir('1 98 04 2a 123 001 29')).toEqual({ ok: true, nir: '198042A12300129' });
  });

  it.each([
    ['', 'NIR_MISSING'],
    [' . - ', 'NIR_MISSING'],
    ['/', 'NIR_MISSING'],
    ['?', 'NIR_MISSING'],
    ['20612751110056', 'NIR_FORMAT'],
    ['2061275111005640', 'NIR_FORMAT'],
    ['506127511100564', 'NIR_FORMAT'],
    ['206137511100564', 'NIR_FORMAT'],
    ['206007511100564', 'NIR_FORMAT'],
    ['206197511100564', 'NIR_FORMAT'],
    ['206437511100564', 'NIR_FORMAT'],
    ['206497511100564', 'NIR_FORMAT'],
    ['206122C11100564', 'NIR_FORMAT'],
    ['206127500000564', 'NIR_FORMAT'],
    ['206127511100064', 'NIR_FORMAT'],
    ['1,85057E+14', 'NIR_FORMAT'],
    ['inconnu', 'NIR_FORMAT'],
    ['206127511100565', 'NIR_KEY'],
    ['206127511100500', 'NIR_KEY'],
    ['206127511100598', 'NIR_KEY'],
  ])('refuses %j as %s', (typed, code) => {
    expect(parseNir(typed)).toEqual({ ok: false, code });
  });

  it.each(['20', '29', '30', '42', '50', '99'])('takes the birth month %s of an incomplete record', (month) => {
    const body = `106${month}75111005`;
    expect(parseNir(body + nirKey(body))).toMatchObject({ ok: true });
  });
});

describe('maskNir', () => {
  it.each([
    ['206127511100591', '* ** ** ** *** *** 91'],
    ['2 06 12 2a 111 005 64', '* ** ** ** *** *** 64'],
    ['20612751', '* ** ** ** *** *** **'],
    ['DUPONT', '* ** ** ** *** *** **'],
    ['', '* ** ** ** *** *** **'],
  ])('shows %j as %j', (nir, masked) => {
    expect(maskNir(nir)).toBe(masked);
  });
});

describe('hideNirs', () => {
  const mask = '* ** ** ** *** *** 64';

  it.each([
    ['206127511100564', mask],
    ['son n° 2 06 12 75 111 005 64, merci', `son n° ${mask}, merci`],
    ['2.06.12.75.111.005.64\u00a0/ 206127511100564', `${mask}\u00a0/ ${mask}`],
    ['2-06-12-75-111\u2011005\u201164', mask],
    ['le 3 2 06 12 75 111 005 64', `le 3 ${mask}`],
    ['7 206127511100564', `7 ${mask}`],
    ['NIR:206122a11100524', 'NIR:* ** ** ** *** *** 24'],
  ])('masks the number in %j', (text, hidden) => {
    expect(hideNirs(text)).toBe(hidden);
    expect(holdsNir(text)).toBe(true);
  });

  it.each([
    '',
    'Rappeler le 06 12 34 56 78 avant 18 h',
    'SIRET 732 829 320 00074',
    '206127511100592',
    '1206127511100564',
    '2061275111005641',
    'FR76 3000 6000 0112 3456 7890 189',
    '018cc251-f401-7003-8000-000000000001',
  ])('leaves %j as it is', (text) => {
    expect(hideNirs(text)).toBe(text);
    expect(holdsNir(text)).toBe(false);
  });
});
