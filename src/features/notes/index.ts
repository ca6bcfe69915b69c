export { declareNotes, type NoteContext } from './note-routes.ts';
export type { NoteSubject } from './note-queries.ts';
export { createNoteService, type NoteService } from './note-service.ts';
