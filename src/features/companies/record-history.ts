/** What of a record's history an actor may read: values of fields out of their sight are left out, and events that hold nothing else with them. */
import type { Translate } from '../../i18n/index.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { formatSiren } from '../../shared/siren.ts';
import { readsJournalContent, type JournalEvent } from '../audit/index.ts';
import { COMPANY_FIELDS, readableCompanyGroups, type CompanyField } from './company-fields.ts';

/** What an event says beside its fields that concerns colleagues; the rest is for those who control the journal. */
const SHOWN_DETAILS: ReadonlySet<string> = new Set(['reason', 'site', 'tag', 'linkedPositions', 'mergedName']);

function readable(
  events: readonly JournalEvent[],
  actor: Actor,
  mayRead: (field: string, action: string, values: readonly unknown[]) => boolean,
): JournalEvent[] {
  const controls = readsJournalContent(actor);
  return events.flatMap((event) => {
    const all = Object.entries(event.changes);
    const changes = all.filter(([field, values]) => mayRead(field, event.action, values));
    if (all.length > 0 && changes.length === 0) return [];
    const detail = Object.entries(event.detail).filter(([name]) => controls || SHOWN_DETAILS.has(name));
    return [
      {
        ...event,
        // Where a colleague worked from is the journal's business.
        ip: controls ? event.ip : null,
        requestId: controls ? event.requestId : null,
        changes: Object.fromEntries(changes),
        detail: Object.fromEntries(detail),
      },
    ];
  });
}

const isOfNote = (action: string): boolean => action.startsWith('note.');

/** The text of notes needs the right to read notes, on companies and on the people there alike. */
function withoutUnreadableNotes(events: readonly JournalEvent[], actor: Actor): readonly JournalEvent[] {
  return hasPermission(actor, 'companies.read_notes') ? events : events.filter(({ action }) => !isOfNote(action));
}

/** Events of a company as this actor may read them; the text of notes needs the right to read notes. */
export function readableCompanyHistory(events: readonly JournalEvent[], actor: Actor): JournalEvent[] {
  const groups = readableCompanyGroups(actor);
  return readable(withoutUnreadableNotes(events, actor), actor, (field, action) => {
    if (isOfNote(action)) return true;
    if (!Object.hasOwn(COMPANY_FIELDS, field)) return groups.has('identity');
    return field === 'name' || groups.has(COMPANY_FIELDS[field as CompanyField].group);
  });
}

/**
 * Events of a contact the actor may see; which student they were is for those who see that student.
 * @param numbers those of the student numbers told that the actor may read
 */
export function readableContactHistory(
  events: readonly JournalEvent[],
  actor: Actor,
  numbers: ReadonlySet<string>,
): JournalEvent[] {
  return readable(
    withoutUnreadableNotes(events, actor),
    actor,
    (field, _action, values) =>
      field !== 'studentNumber' || values.every((value) => value === null || numbers.has(String(value))),
  );
}

/** Fields whose values are codes, and the words of each. */
const CODED: Readonly<Record<string, (code: string, t: Translate) => string>> = {
  relationStage: (code, t) => t(`companies.stages.${code}`),
  contactRole: (code, t) => t(`companies.contact_roles.${code}`),
  headcountCode: (code, t) => t(`companies.headcounts.${code}`),
};

/** The same events with codes in words; numbers of the register grouped as people read them. */
export function historyInWords(events: readonly JournalEvent[], t: Translate): JournalEvent[] {
  const word = (field: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    if (field === 'siren' || field === 'siret') return formatSiren(value);
    return CODED[field]?.(value, t) ?? value;
  };
  return events.map((event) => ({
    ...event,
    changes: Object.fromEntries(
      Object.entries(event.changes).map(([field, [before, after]]) => [
        field,
        [word(field, before), word(field, after)],
      ]),
    ),
  }));
}
