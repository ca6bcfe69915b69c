/** Reading the journal: the history of one record, and everything for those who control it. */
import type { Database } from '../../db/client.ts';
import { hasFieldGroup, type Actor } from '../../shared/actor.ts';
import { dayAfter, startOfDayInParis } from '../../shared/dates.ts';
import type { Keys } from '../../shared/encryption.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import { isId, newId } from '../../shared/ids.ts';
import { isStudentNumber, normaliseStudentNumber } from '../../shared/student-number.ts';
import { wholeList, type WholeList } from '../../shared/whole-list.ts';
import type { AuditService, AuditEntry, FieldChanges } from './audit-service.ts';
import {
  countEvents,
  findActions,
  findActors,
  findEvents,
  findStudentByNumber,
  findSubjectNames,
  type EventCriteria,
  type EventRow,
  type EventWindow,
} from './journal-queries.ts';
import { readPersonKeys } from './person-keys.ts';

/** An event as people may read it. */
export interface JournalEvent extends Omit<EventRow, 'personId' | 'payload'> {
  readonly changes: FieldChanges;
  readonly detail: Readonly<Record<string, unknown>>;
  /** readable: what is here is all there is; erased: the person was erased, their values cannot be read any more. */
  readonly values: 'readable' | 'erased';
  /** Names of the records that the detail points at, by id; absent for those that are gone, or not the reader's to know. */
  readonly names: ReadonlyMap<string, string>;
}

export type SubjectType = AuditEntry['subjectType'];

export interface HistoryQuery {
  readonly subjectType: SubjectType;
  readonly subjectId: string;
  /** Id of an event: only what came before it. */
  readonly after?: string | null | undefined;
  readonly limit?: number;
}

