/** Writes the persons a part of a workbook creates, with everything that hangs on them, in one statement a table. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { yearInParis } from '../../shared/dates.ts';
import { newId } from '../../shared/ids.ts';
import {
  ensureAlumniProfiles,
  ensureEnrolments,
  programmeKey,
  recordStatusChanges,
  takeStudentNumbers,
  writeSearchTokens,
} from '../students/index.ts';
import type { StudentCreation } from './student-plan.ts';
import { RECORD_COLUMNS, recordValues, writeStudentBases } from './student-statements.ts';
import type { WriteContext } from './write-context.ts';

const STUDENT_COLUMNS = ['id', 'student_number', ...RECORD_COLUMNS, 'programme_id', 'origin', 'anomaly_count'] as const;

export interface NewPositionRow {
  readonly id: string;
  readonly studentId: string;
  readonly companyId: string | null;
  readonly text: string;
}

/**
 * @param creations with the number of the row each comes from
 * @param programmes by key, as `ensureProgrammes` gives them
 */
export async function writeCreations(
  context: WriteContext,
  creations: readonly { readonly row: number; readonly creation: StudentCreation }[],
  programmes: ReadonlyMap<string, string>,
): Promise<void> {
  if (creations.length === 0) return;
  const { tx, audit, vault, actor, batchId, now, numberPrefix } = context;
  const numbers = await takeStudentNumbers(tx, {
    prefix: numberPrefix,
    year: yearInParis(now),
    count: creations.length,
  });
  const persons = creations.map(({ row, creation }, index) => ({
    row,
    id: creation.id,
    number: numbers[index] ?? '',
    record: creation.entry.record,
    nir: creation.entry.nir,
    position: creation.position,
    anomalyCount: creation.anomalyCount,
    programmeId: programmes.get(programmeKey(creation.entry.record.cursus ?? '')) ?? null,
  }));
  const students = persons.map(({ id, number, record, programmeId, anomalyCount }): ColumnValue[] => [
    id,
    number,
    ...recordValues(record),
    programmeId,
    'import',
    anomalyCount,
  ]);
  // Sent one behind the other without waiting: the next statement is composed while the last one runs.
  await Promise.all([
    tx.execute(insertRows('student', STUDENT_COLUMNS, students)),
    writeSearchTokens(
      tx,
      persons.map(({ id, record }) => ({ id, lastName: record.lastName, firstName: record.firstName })),
      { replace: false },
    ),
    vault.store(
      tx,
      persons.map(({ id, nir }) => ({ studentId: id, nir })),
    ),
    writeStudentBases(
      tx,
      persons.map(({ id, record }) => ({ id, record, batchId })),
    ),
    recordStatusChanges(
      tx,
      persons.map(({ id, record }) => ({
        studentId: id,
        from: null,
        to: record.status,
        origin: 'import',
        batchId,
        actorId: actor.id,
      })),
    ),
    ensureEnrolments(
      tx,
      persons.flatMap(({ id, programmeId }) =>
        programmeId ? [{ studentId: id, programmeId, origin: 'import' as const }] : [],
      ),
    ),
    ensureAlumniProfiles(
      tx,
      persons.flatMap(({ id, record }) =>
        record.status === 'alumni' ? [{ studentId: id, cursus: record.cursus }] : [],
      ),
    ),
    openPositions(
      context,
      persons.flatMap(({ id, position }) => (position ? [{ id: newId(), studentId: id, ...position }] : [])),
    ),
  ]);
  // The event says where the person comes from and no value of theirs: it needs no key of the person.
  for (const { id, row } of persons)
    audit.record(tx, actor, {
      action: 'student.imported',
      subjectType: 'student',
      subjectId: id,
      detail: { batchId, row },
    });
}

/** Opens current positions. */
export async function openPositions({ tx }: WriteContext, positions: readonly NewPositionRow[]): Promise<void> {
  if (positions.length === 0) return;
  await tx.execute(
    insertRows(
      '`position`',
      ['id', 'student_id', 'company_id', 'company_text', 'company_key', 'origin'],
      positions.map(({ id, studentId, companyId, text }) => [
        id,
        studentId,
        companyId,
        text,
        companyNameKey(text) || null,
        'import',
      ]),
    ),
  );
}
