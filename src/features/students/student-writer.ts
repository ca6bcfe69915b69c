/**
 * What hangs on a student and must follow each write, whether it comes from a form or from 100 000 rows of a workbook: number,
 * search words, status history, programme, enrolment, alumni profile. Everything here works on many persons at a time.
 */
import { insertRows } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { newId } from '../../shared/ids.ts';
import { searchTokens } from '../../shared/names.ts';
import { formatStudentNumber } from '../../shared/student-number.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { cleanText, foldText } from '../../shared/text.ts';

export type Origin = 'import' | 'manual' | 'undo' | 'merge';

/**
 * Takes the next student numbers of a year: a row lock, so that no two transactions get the same.
 * @returns `count` numbers ready to store
 * @see import rules §7, student number
 */
export async function takeStudentNumbers(
  tx: Transaction,
  { prefix, year, count }: { prefix: string; year: number; count: number },
): Promise<string[]> {
  if (count === 0) return [];
  await tx.execute(
    Prisma.sql`INSERT INTO student_number_sequence (year, last_value) VALUES (${year}, ${count}) ON DUPLICATE KEY UPDATE last_value = last_value + ${count}`,
  );
  const [row] = await tx.query<{ lastValue: bigint | number }>(
    Prisma.sql`SELECT last_value AS lastValue FROM student_number_sequence WHERE year = ${year} FOR UPDATE`,
  );
  const last = Number(row?.lastValue ?? 0);
  return Array.from({ length: count }, (_, index) => formatStudentNumber(prefix, year, last - count + 1 + index));
}

/** Writes the search words of persons; `replace` removes the former ones first. */
export async function writeSearchTokens(
  tx: Transaction,
  students: readonly { id: string; lastName: string; firstName: string }[],
  { replace }: { replace: boolean },
): Promise<void> {
  if (students.length === 0) return;
  if (replace)
    await tx.execute(
      Prisma.sql`DELETE FROM student_search_token WHERE student_id IN (${Prisma.join(students.map(({ id }) => id))})`,
    );
  const rows = students.flatMap(({ id, lastName, firstName }) =>
    searchTokens(lastName, firstName).map((token) => [token, id]),
  );
  // A word that stands twice in a name is one word.
  if (rows.length > 0)
    await tx.execute(
      insertRows('student_search_token', ['token', 'student_id'], rows, 'ON DUPLICATE KEY UPDATE token = token'),
    );
}

export interface StatusChange {
  readonly studentId: string;
  readonly from: StudentStatus | null;
  readonly to: StudentStatus;
  readonly origin: Origin;
  readonly reason?: string | null;
  readonly batchId?: string | null;
  readonly actorId?: string | null;
}

/** Adds to the status history. */
export async function recordStatusChanges(tx: Transaction, changes: readonly StatusChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.execute(
    insertRows(
      'student_status_change',
      ['id', 'student_id', 'from_status', 'to_status', 'origin', 'reason', 'batch_id', 'actor_id'],
      changes.map(({ studentId, from, to, origin, reason, batchId, actorId }) => [
        newId(),
        studentId,
        from,
        to,
        origin,
        reason ?? null,
        batchId ?? null,
        actorId ?? null,
      ]),
    ),
  );
}

/** Key under which two spellings of a programme meet. */
export function programmeKey(label: string): string {
  return foldText(label).slice(0, 191);
}

/**
 * Programmes by their label, those that are new created.
 * @returns programme key → id
 */
export async function ensureProgrammes(tx: Transaction, labels: readonly string[]): Promise<Map<string, string>> {
  const byKey = new Map(
    labels.map((label) => [programmeKey(label), cleanText(label).slice(0, 191)] as const).filter(([key]) => key !== ''),
  );
  if (byKey.size === 0) return new Map();
  const find = async () => {
    const rows = await tx.query<{ id: string; labelKey: string }>(
      Prisma.sql`SELECT id, label_key AS labelKey FROM programme WHERE label_key IN (${Prisma.join([...byKey.keys()])})`,
    );
    return new Map(rows.map((row) => [row.labelKey, row.id]));
  };
  const known = await find();
  const missing = [...byKey].filter(([key]) => !known.has(key));
  if (missing.length === 0) return known;
  const rows = missing.map(([key, label]) => Prisma.sql`(${newId()}, ${label}, ${key})`);
  await tx.execute(
    Prisma.sql`INSERT INTO programme (id, label, label_key) VALUES ${Prisma.join(rows)} ON DUPLICATE KEY UPDATE id = id`,
  );
  return find();
}

/** Enrols persons on programmes; an enrolment that exists is left as it is. */
export async function ensureEnrolments(
  tx: Transaction,
  enrolments: readonly { studentId: string; programmeId: string; cohortId?: string | null; origin: Origin }[],
): Promise<void> {
  if (enrolments.length === 0) return;
  await tx.execute(
    insertRows(
      'enrolment',
      ['id', 'student_id', 'programme_id', 'cohort_id', 'origin'],
      enrolments.map(({ studentId, programmeId, cohortId, origin }) => [
        newId(),
        studentId,
        programmeId,
        cohortId ?? null,
        origin,
      ]),
      'ON DUPLICATE KEY UPDATE cohort_id = COALESCE(VALUES(cohort_id), cohort_id)',
    ),
  );
}

/** Gives alumni their profile, or brings its cursus up to date. */
export async function ensureAlumniProfiles(
  tx: Transaction,
  profiles: readonly { studentId: string; cursus: string | null }[],
): Promise<void> {
  if (profiles.length === 0) return;
  await tx.execute(
    insertRows(
      'alumni_profile',
      ['student_id', 'cursus'],
      profiles.map(({ studentId, cursus }) => [studentId, cursus]),
      'ON DUPLICATE KEY UPDATE version = IF(cursus <=> VALUES(cursus), version, version + 1), cursus = VALUES(cursus)',
    ),
  );
}
