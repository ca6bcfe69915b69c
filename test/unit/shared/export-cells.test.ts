import { describe, expect, it } from 'vitest';
import { csvLine, neutralise, neutraliseForWorkbook, wallClockInParis } from '../../../src/shared/export-cells.ts';

describe('a cell of an export', () => {
  it.each(['=1+1', '+33612345678', '-2', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\n=1', '\u00a0=cmd'])(
    'shows %j rather than running it',
    (text) => expect(neutralise(text)).toBe(`'${text}`),
  );

  it.each(['DUPONT Jean-Pierre', '06 12 34 56 78', "d'Arc", '', 'a=b', '12 + 3', '😀'])('leaves %j alone', (text) => {
    expect(neutralise(text)).toBe(text);
  });

  it('drops from a workbook what XML cannot hold, and keeps emoji', () => {
    expect(neutraliseForWorkbook('a\u0000b\u001bc\ud800d 😀\ufffe')).toBe('abcd 😀');
  });

  it('is quoted in a CSV when it holds a separator, a quote or a line break', () => {
    expect(csvLine(['a;b', 'dit "Jo"', 'l1\nl2', 'simple', ''])).toBe('"a;b";"dit ""Jo""";"l1\nl2";simple;\r\n');
  });

  it('is neutralised before it is quoted', () => {
    expect(csvLine(['=HYPERLINK("x";"y")'])).toBe(`"'=HYPERLINK(""x"";""y"")"\r\n`);
  });

  it.each([
    ['2026-01-15T10:30:00Z', '2026-01-15T11:30:00.000Z'],
    ['2026-07-15T22:30:00Z', '2026-07-16T00:30:00.000Z'],
  ])('holds %s as the clocks of Paris showed it', (instant, shown) => {
    expect(wallClockInParis(new Date(instant)).toISOString()).toBe(shown);
  });
});
