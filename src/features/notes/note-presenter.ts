import type { Language } from '../../i18n/index.ts';
import { formatDateTime, formatRelative } from '../../shared/dates.ts';
import type { NoteRow } from './note-queries.ts';

export interface NoteView {
  readonly id: string;
  readonly body: string;
  readonly author: string;
  readonly isMine: boolean;
  readonly iso: string;
  readonly when: string;
  readonly exactly: string;
  readonly isEdited: boolean;
  readonly isArchived: boolean;
  readonly version: number;
}

/** Notes as `notes/_notes` takes them. */
export function presentNotes(
  notes: readonly NoteRow[],
  { actorId, now, lang }: { actorId: string | null; now: Date; lang: Language },
): { current: NoteView[]; archived: NoteView[] } {
  const views = notes.map((note): NoteView => ({
    id: note.id,
    body: note.body,
    author: note.authorName,
    isMine: note.authorId === actorId,
    iso: note.createdAt.toISOString(),
    when: formatRelative(note.createdAt, now, lang),
    exactly: formatDateTime(note.createdAt, lang),
    isEdited: note.version > 1 && note.archivedAt === null,
    isArchived: note.archivedAt !== null,
    version: note.version,
  }));
  return { current: views.filter((note) => !note.isArchived), archived: views.filter((note) => note.isArchived) };
}
