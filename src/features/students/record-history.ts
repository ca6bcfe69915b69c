/** What of a person's history an actor may read: the fields of the groups that are open to them, and nothing that tells the rest. */
import type { JournalEvent } from '../audit/index.ts';
import type { RecordRights } from './student-rights.ts';

/** Fields of the identity group, as the journal names them. Any other field is read with the contact group. */
const IDENTITY_FIELDS: ReadonlySet<string> = new Set([
  'studentNumber',
  'lastName',
  'firstName',
  'schoolEmail',
  'status',
  'programme',
  'cohort',
  'cursus',
  'startedOn',
  'endedOn',
  'graduatedOn',
  'company',
  'companyText',
  'position',
  'title',
  'tag',
  'archivedAt',
  'missingSince',
]);

/** What an event says beside its fields that concerns colleagues; the rest is for those who control the journal. */
const SHOWN_DETAILS: ReadonlySet<string> = new Set(['reason', 'precision', 'file', 'tag']);

function mayReadAction(action: string, rights: RecordRights): boolean {
  if (action.startsWith('note.')) return rights.readNotes;
  if (action.startsWith('nir.')) return rights.readable.has('nir');
  return true;
}

function mayReadField(field: string, action: string, rights: RecordRights): boolean {
  if (action.startsWith('note.')) return rights.readNotes;
  return rights.readable.has(IDENTITY_FIELDS.has(field) ? 'identity' : 'contact');
}

/** Events with what the actor may read of them; one whose every change is out of reach is left out. */
export function readableHistory(events: readonly JournalEvent[], rights: RecordRights): JournalEvent[] {
  return events.flatMap((event) => {
    if (!mayReadAction(event.action, rights)) return [];
    const all = Object.entries(event.changes);
    const changes = all.filter(([field]) => mayReadField(field, event.action, rights));
    if (all.length > 0 && changes.length === 0) return [];
    const detail = Object.entries(event.detail).filter(([name]) => rights.controls || SHOWN_DETAILS.has(name));
    return [
      {
        ...event,
        // Where a colleague worked from is the journal's business.
        ip: rights.controls ? event.ip : null,
        requestId: rights.controls ? event.requestId : null,
        changes: Object.fromEntries(changes),
        detail: Object.fromEntries(detail),
      },
    ];
  });
}
