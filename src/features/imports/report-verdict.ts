/** What a report says became of its batch, in the four words that programs rely on. @see interfaces, "Import report" */
import { RuleViolation } from '../../shared/errors.ts';
import { stoppedDuring, type Batch } from './batch-store.ts';

export interface ReportVerdict {
  readonly status: 'applied' | 'dry_run' | 'needs_confirmation' | 'refused';
  /** Why a batch is refused: a file-level code, or one of those below; null otherwise. */
  readonly error: string | null;
}

/**
 * - `applied`: what the rows say is written.
 * - `needs_confirmation`: nothing is written before a person says so.
 * - `dry_run`: read and not applied: it waits, was a dry run, or was dropped.
 * - `refused`: the CRM does not hold what the file says. The code tells why: one of the file; `IMPORT_FAILED`, an incident while it
 *   was read, nothing is written; `IMPORT_INCOMPLETE`, an incident while it was written or taken back, a part of it is written until a
 *   person goes on or takes it back; `IMPORT_CANCELLED`, it was taken back, and each row says in `undo` what became of it.
 * @throws RuleViolation `IMPORT_UNDER_WAY` (409) while it is read, written or taken back: its rows change as one looks
 */
export function verdictOf(batch: Batch): ReportVerdict {
  switch (batch.state) {
    case 'applied':
    case 'needs_confirmation':
      return { status: batch.state, error: null };
    case 'ready':
    case 'discarded':
      return { status: 'dry_run', error: null };
    case 'refused':
      return { status: 'refused', error: batch.errorCode };
    case 'cancelled':
      return { status: 'refused', error: 'IMPORT_CANCELLED' };
    case 'failed':
      return { status: 'refused', error: stoppedDuring(batch) === 'reading' ? 'IMPORT_FAILED' : 'IMPORT_INCOMPLETE' };
    case 'reading':
    case 'applying':
    case 'cancelling':
      throw new RuleViolation('IMPORT_UNDER_WAY', 'import-report.errors.under_way', { status: 409 });
  }
}
