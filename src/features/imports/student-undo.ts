/** Puts persons back as they were before a batch: the created ones go, the updated ones return, whoever was edited since stays. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { groupBy } from '../../shared/grouping.ts';
import { nameKey } from '../../shared/names.ts';
import { recordStatusChanges, writeSearchTokens } from '../students/index.ts';
import { loadImages } from './before-image.ts';
import { moveConflicts } from './edit-conflict-writer.ts';
import { UPDATE_STUDENT, UPSERT_COLUMNS } from './student-change-writer.ts';
import type { StudentImage } from './student-image.ts';
import { findDependedUpon } from './student-dependents.ts';
import { loadStates, type StudentState } from './student-state.ts';
import type { WriteContext } from './write-context.ts';

/** What became of a row of a cancelled batch. */
export type UndoOutcome = 'restored' | 'left' | 'nothing';

/** A row to undo. */
export interface UndoRow {
  readonly row: number;
  readonly outcome: string;
  readonly entityId: string | null;
  readonly entityVersion: number | null;
}

interface Restoration {
  readonly row: number;
  readonly state: StudentState;
  readonly image: StudentImage;
}

/** Undoes some rows of a batch. @returns what became of each created and updated row */
export async function undoStudents(context: WriteContext, rows: readonly UndoRow[]): Promise<Map<number, UndoOutcome>> {
  const { tx, vault, batchId } = context;
  const touched = rows.filter(({ entityId }) => entityId !== null);
  const [states, images] = await Promise.all([
    loadStates(tx, [...new Set(touched.flatMap(({ entityId }) => entityId ?? []))], { lock: true }),
    loadImages<StudentImage>(
      tx,
      vault,
      batchId,
      rows.map(({ row }) => row),
    ),
  ]);
  const outcomes = new Map<number, UndoOutcome>();
  const removable: { row: number; state: StudentState }[] = [];
  const restorations: Restoration[] = [];
  for (const { row, outcome, entityId, entityVersion } of touched) {
    const state = states.get(entityId ?? '');
    const image = images.get(row);
    if (outcome === 'created') {
      if (state?.version === entityVersion) removable.push({ row, state });
      outcomes.set(row, state ? 'left' : 'nothing');
    } else if (image) {
      const untouched = state?.version === entityVersion && (!image.baseChanged || state.baseBatchId === batchId);
      if (untouched) restorations.push({ row, state, image });
      if (outcome === 'updated') outcomes.set(row, untouched ? 'restored' : 'left');
    }
  }
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
  const ids = Prisma.join(removed.map(({ state }) => state.id));
  await tx.execute(
    Prisma.sql`DELETE FROM duplicate_candidate WHERE subject_type = 'student' AND (first_id IN (${ids}) OR second_id IN (${ids}))`,
  );
  await tx.execute(Prisma.sql`DELETE FROM edit_conflict WHERE subject_type = 'student' AND subject_id IN (${ids})`);
  // What hangs on a person goes with them; the number they had is never given again.
  await tx.execute(Prisma.sql`DELETE FROM student WHERE id IN (${ids})`);
  await vault.remove(
    tx,
    removed.map(({ state }) => state.id),
  );
  for (const { row, state } of removed)
    audit.record(tx, actor, {
      action: 'student.removed',
      subjectType: 'student',
      subjectId: state.id,
      detail: { batchId, row, studentNumber: state.studentNumber },
    });
  return removed.map(({ row }) => row);
}

async function restoreStudents(context: WriteContext, restorations: readonly Restoration[]): Promise<void> {
  if (restorations.length === 0) return;
  const { tx, vault, batchId, actor } = context;
  const updated = restorations.filter(({ state, image }) => state.version !== image.version);
  await restoreRecords(tx, updated);
  await restoreAnomalies(
    tx,
    restorations.filter(({ state, image }) => state.version === image.version),
  );
  await restoreBases(tx, restorations);
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
  await moveConflicts(
    tx,
    restorations.flatMap(({ image }) => image.addedConflicts),
    'open',
    'obsolete',
  );
  await moveConflicts(
    tx,
    restorations.flatMap(({ image }) => image.settledConflicts),
    'obsolete',
    'open',
  );
  await vault.remove(
    tx,
    restorations.filter(({ image }) => image.addedNir).map(({ state }) => state.id),
  );
  await keepEarlierBatchesReversible(tx, batchId, updated);
  journal(context, updated);
}

