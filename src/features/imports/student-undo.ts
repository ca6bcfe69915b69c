/** What is undone of persons. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { recordStatusChanges, writeSearchTokens } from '../students/index.ts';
import { findDependedUpon } from './student-dependents.ts';
import type { StudentImage } from './student-image.ts';
import { loadStates, type StudentState } from './student-state.ts';
import { setStudentAnomalies, updateStudents, writeStudentBases } from './student-statements.ts';
import type { Restoration, UndoOutcome, UndoRow } from './undo-plan.ts';
import { undoRecords, type UndoneKind } from './undo-records.ts';
import type { WriteContext } from './write-context.ts';

type StudentRestoration = Restoration<StudentState, StudentImage>;

const STUDENTS: UndoneKind<StudentState, StudentImage> = {
  subjectType: 'student',
  load: loadStates,
  findDependedUpon,
  keptOf: ({ studentNumber }) => ({ studentNumber }),
  setAnomalies: setStudentAnomalies,
  writeBases: writeStudentBases,

  /** What hangs on a person goes with them; the number they had is never given again. */
  async remove({ tx, vault }, ids) {
    await tx.execute(Prisma.sql`DELETE FROM student WHERE id IN (${Prisma.join([...ids])})`);
    await vault.remove(tx, [...ids]);
  },

  async restore(context, updated, restorations) {
    const { tx, vault } = context;
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
    await restoreNames(tx, updated);
    await restoreStatuses(context, updated);
    await restorePositions(tx, updated);
    await restoreProfiles(tx, updated);
    await leaveProgrammes(tx, updated);
    await vault.remove(
      tx,
      restorations.filter(({ image }) => image.addedNir).map(({ state }) => state.id),
    );
  },
};

/** Undoes some rows of a batch. @returns what became of each created and updated row */
export function undoStudents(context: WriteContext, rows: readonly UndoRow[]): Promise<Map<number, UndoOutcome>> {
  return undoRecords(STUDENTS, context, rows);
}

/** Words by which the search finds a person. */
async function restoreNames(tx: Transaction, updated: readonly StudentRestoration[]): Promise<void> {
  const renamed = updated.filter(
    ({ state, image }) =>
      state.record.lastName !== image.record.lastName || state.record.firstName !== image.record.firstName,
  );
  await writeSearchTokens(
    tx,
    renamed.map(({ state, image: { record } }) => ({
      id: state.id,
      lastName: record.lastName,
      firstName: record.firstName,
    })),
    { replace: true },
  );
}

async function restoreStatuses(
  { tx, batchId, actor }: WriteContext,
  updated: readonly StudentRestoration[],
): Promise<void> {
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
