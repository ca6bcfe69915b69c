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

/** Shares, from 0 to 1, above which a batch waits for a person. */
export interface SafetyShares {
  rejectedShare: number;
  rowDrop: number;
}

const DEFAULT_SHARES: SafetyShares = { rejectedShare: 0.2, rowDrop: 0.3 };

/** Shares are compared in thousandths, so that exactly 20 % is 20 % whatever the rounding of floating numbers. */
const thousandths = (share: number): number => Math.round(share * 1000);

/**
 * Says what is suspicious about a batch: more than 20 % of its rows rejected, more than 30 % fewer rows than the last applied
 * batch of the source. Exactly 20 % or 30 % is not.
 * @see import rules §5
 */
export function findSuspicions(
  { rows, rejected, previousRows }: BatchFigures,
  shares: SafetyShares = DEFAULT_SHARES,
): Suspicion[] {
  const suspicions: Suspicion[] = [];
  if (rejected * 1000 > rows * thousandths(shares.rejectedShare))
    suspicions.push({ kind: 'rejected_share', rejected, rows });
  if (previousRows !== null && rows * 1000 < previousRows * (1000 - thousandths(shares.rowDrop)))
    suspicions.push({ kind: 'row_drop', rows, previousRows });
  return suspicions;
}