async function restoreRecords(tx: Transaction, updated: readonly Restoration[]): Promise<void> {
  if (updated.length === 0) return;
  const rows = updated.map(({ state, image: { record, ...image } }): ColumnValue[] => [
    state.id,
    state.studentNumber,
    record.lastName,
    record.firstName,
    nameKey(record.lastName, record.firstName),
    record.status,
    new Date(image.statusSince),
    record.email,
    record.personalPhone,
    record.professionalPhone,
    record.street,
    record.postcode,
    record.city,
    record.cursus,
    image.programmeId,
    image.cohortId,
    state.origin,
    image.anomalyCount,
  ]);
  await tx.execute(insertRows('student', UPSERT_COLUMNS, rows, UPDATE_STUDENT));
}

async function restoreAnomalies(tx: Transaction, unchanged: readonly Restoration[]): Promise<void> {
  for (const [count, some] of groupBy(unchanged, ({ image }) => image.anomalyCount))
    await tx.execute(
      Prisma.sql`UPDATE student SET anomaly_count = ${count}, updated_at = updated_at WHERE id IN (${Prisma.join(some.map(({ state }) => state.id))})`,
    );
}

async function restoreBases(tx: Transaction, restorations: readonly Restoration[]): Promise<void> {
  const moved = restorations.filter(({ image }) => image.baseChanged);
  const none = moved.filter(({ image }) => image.base === null);
  const some = moved.filter(({ image }) => image.base !== null);
  if (none.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM student_import_base WHERE student_id IN (${Prisma.join(none.map(({ state }) => state.id))})`,
    );
  if (some.length > 0)
    await tx.execute(
      insertRows(
        'student_import_base',
        ['student_id', 'fields', 'last_batch_id'],
        some.map(({ state, image }) => [state.id, JSON.stringify(image.base), image.baseBatchId]),
        'ON DUPLICATE KEY UPDATE fields = VALUES(fields), last_batch_id = VALUES(last_batch_id)',
      ),
    );
}

/** A position on which someone has written since (a title, dates) stays. */
async function restorePositions(tx: Transaction, updated: readonly Restoration[]): Promise<void> {
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

async function restoreProfiles(tx: Transaction, updated: readonly Restoration[]): Promise<void> {
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

async function leaveProgrammes(tx: Transaction, updated: readonly Restoration[]): Promise<void> {
  const enrolments = updated.flatMap(({ state, image }) =>
    image.enrolledOn ? [Prisma.sql`(${state.id}, ${image.enrolledOn})`] : [],
  );
  if (enrolments.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM enrolment WHERE origin = 'import' AND cohort_id IS NULL AND (student_id, programme_id) IN (${Prisma.join(enrolments)})`,
    );
}

/**
 * The record is again what an earlier batch left, two versions later: that batch must not take the undoing of this one for an
 * edit.
 */
async function keepEarlierBatchesReversible(
  tx: Transaction,
  batchId: string,
  updated: readonly Restoration[],
): Promise<void> {
  for (const [steps, sameSteps] of groupBy(updated, ({ state, image }) => state.version + 1 - image.version))
    for (const [version, some] of groupBy(sameSteps, ({ image }) => image.version))
      await tx.execute(
        Prisma.sql`UPDATE import_row SET entity_version = ${version + steps} WHERE entity_id IN (${Prisma.join(some.map(({ state }) => state.id))}) AND batch_id <> ${batchId} AND entity_version = ${version}`,
      );
}

function journal({ tx, audit, actor, batchId }: WriteContext, updated: readonly Restoration[]): void {
  for (const { row, state, image } of updated) {
    const fields = Object.keys(image.record) as (keyof StudentImage['record'])[];
    audit.record(tx, actor, {
      action: 'student.import_undone',
      subjectType: 'student',
      subjectId: state.id,
      personId: state.id,
      changes: Object.fromEntries(
        fields
          .filter((field) => state.record[field] !== image.record[field])
          .map((field) => [field, [state.record[field], image.record[field]] as const]),
      ),
      detail: { batchId, row },
    });
  }
}
