/**
 * What staff write on records, kept as they typed it. Who may read or write on a record is decided by the feature the record
 * belongs to, before it calls; here, only authors change their words, and nothing is deleted.
 */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { AuditService } from '../audit/index.ts';
import { findNote, findNotes, type NoteRow, type NoteSubject } from './note-queries.ts';

/** The record a note is on. */
export interface NotedRecord {
  readonly subjectType: NoteSubject;
  readonly subjectId: string;
}

/** Characters of a note at most. */
export const NOTE_LENGTH = 8_000;

/** The person whose key encrypts the text in the journal: companies have none. */
const personOf = (record: NotedRecord): string | null => (record.subjectType === 'company' ? null : record.subjectId);

/** The record that each one became; contacts are not merged. */
const BECAME: Readonly<Record<NoteSubject, Prisma.Sql>> = {
  student: Prisma.sql`merged_into_id AS becameId FROM student`,
  company: Prisma.sql`merged_into_id AS becameId FROM company`,
  contact: Prisma.sql`NULL AS becameId FROM contact`,
};

/**
 * Keeps a record from being merged or removed until the transaction ends. One that has just been merged leads to the record
 * it became, where its notes went.
 * @throws NotFoundError when it was removed
 */
async function lockRecord(tx: Transaction, { subjectType, subjectId }: NotedRecord): Promise<NotedRecord> {
  const [row] = await tx.query<{ becameId: string | null }>(
    Prisma.sql`SELECT ${BECAME[subjectType]} WHERE id = ${subjectId} FOR UPDATE`,
  );
  if (!row) throw new NotFoundError();
  return row.becameId === null ? { subjectType, subjectId } : lockRecord(tx, { subjectType, subjectId: row.becameId });
}

/** Line ends as the database keeps them; everything else as typed. */
function bodyOf(typed: string): string {
  const body = typed.replace(/\r\n?/g, '\n');
  if (body.trim() === '')
    throw new RuleViolation('NOTE_EMPTY', 'notes.errors.empty', { fields: { body: 'notes.errors.empty' } });
  return body;
}

export type NoteService = ReturnType<typeof createNoteService>;

export function createNoteService({
  database,
  audit,
  clock,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
}) {
  return {
    /** Notes of a record, newest first, archived ones included. */
    list: (record: NotedRecord): Promise<NoteRow[]> => findNotes(database, record.subjectType, record.subjectId),

    /** @throws NotFoundError when the note is not on this record */
    async get(record: NotedRecord, noteId: string): Promise<NoteRow> {
      const note = await findNote(database, record.subjectType, record.subjectId, noteId);
      if (!note) throw new NotFoundError();
      return note;
    },

    /** @throws RuleViolation NOTE_EMPTY */
    async add(actor: Actor, noted: NotedRecord, typed: string): Promise<{ id: string }> {
      const body = bodyOf(typed);
      const authorId = actor.id;
      if (authorId === null) throw new ForbiddenError();
      const id = newId();
      await inTransaction(database, async (tx) => {
        const record = await lockRecord(tx, noted);
        await tx.prisma.note.create({ data: { id, ...record, body, authorId }, select: { id: true } });
        audit.record(tx, actor, {
          action: 'note.added',
          ...record,
          personId: personOf(record),
          changes: { body: [null, body] },
        });
      });
      return { id };
    },

    /**
     * Changes one's own note.
     * @throws NotFoundError, ForbiddenError (someone else's), ConflictError (it changed meanwhile)
     */
    async update(
      actor: Actor,
      noted: NotedRecord,
      { noteId, version, body: typed }: { noteId: string; version: number; body: string },
    ): Promise<void> {
      const body = bodyOf(typed);
      await inTransaction(database, async (tx) => {
        const record = await lockRecord(tx, noted);
        const note = await findNote(tx, record.subjectType, record.subjectId, noteId);
        if (!note) throw new NotFoundError();
        if (note.authorId !== actor.id) throw new ForbiddenError();
        const { count } = await tx.prisma.note.updateMany({
          where: { id: noteId, version },
          data: { body, version: version + 1 },
        });
        if (count === 0) throw new ConflictError(note);
        if (body === note.body) return;
        audit.record(tx, actor, {
          action: 'note.updated',
          ...record,
          personId: personOf(record),
          changes: { body: [note.body, body] },
        });
      });
    },

    /**
     * Puts a note away, or brings it back; a note that is already there is left as it is.
     * @throws NotFoundError
     */
    async setArchived(actor: Actor, noted: NotedRecord, noteId: string, archived: boolean): Promise<void> {
      await inTransaction(database, async (tx) => {
        const record = await lockRecord(tx, noted);
        const note = await findNote(tx, record.subjectType, record.subjectId, noteId);
        if (!note) throw new NotFoundError();
        const { count } = await tx.prisma.note.updateMany({
          where: { id: noteId, archivedAt: archived ? null : { not: null } },
          data: { archivedAt: archived ? clock.now() : null, version: { increment: 1 } },
        });
        if (count === 0) return;
        audit.record(tx, actor, {
          action: archived ? 'note.archived' : 'note.restored',
          ...record,
          personId: personOf(record),
          changes: { body: archived ? [note.body, null] : [null, note.body] },
        });
      });
    },
  };
}