export interface JournalFilters {
  readonly q: string;
  readonly action: string | null;
  /** An account's id, `system` or `cli`. */
  readonly actor: string | null;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
  /** `YYYY-MM-DD`, both included. */
  readonly from: string | null;
  readonly to: string | null;
  readonly oldestFirst: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

/** An event of the whole journal; the name of its subject where the reader may know it. */
export type NamedEvent = JournalEvent & { readonly subjectName: string | null };

export interface JournalPage {
  /** `technical`: without values nor names of persons. */
  readonly reading: 'technical' | 'content';
  readonly rows: readonly NamedEvent[];
  readonly total: number;
  /** True when there are more events than were counted. */
  readonly totalIsMinimum: boolean;
  readonly next: string | null;
  readonly previous: string | null;
}

const HISTORY_LIMIT = 30;
const PAGE_LIMIT = 50;
/** Events read together for a file. */
const FILE_CHUNK = 500;
const COUNT_CAP = 10_000;
/** Subjects that those who read the technical part may see by name: nobody the school teaches or deals with. */
const NAMED_TO_TECHNICIANS: ReadonlySet<string> = new Set(['user', 'role', 'import']);
/** Who looked at a record, or tried a number in vain, is told to those who control the journal, not to colleagues. */
const ONLY_FOR_CONTROL: ReadonlySet<string> = new Set([
  'student.consulted',
  'contact.consulted',
  'company.consulted',
  'nir.refused',
]);

const NO_NAMES: ReadonlyMap<string, string> = new Map();
/** What an id in a detail names; `own`: a record of the kind the event is about. */
const REFERENCES: Readonly<Record<string, string>> = {
  batchId: 'import',
  roleId: 'role',
  companyId: 'company',
  mergedId: 'own',
  survivorId: 'own',
  otherId: 'own',
};

function referencesOf(
  { detail, subjectType }: Pick<JournalEvent, 'detail' | 'subjectType'>,
  kinds: (kind: string) => boolean,
): { subjectType: string; subjectId: string }[] {
  return Object.entries(REFERENCES).flatMap(([field, kind]) => {
    const id = detail[field];
    return typeof id === 'string' && kinds(kind)
      ? [{ subjectType: kind === 'own' ? subjectType : kind, subjectId: id }]
      : [];
  });
}

/** Gives each event the names of what its detail points at. */
function withNames(
  events: readonly JournalEvent[],
  names: ReadonlyMap<string, string>,
  kinds: (kind: string) => boolean = () => true,
): JournalEvent[] {
  return events.map((event) => {
    const known = referencesOf(event, kinds).flatMap(({ subjectType, subjectId }): [string, string][] => {
      const name = names.get(`${subjectType}:${subjectId}`);
      return name === undefined ? [] : [[subjectId, name]];
    });
    return known.length === 0 ? event : { ...event, names: new Map(known) };
  });
}

/** True when the actor reads values in the journal, not only who did what. */
export function readsJournalContent(actor: Actor): boolean {
  return hasFieldGroup(actor, 'audit.read', 'all', 'content');
}

export type JournalService = ReturnType<typeof createJournalService>;

export function createJournalService({
  database,
  audit,
  fieldKeys,
}: {
  database: Database;
  audit: AuditService;
  fieldKeys: Keys;
}) {
  async function decrypt(rows: readonly EventRow[]): Promise<JournalEvent[]> {
    const personIds = [...new Set(rows.flatMap((row) => row.personId ?? []))];
    const keys = await readPersonKeys(database, fieldKeys, personIds);
    return rows.map(({ personId, payload, ...event }) => {
      const personKey = personId === null ? undefined : keys.get(personId);
      const read = audit.readPayload({ id: event.id, personId, payload }, personKey);
      return {
        ...event,
        changes: read?.changes ?? {},
        detail: read?.detail ?? {},
        values: personKey === null ? 'erased' : 'readable',
        names: NO_NAMES,
      };
    });
  }

  async function criteriaOf(filters: JournalFilters, content: boolean): Promise<EventCriteria | null> {
    const text = filters.q.trim();
    const number = isStudentNumber(text) ? normaliseStudentNumber(text) : null;
    // Whose number it is would tell a technician whom the events concern.
    const studentId = number === null || !content ? null : await findStudentByNumber(database, number);
    if (number !== null && studentId === null) return null;
    const actor = filters.actor;
    return {
      action: filters.action,
      actor: actor === null ? null : actor === 'system' || actor === 'cli' ? { type: actor } : { id: actor },
      actorMatching: text === '' || number !== null || isId(text) ? null : text,
      subjectType: filters.subjectType,
      subjectId: studentId ?? (isId(text) ? text : filters.subjectId),
      from: filters.from === null ? null : startOfDayInParis(filters.from),
      until: filters.to === null ? null : startOfDayInParis(dayAfter(filters.to)),
    };
  }

  /** @throws ForbiddenError when the actor reads none of the journal */
  function readingOf(actor: Actor): JournalPage['reading'] {
    if (readsJournalContent(actor)) return 'content';
    if (!hasFieldGroup(actor, 'audit.read', 'all', 'technical')) throw new ForbiddenError();
    return 'technical';
  }

  /** Events that follow a place, or come before it, with what their reader may know of them. */
  async function findPage(
    reading: JournalPage['reading'],
    criteria: EventCriteria,
    { limit, ...place }: EventWindow,
  ): Promise<Pick<JournalPage, 'rows' | 'next' | 'previous'>> {
    const content = reading === 'content';
    const backwards = place.before !== null;
    const found = await findEvents(database, criteria, { ...place, limit: limit + 1 }, { withPayload: content });
    const page = found.slice(0, limit);
    const more = found.length > limit;
    if (backwards) page.reverse();
    const events = content
      ? await decrypt(page)
      : page.map(({ personId: _person, payload: _payload, ...event }): JournalEvent => {
          return { ...event, changes: {}, detail: {}, values: 'readable', names: NO_NAMES };
        });
    const names = await findSubjectNames(database, [
      ...events.filter((event) => content || NAMED_TO_TECHNICIANS.has(event.subjectType)),
      ...events.flatMap((event) => referencesOf(event, () => content)),
    ]);
    return {
      rows: withNames(events, names).map((event) => ({
        ...event,
        subjectName: names.get(`${event.subjectType}:${event.subjectId}`) ?? null,
      })),
      next: (backwards ? page.length > 0 : more) ? (page.at(-1)?.id ?? null) : null,
      previous: (backwards ? more : place.after !== null) ? (page[0]?.id ?? null) : null,
    };
  }

  return {
    /**
     * What happened to one record, newest first, values decrypted. Whether the actor may see the record, and which of its
     * fields, is the caller's to decide: it passes on what it chooses to.
     * @returns events and the id to give as `after` for the older ones, null when there are none
     */
    async recordHistory(
      actor: Actor,
      { subjectType, subjectId, after = null, limit = HISTORY_LIMIT }: HistoryQuery,
    ): Promise<{ events: JournalEvent[]; next: string | null }> {
      const rows = await findEvents(
        database,
        { action: null, actor: null, actorMatching: null, subjectType, subjectId, from: null, until: null },
        { after, before: null, limit: limit + 1 },
        { withPayload: true },
      );
      const shown = rows.slice(0, limit);
      const controls = readsJournalContent(actor);
      const events = (await decrypt(shown)).filter((event) => controls || !ONLY_FOR_CONTROL.has(event.action));
      // The name of a file is for all; another record may be out of the reader's sight.
      const onlyFiles = (kind: string): boolean => kind === 'import';
      const references = events.flatMap((event) => referencesOf(event, onlyFiles));
      const names = references.length > 0 ? await findSubjectNames(database, references) : NO_NAMES;
      return {
        events: withNames(events, names, onlyFiles),
        next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      };
    },

    /**
     * The journal, fifty events a page.
     * @throws ForbiddenError when the actor reads none of it
     */
    async list(actor: Actor, filters: JournalFilters): Promise<JournalPage> {
      const reading = readingOf(actor);
      const criteria = await criteriaOf(filters, reading === 'content');
      if (!criteria) return { reading, rows: [], total: 0, totalIsMinimum: false, next: null, previous: null };
      const { after, before, oldestFirst } = filters;
      const [found, counted] = await Promise.all([
        findPage(reading, criteria, { after, before, oldestFirst, limit: PAGE_LIMIT }),
        countEvents(database, criteria, COUNT_CAP + 1),
      ]);
      return { reading, ...found, total: Math.min(counted, COUNT_CAP), totalIsMinimum: counted > COUNT_CAP };
    },

    /**
     * Every event that answers, for a file: those that had happened when it was asked for.
     * @throws ForbiddenError when the actor reads none of it
     */
    async everything(actor: Actor, filters: JournalFilters): Promise<WholeList<NamedEvent>> {
      const reading = readingOf(actor);
      const asked = await criteriaOf(filters, reading === 'content');
      if (!asked) return wholeList(() => Promise.resolve({ rows: [], total: 0, next: null }));
      const criteria = { ...asked, upTo: newId() };
      const total = await countEvents(database, criteria, null);
      const { oldestFirst } = filters;
      return wholeList(async (after) => ({
        ...(await findPage(reading, criteria, { after, before: null, oldestFirst, limit: FILE_CHUNK })),
        total,
      }));
    },

    /** What the filters of the journal offer. */
    async choices(): Promise<{ actions: string[]; actors: { id: string; name: string }[] }> {
      const [actions, actors] = await Promise.all([findActions(database), findActors(database)]);
      return { actions, actors };
    },
  };
}
