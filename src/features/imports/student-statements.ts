/** Statements on persons that writing a batch, deciding after it and undoing it share. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { groupBy } from '../../shared/grouping.ts';
import { nameKey } from '../../shared/names.ts';
import type { StudentRecord } from './student-record.ts';

/** A person's fields without the company, which the positions tell. */
export type StoredRecord = Omit<StudentRecord, 'company'>;

/** Columns of a person's fields, in the order of `recordValues`. */
export const RECORD_COLUMNS = [
  'last_name',
  'first_name',
  'name_key',
  'status',
  'email',
  'personal_phone',
  'professional_phone',
  'street',
  'postcode',
  'city',
  'cursus',
] as const;

export function recordValues(record: StoredRecord): ColumnValue[] {
  return [
    record.lastName,
    record.firstName,
    nameKey(record.lastName, record.firstName),
    record.status,
    record.email,
    record.personalPhone,
    record.professionalPhone,
    record.street,
    record.postcode,
    record.city,
    record.cursus,
  ];
}

const CHANGED_COLUMNS = [...RECORD_COLUMNS, 'status_since', 'programme_id', 'cohort_id', 'anomaly_count'] as const;
/** What the INSERT part of the statement must have, and what no batch changes. */
const KEPT_COLUMNS = ['id', 'student_number', 'origin'] as const;

/** The rows exist and are locked: the INSERT part never happens, and every row changes by its own values in one statement. */
const UPDATE_STUDENT = `ON DUPLICATE KEY UPDATE ${CHANGED_COLUMNS.map((column) => `${column} = VALUES(${column})`).join(', ')}, version = version + 1`;

/** What a person becomes. */
export interface StudentUpdate {
  readonly state: { readonly id: string; readonly studentNumber: string; readonly origin: string };
  readonly values: StoredRecord;
  readonly statusSince: Date;
  readonly programmeId: string | null;
  readonly cohortId: string | null;
  readonly anomalyCount: number;
}

/** Gives persons these values, a new version with them. The search words are the caller's. */
export async function updateStudents(tx: Transaction, students: readonly StudentUpdate[]): Promise<void> {
  if (students.length === 0) return;
  const rows = students.map(({ state, values, statusSince, programmeId, cohortId, anomalyCount }): ColumnValue[] => [
    state.id,
    state.studentNumber,
    state.origin,
    ...recordValues(values),
    statusSince,
    programmeId,
    cohortId,
    anomalyCount,
  ]);
  await tx.execute(insertRows('student', [...KEPT_COLUMNS, ...CHANGED_COLUMNS], rows, UPDATE_STUDENT));
}

/** Sets counts of anomalies without making an edit of it: neither a new version nor a new date. */
export async function setStudentAnomalies(
  tx: Transaction,
  students: readonly { readonly id: string; readonly anomalyCount: number }[],
): Promise<void> {
  for (const [count, some] of groupBy(students, ({ anomalyCount }) => anomalyCount))
    await tx.execute(
      Prisma.sql`UPDATE student SET anomaly_count = ${count}, updated_at = updated_at WHERE id IN (${Prisma.join(some.map(({ id }) => id))})`,
    );
}

/** Notes values as last read from the workbook. */
export async function writeStudentBases(
  tx: Transaction,
  bases: readonly { readonly id: string; readonly record: StudentRecord; readonly batchId: string }[],
): Promise<void> {
  if (bases.length === 0) return;
  await tx.execute(
    insertRows(
      'student_import_base',
      ['student_id', 'fields', 'last_batch_id'],
      bases.map(({ id, record, batchId }) => [id, JSON.stringify(record), batchId]),
      'ON DUPLICATE KEY UPDATE fields = VALUES(fields), last_batch_id = VALUES(last_batch_id)',
    ),
  );
}
