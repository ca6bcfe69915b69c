import { describe, expect, it } from 'vitest';
import { percentile, summarise, type Measure } from '../../../bench/figures.ts';
import { readForm } from '../../../bench/form-reader.ts';
import { OptionError, readOptions } from '../../../bench/options.ts';
import {
  comparisonTable,
  markdownTable,
  missedTargets,
  wrongAnswerLines,
  type Comparison,
} from '../../../bench/report.ts';
import { worldDatabaseUrl } from '../../../bench/world.ts';

const measured = (values: Partial<Measure> = {}): Measure => ({
  requestsPerSecond: 400,
  p50: 20,
  p95: 80,
  p99: 95,
  wrong: 0,
  ...values,
});

const compared = (values: Partial<Comparison> = {}): Comparison => ({
  scenario: 'students, first page',
  connections: 20,
  product: measured(),
  floor: measured({ requestsPerSecond: 1000 }),
  hasFloorTarget: true,
  ...values,
});

describe('the figures of a measure', () => {
  it.each([
    { share: 0.5, expected: 50 },
    { share: 0.95, expected: 95 },
    { share: 0.99, expected: 99 },
    { share: 1, expected: 100 },
    { share: 0, expected: 1 },
  ])('take a time that was measured: share $share of 1…100 is $expected', ({ share, expected }) => {
    const times = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(times, share)).toBe(expected);
  });

  it('are zero where nothing was measured', () => {
    expect(summarise([], 5, 3)).toEqual({ requestsPerSecond: 0, p50: 0, p95: 0, p99: 0, wrong: 3 });
  });

  it('do not depend on the order of the times, whose slowest one shows', () => {
    const { requestsPerSecond, p50, p99 } = summarise([30, 9, 100, 20], 2, 0);
    expect({ requestsPerSecond, p50, p99 }).toEqual({ requestsPerSecond: 2, p50: 20, p99: 100 });
  });
});

describe('the report', () => {
  it('pads the columns, text to the left and numbers to the right', () => {
    expect(markdownTable(['Page', 'ms'], [['list', '12.5']]).split('\n')).toEqual([
      '| Page |   ms |',
      '|------|-----:|',
      '| list | 12.5 |',
    ]);
  });

  it('judges the 95th percentile at 20 connections alone, and the share of the floor wherever it is a target', () => {
    const slow = measured({ p95: 180, requestsPerSecond: 100 });
    expect(missedTargets([compared()], [])).toEqual([]);
    expect(missedTargets([compared({ product: slow })], [])).toEqual([
      'students, first page, 20 connections: p95 180 ms, more than 100 ms',
      'students, first page, 20 connections: 0.10 of the floor, less than 1/4',
    ]);
    expect(missedTargets([compared({ product: slow, connections: 50, hasFloorTarget: false })], [])).toEqual([]);
  });

  it('misses the target of a page that answered nothing at all', () => {
    const silent = measured({ p95: 0, requestsPerSecond: 0 });
    expect(missedTargets([compared({ product: silent, hasFloorTarget: false })], [])).toHaveLength(1);
  });

  it('shows wrong answers of either side in the table and names them', () => {
    const wrong = compared({ product: measured({ wrong: 3 }), floor: measured({ wrong: 1 }) });
    expect(comparisonTable([wrong])).toMatch(/ 4 \|$/);
    expect(wrongAnswerLines([compared(), wrong])).toEqual([
      'students, first page, 20 connections: 3 of the product, 1 of the floor',
    ]);
  });
});

describe('the options', () => {
  it('have defaults and derive the number of companies', () => {
    expect(readOptions(['--people', '40000', '--connections', '1,8'])).toMatchObject({
      people: 40_000,
      companies: 2_000,
      connections: [1, 8],
      importRows: 100_000,
      only: null,
    });
  });

  it.each([['--people', '5'], ['--seconds', '3600'], ['--connections', '1,2000'], ['--import-rows', '-1'], ['--fast']])(
    'are refused out of bounds: %s %s',
    (...args) => {
      expect(() => readOptions(args)).toThrow(OptionError);
    },
  );
});

describe('the database of a world', () => {
  it.each([
    ['mysql://u:p@127.0.0.1:3306/crm', '/crm_bench_50000'],
    ['mysql://u:p@127.0.0.1:3306/crm_bench', '/crm_bench_50000'],
  ])('is never the one %s names', (url, path) => {
    expect(new URL(worldDatabaseUrl(url, 50_000)).pathname).toBe(path);
  });
});

describe('a form read from a page', () => {
  const page = `
    <form action="/autre" method="post"><input name="q" value="x"></form>
    <form class="card" action="/etudiants/1/modification?a=1&amp;b=2" method="post">
      <input type="hidden" name="version" value="4">
      <input name="street" value="3 rue de l&#39;&Eacute;glise &amp; du Puits">
      <input name="closed" value="no" disabled><input type="submit" name="go" value="Go">
      <input type="checkbox" name="wants" value="1" checked><input type="checkbox" name="refuses" value="1">
      <select name="status"><option value="a">A</option><option value="b" selected>B</option></select>
      <select name="country"><option value="FR">France</option><option value="BE">Belgique</option></select>
      <textarea name="note">
one &lt;two&gt;</textarea>
    </form>`;

  it('holds what a browser would send, entities decoded', () => {
    expect(readForm(page, 'version')).toEqual({
      action: '/etudiants/1/modification?a=1&b=2',
      fields: [
        ['version', '4'],
        ['street', "3 rue de l'&Eacute;glise & du Puits"],
        ['wants', '1'],
        ['status', 'b'],
        ['country', 'FR'],
        ['note', 'one <two>'],
      ],
    });
  });

  it('is not found on a page without it', () => {
    expect(() => readForm(page, 'password')).toThrow('password');
  });
});
