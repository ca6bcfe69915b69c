import type { RowErrorCode, RowIssueCode, RowWarningCode } from '../../shared/issue-codes.ts';
import type { RowOutcome } from './batch-totals.ts';

/** A code with the cell, or the field, it points at. */
export interface RowIssue {
  readonly code: RowIssueCode;
  readonly field: string;
}

/** A row as the rules of its source judged it, before the database is asked. */
export interface JudgedRow<Entry> {
  readonly row: number;
  /** Key of a database source; null for a workbook. */
  readonly sourceKey: string | null;
  /** What the row wants written; null when a rule rejects it. */
  readonly entry: Entry | null;
  readonly errors: readonly RowErrorCode[];
  /** Those that the row alone decides. */
  readonly warnings: readonly RowWarningCode[];
  readonly issues: readonly RowIssue[];
  readonly suggestion: string | null;
}

/** What becomes of a row: what is staged, reported and, once confirmed, done. */
export interface PlannedRow {
  readonly row: number;
  readonly sourceKey: string | null;
  readonly outcome: RowOutcome;
  /** The record found or about to be created; known on a rejected row too when its key is intact. */
  readonly entityId: string | null;
  /** Version of the record once the row is applied. */
  readonly entityVersion: number | null;
  /** Sorted. */
  readonly errors: readonly RowErrorCode[];
  /** Sorted; none on a rejected or duplicate row. */
  readonly warnings: readonly RowWarningCode[];
  readonly issues: readonly RowIssue[];
  readonly suggestion: string | null;
  /** JSON: what the report says, and what it takes to plan again. */
  readonly fields: string | null;
  /** JSON: field → [before, after]. */
  readonly changes: string | null;
}

/** True when a second planning came to the same result: the staged row need not be written again. */
export function isSamePlan(left: PlannedRow, right: PlannedRow): boolean {
  return (
    left.outcome === right.outcome &&
    left.entityId === right.entityId &&
    left.entityVersion === right.entityVersion &&
    left.fields === right.fields &&
    left.changes === right.changes &&
    left.errors.join() === right.errors.join() &&
    left.warnings.join() === right.warnings.join()
  );
}
