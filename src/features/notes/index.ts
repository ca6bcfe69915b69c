export { presentNotes, type NoteView } from './note-presenter.ts';
export type { NoteRow, NoteSubject } from './note-queries.ts';
export { noteForm, noteUpdateForm } from './note-schemas.ts';
export { createNoteService, NOTE_LENGTH, type NotedRecord, type NoteService } from './note-service.ts';
