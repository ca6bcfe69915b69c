import { Prisma, type Reader } from '../../db/client.ts';

export type NoteSubject = 'student' | 'company' | 'contact';

export interface NoteRow {
  readonly id: string;
  readonly body: string;
  readonly authorId: string;
  readonly authorName: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
  readonly version: number;
}

/** Notes kept on one record at most on a page: the oldest ones beyond are read through the history. */
const NOTES_SHOWN = 200;

const columns = Prisma.sql`n.id, n.body, n.author_id AS authorId, u.name AS authorName, n.created_at AS createdAt, n.updated_at AS updatedAt, n.archived_at AS archivedAt, n.version`;

/** Notes of a record, newest first, the archived ones among them. */
export async function findNotes(reader: Reader, subjectType: NoteSubject, subjectId: string): Promise<NoteRow[]> {
  return reader.query<NoteRow>(
    Prisma.sql`SELECT ${columns} FROM note n JOIN staff_user u ON u.id = n.author_id
      WHERE n.subject_type = ${subjectType} AND n.subject_id = ${subjectId}
      ORDER BY n.created_at DESC, n.id DESC LIMIT ${NOTES_SHOWN}`,
  );
}

/** One note of a record; null when it is another record's. */
export async function findNote(
  reader: Reader,
  subjectType: NoteSubject,
  subjectId: string,
  noteId: string,
): Promise<NoteRow | null> {
  const [row] = await reader.query<NoteRow>(
    Prisma.sql`SELECT ${columns} FROM note n JOIN staff_user u ON u.id = n.author_id
      WHERE n.id = ${noteId} AND n.subject_type = ${subjectType} AND n.subject_id = ${subjectId}`,
  );
  // Inside a transaction the driver gives whole numbers as bigint.
  return row ? { ...row, version: Number(row.version) } : null;
}
