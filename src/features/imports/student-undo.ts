/** Puts persons back as they were before a batch: the created ones go, the updated ones return, whoever was edited since stays. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { recordStatusChanges, writeSearchTokens } from '../students/index.ts';
import { unqueueConflicts } from './edit-conflict-writer.ts';
import type { StudentImage } from './student-image.ts';
import { findDependedUpon } from './student-dependents.ts';
import { loadStates, type StudentState } from './student-state.ts';
import { setStudentAnomalies, updateStudents, writeStudentBases } from './student-statements.ts';
import {
  changesBack,
  keepEarlierBatchesReversible,
  leaveQueues,
  planUndo,
  type Restoration,
  type UndoOutcome,
  type UndoRow,
} from './undo-plan.ts';
import type { WriteContext } from './write-context.ts';

type StudentRestoration = Restoration<StudentState, StudentImage>;

/** Undoes some rows of a batch. @returns what became of each created and updated row */
export async function undoStudents(context: WriteContext, rows: readonly UndoRow[]): Promise<Map<number, UndoOutcome>> {
  const { removable, restorations, outcomes } = await planUndo<StudentState, StudentImage>(context, rows, loadStates);
  for (const row of await removeStudents(context, removable)) outcomes.set(row, 'restored');
  await restoreStudents(context, restorations);
  return outcomes;
}

async function removeStudents(
  { tx, audit, actor, vault, batchId }: WriteContext,
  candidates: readonly { row: number; state: StudentState }[],
): Promise<number[]> {
  if (candidates.length === 0) return [];
  const kept = await findDependedUpon(
    tx,
    candidates.map(({ state }) => state.id),
  );
  const removed = candidates.filter(({ state }) => !kept.has(state.id));
  if (removed.length === 0) return [];
  const ids = removed.map(({ state }) => state.id);
  await leaveQueues(tx, 'student', ids);
  // What hangs on a person goes with them; the number they had is never given again.
  await tx.execute(Prisma.sql`DELETE FROM student WHERE id IN (${Prisma.join(ids)})`);
  await vault.remove(tx, ids);
  for (const { row, state } of removed)
    audit.record(tx, actor, {
      action: 'student.removed',
      subjectType: 'student',
      subjectId: state.id,
      detail: { batchId, row, studentNumber: state.studentNumber },
    });
  return removed.map(({ row }) => row);
}

async function restoreStudents(context: WriteContext, restorations: readonly StudentRestoration[]): Promise<void> {
  if (restorations.length === 0) return;
  const { tx, vault, batchId, actor } = context;
  const updated = restorations.filter(({ state, image }) => state.version !== image.version);
  await updateStudents(
    tx,
    updated.map(({ state, image: { record, statusSince, programmeId, cohortId, anomalyCount } }) => ({
      state,
      values: record,
      statusSince: new Date(statusSince),
      programmeId,
      cohortId,
      anomalyCount,
    })),
  );
  await setStudentAnomalies(
    tx,
    restorations
      .filter(({ state, image }) => state.version === image.version)
      .map(({ state, image }) => ({ id: state.id, anomalyCount: image.anomalyCount })),
  );
  await restoreBases(context, restorations);
  await writeSearchTokens(
    tx,
    updated
      .filter(
        ({ state, image }) =>
          state.record.lastName !== image.record.lastName || state.record.firstName !== image.record.firstName,
      )
      .map(({ state, image }) => ({
        id: state.id,
        lastName: image.record.lastName,
        firstName: image.record.firstName,
      })),
    { replace: true },
  );
  await recordStatusChanges(
    tx,
    updated
      .filter(({ state, image }) => state.record.status !== image.record.status)
      .map(({ state, image }) => ({
        studentId: state.id,
        from: state.record.status,
        to: image.record.status,
        origin: 'undo',
        batchId,
        actorId: actor.id,
      })),
  );
  await restorePositions(tx, updated);
  await restoreProfiles(tx, updated);
  await leaveProgrammes(tx, updated);
  await unqueueConflicts(
    tx,
    restorations.map(({ image }) => image),
  );
  await vault.remove(
    tx,
    restorations.filter(({ image }) => image.addedNir).map(({ state }) => state.id),
  );
  await keepEarlierBatchesReversible(tx, batchId, updated);
  journal(context, updated);
}

async function restoreBases({ tx, batchId }: WriteContext, restorations: readonly StudentRestoration[]): Promise<void> {
  const moved = restorations.filter(({ image }) => image.baseChanged);
  const none = moved.filter(({ image }) => image.base === null);
  if (none.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM student_import_base WHERE student_id IN (${Prisma.join(none.map(({ state }) => state.id))})`,
    );
  await writeStudentBases(
    tx,
    moved.flatMap(({ state, image: { base, baseBatchId } }) =>
      base ? [{ id: state.id, record: base, batchId: baseBatchId ?? batchId }] : [],
    ),
  );
}

/** A position on which someone has written since (a title, dates) stays. */
async function restorePositions(tx: Transaction, updated: readonly StudentRestoration[]): Promise<void> {
  const opened = updated.flatMap(({ image }) => image.opened ?? []);
  const closed = updated.flatMap(({ image }) => image.closed);
  if (opened.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM \`position\` WHERE id IN (${Prisma.join(opened)}) AND origin = 'import' AND title IS NULL AND started_on IS NULL AND ended_on IS NULL`,
    );
  if (closed.length > 0)
    await tx.execute(
      Prisma.sql`UPDATE \`position\` SET ended_on = NULL, version = version + 1 WHERE id IN (${Prisma.join(closed)})`,
    );
}

async function restoreProfiles(tx: Transaction, updated: readonly StudentRestoration[]): Promise<void> {
  const made = updated.filter(({ image }) => image.profile === null);
  if (made.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM alumni_profile WHERE graduated_on IS NULL AND student_id IN (${Prisma.join(made.map(({ state }) => state.id))})`,
    );
  const changed = updated.flatMap(({ state, image }) =>
    image.profile ? [[state.id, image.profile.cursus] satisfies ColumnValue[]] : [],
  );
  if (changed.length > 0)
    await tx.execute(
      insertRows(
        'alumni_profile',
        ['student_id', 'cursus'],
        changed,
        'ON DUPLICATE KEY UPDATE cursus = VALUES(cursus), version = version + 1',
      ),
    );
}

async function leaveProgrammes(tx: Transaction, updated: readonly StudentRestoration[]): Promise<void> {
  const enrolments = updated.flatMap(({ state, image }) =>
    image.enrolledOn ? [Prisma.sql`(${state.id}, ${image.enrolledOn})`] : [],
  );
  if (enrolments.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM enrolment WHERE origin = 'import' AND cohort_id IS NULL AND (student_id, programme_id) IN (${Prisma.join(enrolments)})`,
    );
}

function journal({ tx, audit, actor, batchId }: WriteContext, updated: readonly StudentRestoration[]): void {
  for (const { row, state, image } of updated) {
    audit.record(tx, actor, {
      action: 'student.import_undone',
      subjectType: 'student',
      subjectId: state.id,
      personId: state.id,
      changes: changesBack(state.record, image.record),
      detail: { batchId, row },
    });
  }
}
