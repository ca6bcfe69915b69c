/** The tables of the bench, in Markdown, with the targets and whether they are met. */
import type { Measure } from './figures.ts';

/** Milliseconds within which 95 % of the answers must come, at this many connections. */
export const P95_TARGET = { milliseconds: 100, connections: 20 } as const;
/** Least share of the floor's throughput. */
export const FLOOR_SHARE_TARGET = 1 / 4;
/** An import takes at most so many times what reading its workbook takes. */
export const IMPORT_RATIO_TARGET = 5;
/** Megabytes. */
export const IMPORT_MEMORY_TARGET = 512;
/** Megabytes. */
export const IDLE_MEMORY_TARGET = 250;

/** One scenario at one number of connections, the product and the floor side by side. */
export interface Comparison {
  readonly scenario: string;
  readonly connections: number;
  readonly product: Measure;
  readonly floor: Measure;
  /** Lists and records must reach a share of the floor's throughput. */
  readonly hasFloorTarget: boolean;
}

/** A figure beside its target. */
export interface Verdict {
  readonly name: string;
  readonly figure: string;
  readonly target: string;
  readonly isMet: boolean;
}

/** Three digits at most where they mean something: `0.8`, `12.4`, `340`. */
function milliseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function rate(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

const mark = (isMet: boolean): string => (isMet ? '✓' : '✗');

/** Share of the floor's throughput that the product reaches; 0 when the floor answered nothing. */
export function floorShare({ product, floor }: Pick<Comparison, 'product' | 'floor'>): number {
  return floor.requestsPerSecond > 0 ? product.requestsPerSecond / floor.requestsPerSecond : 0;
}

/** True, false, or null where the target does not apply. */
export function meetsP95(comparison: Comparison): boolean | null {
  if (comparison.connections !== P95_TARGET.connections) return null;
  return comparison.product.p95 <= P95_TARGET.milliseconds && comparison.product.requestsPerSecond > 0;
}

/** True, false, or null where the target does not apply. */
export function meetsFloorShare(comparison: Comparison): boolean | null {
  return comparison.hasFloorTarget ? floorShare(comparison) >= FLOOR_SHARE_TARGET : null;
}

/** A Markdown table whose columns are padded, so that it reads in a terminal too. Numbers are set to the right. */
export function markdownTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns = 1,
): string {
  const widths = headings.map((heading, column) =>
    Math.max(3, heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return column < textColumns ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(' | ')} |`;
  const rule = `|${widths
    .map((width, column) => (column < textColumns ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`))
    .join('|')}|`;
  return [line(headings), rule, ...rows.map(line)].join('\n');
}

/** The measures of the pages: one line a scenario and a number of connections. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const headings = [
    'Page',
    'Conn.',
    'req/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'floor req/s',
    'floor p95',
    'of floor',
    `p95 ≤ ${P95_TARGET.milliseconds} ms`,
    '≥ 1/4 of floor',
    'wrong answers',
  ];
  const rows = comparisons.map((comparison) => {
    const { product, floor } = comparison;
    const [quick, share] = [meetsP95(comparison), meetsFloorShare(comparison)];
    return [
      comparison.scenario,
      String(comparison.connections),
      rate(product.requestsPerSecond),
      milliseconds(product.p50),
      milliseconds(product.p95),
      milliseconds(product.p99),
      rate(floor.requestsPerSecond),
      milliseconds(floor.p95),
      floorShare(comparison).toFixed(2),
      quick === null ? '' : mark(quick),
      share === null ? '' : mark(share),
      String(product.wrong + floor.wrong),
    ];
  });
  return markdownTable(headings, rows);
}

/** Figures that stand alone: memory, the import. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  return markdownTable(
    ['', 'Figure', 'Target', 'Met'],
    verdicts.map(({ name, figure, target, isMet }) => [name, figure, target, mark(isMet)]),
  );
}

/** Every target that was measured and missed, one sentence each. */
export function missedTargets(comparisons: readonly Comparison[], verdicts: readonly Verdict[]): string[] {
  return [
    ...comparisons.flatMap((comparison) => {
      const place = `${comparison.scenario}, ${comparison.connections} connections`;
      const missed: string[] = [];
      if (meetsP95(comparison) === false)
        missed.push(
          `${place}: p95 ${milliseconds(comparison.product.p95)} ms, more than ${P95_TARGET.milliseconds} ms`,
        );
      if (meetsFloorShare(comparison) === false)
        missed.push(`${place}: ${floorShare(comparison).toFixed(2)} of the floor, less than 1/4`);
      return missed;
    }),
    ...verdicts.filter(({ isMet }) => !isMet).map(({ name, figure, target }) => `${name}: ${figure}, not ${target}`),
  ];
}

/** Said loudly when answers were wrong: the figures then measure something else than the product. */
export function wrongAnswerLines(comparisons: readonly Comparison[]): string[] {
  return comparisons.flatMap(({ scenario, connections, product, floor }) =>
    product.wrong + floor.wrong === 0
      ? []
      : [`${scenario}, ${connections} connections: ${product.wrong} of the product, ${floor.wrong} of the floor`],
  );
}
