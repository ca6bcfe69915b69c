/** What the engine does differently for each source, behind one face. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { newId } from '../../shared/ids.ts';
import { insertRows } from '../../db/bulk-insert.ts';
import type { NirVault } from '../students/index.ts';
import type { Batch, ImportSource } from './batch-store.ts';
import { writeCompanies } from './company-import-writer.ts';
import { indexCompanies, type CompanyIndex } from './company-matcher.ts';
import type { CompanyPlan } from './company-plan.ts';
import { loadMatchableCompanies, planStoredCompanies } from './company-source.ts';
import { undoCompanies } from './company-undo.ts';
import type { PlannedRow } from './planned-row.ts';
import type { StoredRow } from './row-store.ts';
import type { StudentPlan } from './student-plan.ts';
import { openStudents, planJudged, writeStudents } from './student-source.ts';
import { undoStudents } from './student-undo.ts';
import type { UndoOutcome, UndoRow } from './undo-plan.ts';
import type { WriteContext } from './write-context.ts';

/** Staged rows, decrypted and read. */
export interface OpenedRows {
  /** Plans them against the database as it is, the records locked; what `write` then writes. */
  plan(reader: Reader): Promise<{
    readonly plans: readonly PlannedRow[];
    write(context: WriteContext): Promise<void>;
  }>;
}

/** A kind made ready for one batch. */
export interface PreparedKind {
  /** What can be done of a part without the database: done while the part before is written. */
  open(rows: readonly StoredRow[]): OpenedRows;
  /** Once every row is applied. */
  finish(tx: Transaction, batch: Batch): Promise<void>;
}

export interface BatchKind {
  prepare(reader: Reader, vault: NirVault, batchId: string): Promise<PreparedKind>;
  undo(context: WriteContext, rows: readonly UndoRow[]): Promise<Map<number, UndoOutcome>>;
  finishUndo(tx: Transaction, batch: Batch): Promise<void>;
}

const students: BatchKind = {
  async prepare(reader, vault, batchId) {
    const companies: CompanyIndex = indexCompanies(await loadMatchableCompanies(reader));
    return {
      open(rows) {
        const opened = openStudents(vault, batchId, rows);
        return {
          async plan(tx) {
            const plans: StudentPlan[] = await planJudged(tx, vault, companies, opened, { lock: true });
            return { plans, write: (context) => writeStudents(context, plans) };
          },
        };
      },
      finish: () => Promise.resolve(),
    };
  },
  undo: undoStudents,
  finishUndo: () => Promise.resolve(),
};

/** Name, postcode and phone are the same: a person decides, and nearly always merges. */
const TWIN_SCORE = 90;

const companies: BatchKind = {
  async prepare() {
    return {
      open: (rows) => ({
        async plan(tx) {
          const plans: CompanyPlan[] = await planStoredCompanies(tx, rows);
          return { plans, write: (context) => writeCompanies(context, plans) };
        },
      }),
      finish: proposeMerges,
    };
  },
  undo: undoCompanies,
  async finishUndo(tx, batch) {
    await tx.execute(Prisma.sql`DELETE FROM duplicate_candidate WHERE batch_id = ${batch.id} AND state = 'open'`);
  },
};

/** @see import rules §3: the pair is proposed for merging; what was decided about a pair stands */
async function proposeMerges(tx: Transaction, { id: batchId, mergePairs }: Batch): Promise<void> {
  if (mergePairs.length === 0) return;
  const rows = await tx.query<{ id: string; legacyId: number | bigint }>(
    Prisma.sql`SELECT id, legacy_id AS legacyId FROM company WHERE merged_into_id IS NULL AND legacy_id IN (${Prisma.join(mergePairs.flat())})`,
  );
  const idOf = new Map(rows.map(({ id, legacyId }) => [Number(legacyId), id]));
  const pairs = mergePairs.flatMap(([first, later]) => {
    const ids = [idOf.get(first), idOf.get(later)].filter((id) => id !== undefined).sort();
    return ids.length === 2 ? [ids as [string, string]] : [];
  });
  if (pairs.length === 0) return;
  await tx.execute(
    insertRows(
      'duplicate_candidate',
      ['id', 'subject_type', 'first_id', 'second_id', 'score', 'reasons', 'batch_id'],
      pairs.map(([first, second]) => [
        newId(),
        'company',
        first,
        second,
        TWIN_SCORE,
        JSON.stringify(['name', 'postcode', 'phone']),
        batchId,
      ]),
      'ON DUPLICATE KEY UPDATE id = id',
    ),
  );
}

const kinds: Readonly<Record<ImportSource, BatchKind>> = { students, companies };

export function kindOf(source: ImportSource): BatchKind {
  return kinds[source];
}
