/** Reads of contacts, within what the actor may see. */
import { Prisma, type Reader } from '../../db/client.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { isoDayInParis } from '../../shared/dates.ts';
import { visibleStudents } from '../students/index.ts';
import { tagLabels } from '../tags/index.ts';
import type { ContactRole, ContactValues } from './contact-fields.ts';
import { visibleContacts } from './contact-visibility.ts';

type Source = Pick<Reader, 'query'>;

/** The former student behind a contact. */
export interface LinkedStudent {
  readonly id: string;
  readonly studentNumber: string;
  readonly name: string;
}

export interface ContactRow {
  readonly id: string;
  readonly companyId: string;
  readonly companyName: string;
  readonly siteId: string | null;
  readonly siteLabel: string | null;
  readonly lastName: string;
  readonly firstName: string | null;
  readonly jobTitle: string | null;
  readonly contactRole: ContactRole;
  readonly email: string | null;
  readonly phone: string | null;
  readonly mobilePhone: string | null;
  readonly optedOutAt: Date | null;
  readonly lastContactOn: Date | null;
  readonly origin: string;
  readonly archivedAt: Date | null;
  readonly archivedBy: string | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly updatedAt: Date;
  readonly version: number;
  /** Labels, one a line; null: none. */
  readonly tags: string | null;
  /** Notes that are not put away; null: not the actor's to read. */
  readonly notes: number | null;
  /** There is one, whoever it is. */
  readonly isLinked: boolean;
  /** Null when there is none, or when the actor may not see who it is. */
  readonly student: LinkedStudent | null;
}

interface RawContact extends Omit<ContactRow, 'isLinked' | 'student'> {
  readonly linkedId: string | null;
  readonly studentId: string | null;
  readonly studentNumber: string | null;
  readonly studentName: string | null;
}

async function readContacts(source: Source, actor: Actor, condition: Prisma.Sql): Promise<ContactRow[]> {
  const seesStudents = hasPermission(actor, 'students.read') ? visibleStudents(actor) : Prisma.sql`FALSE`;
  const notes = hasPermission(actor, 'companies.read_notes')
    ? Prisma.sql`(SELECT COUNT(*) FROM note n WHERE n.subject_type = 'contact' AND n.subject_id = k.id AND n.archived_at IS NULL)`
    : Prisma.sql`NULL`;
  const rows = await source.query<RawContact>(
    Prisma.sql`SELECT k.id, ${notes} AS notes, k.company_id AS companyId, c.name AS companyName, k.site_id AS siteId, e.label AS siteLabel, k.last_name AS lastName, k.first_name AS firstName, k.job_title AS jobTitle, k.contact_role AS contactRole, k.email, k.phone, k.mobile_phone AS mobilePhone, k.opted_out_at AS optedOutAt, k.last_contact_on AS lastContactOn, k.origin, k.archived_at AS archivedAt, archiver.name AS archivedBy, k.created_at AS createdAt, creator.name AS createdBy, k.updated_at AS updatedAt, k.version, ${tagLabels('contact', Prisma.sql`k.id`)} AS tags, k.student_id AS linkedId, s.id AS studentId, s.student_number AS studentNumber, CONCAT(s.first_name, ' ', s.last_name) AS studentName FROM contact k JOIN company c ON c.id = k.company_id LEFT JOIN company_site e ON e.id = k.site_id LEFT JOIN staff_user archiver ON archiver.id = k.archived_by_id LEFT JOIN staff_user creator ON creator.id = k.created_by_id LEFT JOIN student s ON s.id = k.student_id AND ${seesStudents} WHERE ${condition} AND ${visibleContacts(actor)} ORDER BY k.archived_at IS NOT NULL, k.name_key, k.id LIMIT 500`,
  );
  return rows.map(({ linkedId, studentId, studentNumber, studentName, ...row }) => ({
    ...row,
    isLinked: linkedId !== null,
    student: studentId !== null ? { id: studentId, studentNumber: studentNumber ?? '', name: studentName ?? '' } : null,
  }));
}

