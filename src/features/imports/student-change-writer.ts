/** Writes what a part of a workbook changes on persons who are known, and keeps what they were. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import { isoDayInParis } from '../../shared/dates.ts';
import { groupBy } from '../../shared/grouping.ts';
import { nameKey } from '../../shared/names.ts';
import { ensureAlumniProfiles, ensureEnrolments, recordStatusChanges, writeSearchTokens } from '../students/index.ts';
import { storeImages } from './before-image.ts';
import { addConflicts, moveConflicts } from './edit-conflict-writer.ts';
import { enrolmentsOf, prepare, touchesProfile, type PreparedChange } from './prepared-change.ts';
import { openPositions } from './student-creation-writer.ts';
import type { StudentChange } from './student-plan.ts';
import { imagesOf } from './student-image.ts';
import type { WriteContext } from './write-context.ts';

export const UPSERT_COLUMNS = [
  'id',
  'student_number',
  'last_name',
  'first_name',
  'name_key',
  'status',
  'status_since',
  'email',
  'personal_phone',
  'professional_phone',
  'street',
  'postcode',
  'city',
  'cursus',
  'programme_id',
  'cohort_id',
  'origin',
  'anomaly_count',
] as const;

/** The rows exist and are locked: the INSERT part never happens, and every row changes by its own values in one statement. */
export const UPDATE_STUDENT = `ON DUPLICATE KEY UPDATE ${UPSERT_COLUMNS.slice(2)
  .filter((column) => column !== 'origin')
  .map((column) => `${column} = VALUES(${column})`)
  .join(', ')}, version = version + 1`;

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
  await writeAnomalies(context, prepared);
  await writeBases(context, prepared);
  await addConflicts(
    tx,
    'student',
    batchId,
    prepared.flatMap(({ conflicts }) => conflicts),
  );
  await moveConflicts(
    tx,
    prepared.flatMap(({ change }) => change.settled),
    'open',
    'obsolete',
  );
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
  const { tx, batchId } = context;
  const updated = prepared.filter((one) => one.updated);
  await writeStudents(context, updated);
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

async function writeStudents({ tx, now }: WriteContext, updated: readonly PreparedChange[]): Promise<void> {
  if (updated.length === 0) return;
  const rows = updated.map(({ change: { state, values, applied, anomalyCount }, programmeId, cohortId }) => [
    state.id,
    state.studentNumber,
    values.lastName,
    values.firstName,
    nameKey(values.lastName, values.firstName),
    values.status,
    applied.includes('status') ? now : state.statusSince,
    values.email,
    values.personalPhone,
    values.professionalPhone,
    values.street,
    values.postcode,
    values.city,
    values.cursus,
    programmeId,
    cohortId,
    state.origin,
    anomalyCount,
  ]) satisfies ColumnValue[][];
  await tx.execute(insertRows('student', UPSERT_COLUMNS, rows, UPDATE_STUDENT));
}

/** Warnings of a row that changes nothing else: no edit, hence neither a new version nor a new date. */
async function writeAnomalies({ tx }: WriteContext, prepared: readonly PreparedChange[]): Promise<void> {
  const moved = prepared.filter(({ change, updated }) => !updated && change.anomalyCount !== change.state.anomalyCount);
  for (const [count, some] of groupBy(moved, ({ change }) => change.anomalyCount))
    await tx.execute(
      Prisma.sql`UPDATE student SET anomaly_count = ${count}, updated_at = updated_at WHERE id IN (${Prisma.join(some.map(({ change }) => change.state.id))})`,
    );
}

async function writeBases({ tx, batchId }: WriteContext, prepared: readonly PreparedChange[]): Promise<void> {
  const moved = prepared.filter(({ change }) => change.baseChanged);
  if (moved.length === 0) return;
  await tx.execute(
    insertRows(
      'student_import_base',
      ['student_id', 'fields', 'last_batch_id'],
      moved.map(({ change: { state, entry } }) => [state.id, JSON.stringify(entry.record), batchId]),
      'ON DUPLICATE KEY UPDATE fields = VALUES(fields), last_batch_id = VALUES(last_batch_id)',
    ),
  );
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
