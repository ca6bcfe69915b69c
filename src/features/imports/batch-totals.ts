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
