import { Prisma, type Reader } from '../../db/client.ts';

/**
 * Persons on whom someone has built since they were imported: a note, a tag, a post or an enrolment of their own, a contact, a
 * merge. They are not removed when their batch is cancelled.
 */
export async function findDependedUpon(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const list = Prisma.join([...ids]);
  const rows = await reader.query<{ id: string }>(
    Prisma.sql`SELECT subject_id AS id FROM note WHERE subject_type = 'student' AND subject_id IN (${list})
      UNION SELECT subject_id FROM tagging WHERE subject_type = 'student' AND subject_id IN (${list})
      UNION SELECT student_id FROM contact WHERE student_id IN (${list})
      UNION SELECT student_id FROM \`position\` WHERE student_id IN (${list}) AND (origin <> 'import' OR title IS NOT NULL OR started_on IS NOT NULL OR ended_on IS NOT NULL)
      UNION SELECT student_id FROM enrolment WHERE student_id IN (${list}) AND (origin <> 'import' OR cohort_id IS NOT NULL)
      UNION SELECT merged_into_id FROM student WHERE merged_into_id IN (${list})`,
  );
  return new Set(rows.map(({ id }) => id));
}
