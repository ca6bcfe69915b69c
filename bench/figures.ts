/** From the times of single answers to the figures of a measure. */

export interface Measure {
  readonly requestsPerSecond: number;
  /** Milliseconds within which half, 95 % and 99 % of the answers came. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Answers whose status was not the expected one, answers that never came, and errors of the network. */
  readonly wrong: number;
}

/**
 * The time within which a share of the answers came (nearest rank: a time that was really measured).
 * @param sorted milliseconds, ascending
 * @param share 0 to 1
 * @returns 0 when nothing was measured
 */
export function percentile(sorted: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(sorted.length * share));
  return sorted[rank - 1] ?? 0;
}

/**
 * Sums a measure up.
 * @param times milliseconds of every answer, in any order
 * @param seconds how long the measure lasted
 */
export function summarise(times: readonly number[], seconds: number, wrong: number): Measure {
  const sorted = [...times].sort((left, right) => left - right);
  return {
    requestsPerSecond: seconds > 0 ? sorted.length / seconds : 0,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    wrong,
  };
}
