/** The rows of the review queue (import rules §6) as an import adds and closes them. */
import { insertRows } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { newId } from '../../shared/ids.ts';
import type { FieldConflict } from './base-merge.ts';

export interface NewConflict extends FieldConflict {
  readonly id: string;
  readonly rowNumber: number;
  readonly subjectId: string;
}

/** Characters a value of the queue holds. */
const LONGEST_VALUE = 500;

/** Conflicts of a record, each with an id. */
export function withIds(rowNumber: number, subjectId: string, conflicts: readonly FieldConflict[]): NewConflict[] {
  return conflicts.map((conflict) => ({ ...conflict, id: newId(), rowNumber, subjectId }));
}

/** What the rows of a batch do to the queue: some disagreements are new, others are over. */
export async function queueConflicts(
  tx: Transaction,
  subjectType: 'student' | 'company',
  batchId: string,
  rows: readonly {
    readonly conflicts: readonly NewConflict[];
    readonly change: { readonly settled: readonly string[] };
  }[],
): Promise<void> {
  await addConflicts(
    tx,
    subjectType,
    batchId,
    rows.flatMap(({ conflicts }) => conflicts),
  );
  await moveConflicts(
    tx,
    rows.flatMap(({ change }) => change.settled),
    'open',
    'obsolete',
  );
}

/** The queue as it was before rows came. */
export async function unqueueConflicts(
  tx: Transaction,
  images: readonly { readonly addedConflicts: readonly string[]; readonly settledConflicts: readonly string[] }[],
): Promise<void> {
  await moveConflicts(
    tx,
    images.flatMap(({ addedConflicts }) => addedConflicts),
    'open',
    'obsolete',
  );
  await moveConflicts(
    tx,
    images.flatMap(({ settledConflicts }) => settledConflicts),
    'obsolete',
    'open',
  );
}

async function addConflicts(
  tx: Transaction,
  subjectType: 'student' | 'company',
  batchId: string,
  conflicts: readonly NewConflict[],
): Promise<void> {
  if (conflicts.length === 0) return;
  const text = (value: unknown): string | null => (value === null ? null : String(value).slice(0, LONGEST_VALUE));
  await tx.execute(
    insertRows(
      'edit_conflict',
      ['id', 'batch_id', 'row_number', 'subject_type', 'subject_id', 'field', 'base_value', 'file_value', 'crm_value'],
      conflicts.map((conflict) => [
        conflict.id,
        batchId,
        conflict.rowNumber,
        subjectType,
        conflict.subjectId,
        conflict.field,
        text(conflict.base),
        text(conflict.file),
        text(conflict.crm),
      ]),
    ),
  );
}

async function moveConflicts(
  tx: Transaction,
  ids: readonly string[],
  from: 'open' | 'obsolete',
  to: 'open' | 'obsolete',
): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(
    Prisma.sql`UPDATE edit_conflict SET state = ${to}, version = version + 1 WHERE state = ${from} AND id IN (${Prisma.join([...ids])})`,
  );
}
