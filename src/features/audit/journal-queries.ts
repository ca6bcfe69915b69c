/** Reads of the journal, newest first. */
import { Prisma, type Reader } from '../../db/client.ts';

export interface EventRow {
  readonly id: string;
  readonly occurredAt: Date;
  /** user, student, system or cli. */
  readonly actorType: string;
  readonly actorId: string | null;
  /** Name of the member of staff as it is now; null for the system, the command line or an account that is gone. */
  readonly actorName: string | null;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly ip: string | null;
  readonly requestId: string | null;
  readonly personId: string | null;
  readonly payload: Uint8Array | null;
}

/** What a list of events is narrowed to; null: no limit. */
export interface EventCriteria {
  readonly action: string | null;
  /** An account, or a kind of actor that is no person. */
  readonly actor: { readonly id: string } | { readonly type: 'system' | 'cli' } | null;
  /** Part of the name or address of an account. */
  readonly actorMatching: string | null;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
  readonly from: Date | null;
  /** Excluded. */
  readonly until: Date | null;
  /** Id of an event: nothing that happened later. */
  readonly upTo?: string | null;
}

export interface EventWindow {
  /** Id of an event: only those that follow it in the order of the list. */
  readonly after: string | null;
  /** Id of an event: only those that come before it, the nearest first. */
  readonly before: string | null;
  readonly limit: number;
  readonly oldestFirst?: boolean;
}

/** Every kind of subject: named in conditions on an id alone, so that the index by subject serves. */
const SUBJECT_TYPES = [
  'student',
  'company',
  'contact',
  'user',
  'role',
  'import',
  'setting',
  'list',
  'job',
  'tag',
  'programme',
  'cohort',
  'session',
  'system',
];

/** Clocks of the two servers, and of tests, may differ from the one in the ids by this much. */
const ID_TOLERANCE_MS = 86_400_000;

