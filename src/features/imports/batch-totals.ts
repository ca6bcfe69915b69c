import type { RowErrorCode, RowWarningCode } from '../../shared/issue-codes.ts';

export const ROW_OUTCOMES = ['created', 'updated', 'unchanged', 'duplicate', 'rejected'] as const;

/** What became of a row: exactly one. @see import rules, first table */
export type RowOutcome = (typeof ROW_OUTCOMES)[number];

/** Totals of a report. */
export type BatchTotals = Record<RowOutcome, number> & {
  rows: number;
  /** Written or unchanged rows with at least one warning. */
  rowsWithWarnings: number;
  /** Rows per error code. */
  errors: Record<string, number>;
  /** Written or unchanged rows per warning code. */
  warnings: Record<string, number>;
  /** Known records that the source no longer names. */
  missing: number;
};

/** Totals before the first row. */
export function emptyTotals(): BatchTotals {
  const outcomes = { created: 0, updated: 0, unchanged: 0, duplicate: 0, rejected: 0 };
  return { rows: 0, ...outcomes, rowsWithWarnings: 0, errors: {}, warnings: {}, missing: 0 };
}

/** Counts one row in. Warnings of rejected and duplicate rows are not counted: nothing of them is written. */
export function countRow(
  totals: BatchTotals,
  row: { outcome: RowOutcome; errors: readonly RowErrorCode[]; warnings: readonly RowWarningCode[] },
): void {
  totals.rows += 1;
  totals[row.outcome] += 1;
  for (const code of row.errors) totals.errors[code] = (totals.errors[code] ?? 0) + 1;
  if (row.outcome === 'rejected' || row.outcome === 'duplicate' || row.warnings.length === 0) return;
  totals.rowsWithWarnings += 1;
  for (const code of row.warnings) totals.warnings[code] = (totals.warnings[code] ?? 0) + 1;
}
