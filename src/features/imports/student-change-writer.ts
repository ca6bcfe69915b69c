/** Writes what a part of a workbook changes on persons who are known, and keeps what they were. */
import { Prisma } from '../../db/client.ts';
import { isoDayInParis } from '../../shared/dates.ts';
import { ensureAlumniProfiles, ensureEnrolments, recordStatusChanges, writeSearchTokens } from '../students/index.ts';
import { storeImages } from './before-image.ts';
import { queueConflicts } from './edit-conflict-writer.ts';
import { enrolmentsOf, prepare, touchesProfile, type PreparedChange } from './prepared-change.ts';
import { openPositions } from './student-creation-writer.ts';
import type { StudentChange } from './student-plan.ts';
import { imagesOf } from './student-image.ts';
import { setStudentAnomalies, updateStudents, writeStudentBases } from './student-statements.ts';
import type { WriteContext } from './write-context.ts';

/** A change with the number of the row it comes from. */
export interface NumberedChange {
  readonly row: number;
  readonly change: StudentChange;
}

/**
 * Writes changes of a batch and keeps what the persons were.
 * @param changes the persons are locked
 * @param programmes by key, as `ensureProgrammes` gives them
 */
export async function writeChanges(
  context: WriteContext,
  changes: readonly NumberedChange[],
  programmes: ReadonlyMap<string, string>,
): Promise<void> {
  if (changes.length === 0) return;
  const { tx, vault, batchId } = context;
  const prepared = changes.map(({ row, change }) => prepare(row, change, programmes));
  await storeImages(tx, vault, batchId, await imagesOf(tx, prepared));
  await writeRecords(context, prepared);
  await setStudentAnomalies(
    tx,
    prepared
      .filter(({ change, updated }) => !updated && change.anomalyCount !== change.state.anomalyCount)
      .map(({ change }) => ({ id: change.state.id, anomalyCount: change.anomalyCount })),
  );
  await writeStudentBases(
    tx,
    prepared
      .filter(({ change }) => change.baseChanged)
      .map(({ change: { state, entry } }) => ({ id: state.id, record: entry.record, batchId })),
  );
  await queueConflicts(tx, 'student', batchId, prepared);
  await vault.store(
    tx,
    prepared
      .filter(({ change }) => change.addsNir)
      .map(({ change: { state, entry } }) => ({ studentId: state.id, nir: entry.nir })),
  );
}

/** Writes what a person decided after the batch: an edit like any other, that cancelling the batch leaves alone. */
export async function writeEdits(
  context: WriteContext,
  changes: readonly NumberedChange[],
  programmes: ReadonlyMap<string, string>,
): Promise<void> {
  await writeRecords(
    context,
    changes.map(({ row, change }) => prepare(row, change, programmes)),
  );
}

async function writeRecords(context: WriteContext, prepared: readonly PreparedChange[]): Promise<void> {
  const { tx, batchId, now } = context;
  const updated = prepared.filter((one) => one.updated);
  await updateStudents(
    tx,
    updated.map(({ change: { state, values, applied, anomalyCount }, programmeId, cohortId }) => ({
      state,
      values,
      statusSince: applied.includes('status') ? now : state.statusSince,
      programmeId,
      cohortId,
      anomalyCount,
    })),
  );
  await writeSearchTokens(
    tx,
    updated
      .filter(({ change }) => change.applied.includes('lastName') || change.applied.includes('firstName'))
      .map(({ change: { state, values } }) => ({
        id: state.id,
        lastName: values.lastName,
        firstName: values.firstName,
      })),
    { replace: true },
  );
  await recordStatusChanges(
    tx,
    updated
      .filter(({ change }) => change.applied.includes('status'))
      .map(({ change: { state, values } }) => ({
        studentId: state.id,
        from: state.record.status,
        to: values.status,
        origin: 'import',
        batchId,
        actorId: context.actor.id,
      })),
  );
  await ensureEnrolments(tx, enrolmentsOf(updated));
  await ensureAlumniProfiles(
    tx,
    updated.filter(touchesProfile).map(({ change: { state, values } }) => ({
      studentId: state.id,
      cursus: values.cursus,
    })),
  );
  await closePositions(
    context,
    updated.flatMap(({ change }) => change.closes.map(({ id }) => id)),
  );
  await openPositions(
    context,
    updated.flatMap(({ opened }) => opened ?? []),
  );
  journal(context, prepared);
}

async function closePositions({ tx, now }: WriteContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(
    Prisma.sql`UPDATE \`position\` SET ended_on = ${isoDayInParis(now)}, version = version + 1 WHERE id IN (${Prisma.join([...ids])})`,
  );
}

function journal({ tx, audit, actor, batchId }: WriteContext, prepared: readonly PreparedChange[]): void {
  for (const { row, change, updated } of prepared) {
    const { state } = change;
    if (updated)
      audit.record(tx, actor, {
        action: 'student.updated',
        subjectType: 'student',
        subjectId: state.id,
        personId: state.id,
        changes: change.changes,
        detail: { batchId, row },
      });
    if (change.addsNir)
      audit.record(tx, actor, {
        action: 'nir.added',
        subjectType: 'student',
        subjectId: state.id,
        detail: { batchId, row },
      });
  }
}