/** The smallest UUIDv7 of a moment. Ids are made in the order of time, so a range of time is a range of the primary key. */
function firstIdAt(milliseconds: number): string {
  const hex = Math.max(0, milliseconds).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

function conditionOf(criteria: EventCriteria): Prisma.Sql {
  const conditions: Prisma.Sql[] = [Prisma.sql`TRUE`];
  if (criteria.action) conditions.push(Prisma.sql`e.action = ${criteria.action}`);
  if (criteria.actor)
    conditions.push(
      'id' in criteria.actor
        ? Prisma.sql`e.actor_id = ${criteria.actor.id}`
        : Prisma.sql`e.actor_type = ${criteria.actor.type}`,
    );
  if (criteria.actorMatching) {
    const pattern = `%${criteria.actorMatching.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.push(
      Prisma.sql`e.actor_id IN (SELECT m.id FROM staff_user m WHERE m.name LIKE ${pattern} OR m.email LIKE ${pattern})`,
    );
  }
  if (criteria.subjectType) conditions.push(Prisma.sql`e.subject_type = ${criteria.subjectType}`);
  else if (criteria.subjectId) conditions.push(Prisma.sql`e.subject_type IN (${Prisma.join(SUBJECT_TYPES)})`);
  if (criteria.subjectId) conditions.push(Prisma.sql`e.subject_id = ${criteria.subjectId}`);
  if (criteria.from)
    conditions.push(
      Prisma.sql`e.id >= ${firstIdAt(criteria.from.getTime() - ID_TOLERANCE_MS)} AND e.occurred_at >= ${criteria.from}`,
    );
  if (criteria.until)
    conditions.push(
      Prisma.sql`e.id < ${firstIdAt(criteria.until.getTime() + ID_TOLERANCE_MS)} AND e.occurred_at < ${criteria.until}`,
    );
  if (criteria.upTo) conditions.push(Prisma.sql`e.id <= ${criteria.upTo}`);
  return Prisma.join(conditions, ' AND ');
}

/**
 * Events that match, newest first or oldest first; the other way round when the window looks before an event.
 * @param options.withPayload false: the encrypted values do not even leave the database
 */
export async function findEvents(
  reader: Reader,
  criteria: EventCriteria,
  window: EventWindow,
  { withPayload }: { withPayload: boolean },
): Promise<EventRow[]> {
  const conditions = [conditionOf(criteria)];
  const ascending = (window.before !== null) !== (window.oldestFirst ?? false);
  const from = window.before ?? window.after;
  if (from) conditions.push(Prisma.sql`e.id ${Prisma.raw(ascending ? '>' : '<')} ${from}`);
  const payload = withPayload ? Prisma.sql`e.payload` : Prisma.sql`NULL`;
  const order = Prisma.raw(ascending ? 'ASC' : 'DESC');
  return reader.query<EventRow>(
    Prisma.sql`SELECT e.id, e.occurred_at AS occurredAt, e.actor_type AS actorType, e.actor_id AS actorId, u.name AS actorName,
        e.action, e.subject_type AS subjectType, e.subject_id AS subjectId, e.ip, e.request_id AS requestId,
        e.person_id AS personId, ${payload} AS payload
      FROM audit_event e LEFT JOIN staff_user u ON u.id = e.actor_id
      WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY e.id ${order} LIMIT ${window.limit}`,
  );
}

/** Number of events that match, at most `cap`: on a page, an exact count of millions would cost more than it tells. */
export async function countEvents(reader: Reader, criteria: EventCriteria, cap: number | null): Promise<number> {
  const where = conditionOf(criteria);
  const [row] = await reader.query<{ total: number }>(
    cap === null
      ? Prisma.sql`SELECT COUNT(*) AS total FROM audit_event e WHERE ${where}`
      : Prisma.sql`SELECT COUNT(*) AS total FROM (SELECT 1 FROM audit_event e WHERE ${where} LIMIT ${cap}) counted`,
  );
  return Number(row?.total ?? 0);
}

/** Actions that the journal holds, for its filter. */
export async function findActions(reader: Reader): Promise<string[]> {
  const rows = await reader.query<{ action: string }>(
    Prisma.sql`SELECT DISTINCT action FROM audit_event ORDER BY action`,
  );
  return rows.map((row) => row.action);
}

/** Accounts that may have acted, for the filter. */
export async function findActors(reader: Reader): Promise<{ id: string; name: string }[]> {
  return reader.query(Prisma.sql`SELECT id, name FROM staff_user ORDER BY name, id LIMIT 500`);
}

/** Id of the student who bears a number, or null. */
export async function findStudentByNumber(reader: Reader, studentNumber: string): Promise<string | null> {
  const [row] = await reader.query<{ id: string }>(
    Prisma.sql`SELECT id FROM student WHERE student_number = ${studentNumber}`,
  );
  return row?.id ?? null;
}

/** How the name of a subject is read, for the kinds that have one. */
const NAME_SOURCES: Readonly<Record<string, (ids: readonly string[]) => Prisma.Sql>> = {
  student: (ids) =>
    Prisma.sql`SELECT 'student' AS kind, id, CONCAT(last_name, ' ', first_name) AS name FROM student WHERE id IN (${Prisma.join([...ids])})`,
  contact: (ids) =>
    Prisma.sql`SELECT 'contact' AS kind, id, CONCAT_WS(' ', last_name, first_name) AS name FROM contact WHERE id IN (${Prisma.join([...ids])})`,
  company: (ids) => Prisma.sql`SELECT 'company' AS kind, id, name FROM company WHERE id IN (${Prisma.join([...ids])})`,
  user: (ids) => Prisma.sql`SELECT 'user' AS kind, id, name FROM staff_user WHERE id IN (${Prisma.join([...ids])})`,
  role: (ids) => Prisma.sql`SELECT 'role' AS kind, id, label AS name FROM role WHERE id IN (${Prisma.join([...ids])})`,
  import: (ids) =>
    Prisma.sql`SELECT 'import' AS kind, id, file_name AS name FROM import_batch WHERE id IN (${Prisma.join([...ids])})`,
  programme: (ids) =>
    Prisma.sql`SELECT 'programme' AS kind, id, label AS name FROM programme WHERE id IN (${Prisma.join([...ids])})`,
  cohort: (ids) =>
    Prisma.sql`SELECT 'cohort' AS kind, id, label AS name FROM cohort WHERE id IN (${Prisma.join([...ids])})`,
  tag: (ids) => Prisma.sql`SELECT 'tag' AS kind, id, label AS name FROM tag WHERE id IN (${Prisma.join([...ids])})`,
};

/**
 * Names of the subjects of events, in one statement.
 * @returns `type:id` → name; absent for what has no name or is gone
 */
export async function findSubjectNames(
  reader: Reader,
  subjects: readonly { readonly subjectType: string; readonly subjectId: string }[],
): Promise<Map<string, string>> {
  const idsByType = new Map<string, Set<string>>();
  for (const { subjectType, subjectId } of subjects) {
    if (!(subjectType in NAME_SOURCES)) continue;
    const ids = idsByType.get(subjectType) ?? new Set();
    idsByType.set(subjectType, ids.add(subjectId));
  }
  const parts = [...idsByType].flatMap(([type, ids]) => NAME_SOURCES[type]?.([...ids]) ?? []);
  if (parts.length === 0) return new Map();
  const rows = await reader.query<{ kind: string; id: string; name: string }>(Prisma.join(parts, ' UNION ALL '));
  return new Map(rows.map((row) => [`${row.kind}:${row.id}`, row.name]));
}