/** One contact; null when there is none of that id within what the actor may see. */
export async function findContact(source: Source, actor: Actor, id: string): Promise<ContactRow | null> {
  return (await readContacts(source, actor, Prisma.sql`k.id = ${id}`))[0] ?? null;
}

/** Contacts of a company, those still there first. */
export function findContactsOf(source: Source, actor: Actor, companyId: string): Promise<ContactRow[]> {
  return readContacts(source, actor, Prisma.sql`k.company_id = ${companyId}`);
}

export interface LockedContact extends ContactValues {
  readonly id: string;
  readonly companyId: string;
  readonly studentId: string | null;
  readonly archivedAt: Date | null;
  readonly version: number;
}

/** Locks a contact for writing; null when there is none of that id within what the actor may see. */
export async function lockContact(source: Source, actor: Actor, id: string): Promise<LockedContact | null> {
  const [row] = await source.query<
    Omit<LockedContact, 'optedOut' | 'lastContactOn'> & { optedOutAt: Date | null; lastContactOn: Date | null }
  >(
    Prisma.sql`SELECT k.id, k.company_id AS companyId, k.site_id AS siteId, k.last_name AS lastName, k.first_name AS firstName, k.job_title AS jobTitle, k.contact_role AS contactRole, k.email, k.phone, k.mobile_phone AS mobilePhone, k.opted_out_at AS optedOutAt, k.last_contact_on AS lastContactOn, k.student_id AS studentId, k.archived_at AS archivedAt, k.version FROM contact k WHERE k.id = ${id} AND ${visibleContacts(actor)} FOR UPDATE`,
  );
  if (!row) return null;
  const { optedOutAt, lastContactOn, ...rest } = row;
  return {
    ...rest,
    version: Number(rest.version),
    optedOut: optedOutAt !== null,
    lastContactOn: lastContactOn === null ? null : isoDayInParis(lastContactOn),
  };
}

/** The student behind a number, within what the actor may see, kept from going away until the transaction ends. */
export async function findStudentByNumber(
  source: Source,
  actor: Actor,
  studentNumber: string,
): Promise<LinkedStudent | null> {
  const [row] = await source.query<LinkedStudent>(
    Prisma.sql`SELECT s.id, s.student_number AS studentNumber, CONCAT(s.first_name, ' ', s.last_name) AS name FROM student s WHERE s.student_number = ${studentNumber} AND ${visibleStudents(actor)} LOCK IN SHARE MODE`,
  );
  return row ?? null;
}

/** Those of some student numbers that are of people the actor may see. */
export async function visibleNumbers(
  source: Source,
  actor: Actor,
  numbers: readonly string[],
): Promise<ReadonlySet<string>> {
  if (numbers.length === 0 || !hasPermission(actor, 'students.read')) return new Set();
  const rows = await source.query<{ studentNumber: string }>(
    Prisma.sql`SELECT s.student_number AS studentNumber FROM student s WHERE s.student_number IN (${Prisma.join([...numbers])}) AND ${visibleStudents(actor)}`,
  );
  return new Set(rows.map(({ studentNumber }) => studentNumber));
}

/** Other contacts of the same name at the company, or with the same address anywhere. */
export async function findSimilarContacts(
  source: Source,
  actor: Actor,
  like: { companyId: string; nameKey: string; email: string | null; exceptId: string | null },
): Promise<{ id: string; name: string; companyName: string }[]> {
  return source.query(
    Prisma.sql`SELECT k.id, CONCAT_WS(' ', k.first_name, k.last_name) AS name, c.name AS companyName FROM contact k JOIN company c ON c.id = k.company_id WHERE ((k.company_id = ${like.companyId} AND k.name_key = ${like.nameKey})${like.email === null ? Prisma.empty : Prisma.sql` OR k.email = ${like.email}`}) AND NOT k.id <=> ${like.exceptId} AND k.archived_at IS NULL AND ${visibleContacts(actor)} LIMIT 5`,
  );
}
