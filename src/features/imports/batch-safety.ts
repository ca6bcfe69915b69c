/** Why a batch stops until a person confirms it. */
export type Suspicion =
  { kind: 'rejected_share'; rejected: number; rows: number } | { kind: 'row_drop'; rows: number; previousRows: number };

export interface BatchFigures {
  /** Rows of the file or table. */
  rows: number;
  rejected: number;
  /** Rows of the last applied batch of the same source; null when there is none, or for grades. */
  previousRows: number | null;
}

/**
 * Says what is suspicious about a batch: more than 20 % of its rows rejected, more than 30 % fewer rows than the last applied
 * batch of the source. Exactly 20 % or 30 % is not.
 * @see import rules §5
 */
export function findSuspicions({ rows, rejected, previousRows }: BatchFigures): Suspicion[] {
  const suspicions: Suspicion[] = [];
  if (rejected * 100 > rows * 20) suspicions.push({ kind: 'rejected_share', rejected, rows });
  if (previousRows !== null && rows * 100 < previousRows * 70)
    suspicions.push({ kind: 'row_drop', rows, previousRows });
  return suspicions;
}
