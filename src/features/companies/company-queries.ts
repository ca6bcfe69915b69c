/** Reads of one company. What the actor may not read is not asked of the database. */
import { Prisma, type Reader } from '../../db/client.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { tagLabels } from '../tags/index.ts';
import {
  COMPANY_FIELDS,
  companyFieldNames,
  readableCompanyFields,
  readableCompanyGroups,
  type CompanyField,
  type CompanyValues,
} from './company-fields.ts';
import { nameablePeople } from './company-people-queries.ts';
import { visibleContacts } from './contact-visibility.ts';

/** A company as one actor sees it: fields of a group out of their sight are absent. */
export interface CompanyRow extends Partial<CompanyValues> {
  readonly id: string;
  readonly name: string;
  /** id_entreprise of GetEnt, for who reads the identity. */
  readonly legacyId: number | null;
  readonly origin: string;
  readonly anomalyCount: number;
  readonly missingSince: Date | null;
  readonly archivedAt: Date | null;
  readonly archivedBy: string | null;
  readonly archiveReason: string | null;
  readonly mergedIntoId: string | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly updatedAt: Date;
  readonly version: number;
}

type Source = Pick<Reader, 'query'>;

const columnsOf = (fields: readonly CompanyField[]): Prisma.Sql =>
  Prisma.raw(fields.map((field) => `c.${COMPANY_FIELDS[field].column} AS ${field}`).join(', '));

/** A boolean of the database is 0 or 1, or a boolean, as the driver pleases. */
function withBooleans<Row extends { openToStudents?: unknown }>(row: Row): Row {
  return row.openToStudents === undefined ? row : { ...row, openToStudents: Boolean(row.openToStudents) };
}

/** One company with the fields the actor may read; null when there is none of that id. A merged one is found too. */
export async function findCompany(source: Source, actor: Actor, id: string): Promise<CompanyRow | null> {
  const [row] = await source.query<CompanyRow>(
    Prisma.sql`SELECT c.id, ${columnsOf(readableCompanyFields(actor))}, c.legacy_id AS legacyId, c.origin, c.anomaly_count AS anomalyCount, c.missing_since AS missingSince, c.archived_at AS archivedAt, archiver.name AS archivedBy, c.archive_reason AS archiveReason, c.merged_into_id AS mergedIntoId, c.created_at AS createdAt, creator.name AS createdBy, c.updated_at AS updatedAt, c.version FROM company c LEFT JOIN staff_user archiver ON archiver.id = c.archived_by_id LEFT JOIN staff_user creator ON creator.id = c.created_by_id WHERE c.id = ${id}`,
  );
  if (!row) return null;
  return readableCompanyGroups(actor).has('identity') ? withBooleans(row) : { ...withBooleans(row), legacyId: null };
}

/** Every field of a company, its row locked until the transaction ends. */
export interface LockedCompany extends CompanyValues {
  readonly id: string;
  readonly mergedIntoId: string | null;
  readonly archivedAt: Date | null;
  readonly version: number;
}

/** Locks a company for writing; null when there is none of that id. */
export async function lockCompany(source: Source, id: string): Promise<LockedCompany | null> {
  const [row] = await source.query<LockedCompany>(
    Prisma.sql`SELECT c.id, ${columnsOf(companyFieldNames)}, c.merged_into_id AS mergedIntoId, c.archived_at AS archivedAt, c.version FROM company c WHERE c.id = ${id} FOR UPDATE`,
  );
  return row ? withBooleans({ ...row, version: Number(row.version) }) : null;
}

/** The company that bears a SIREN, other than the one being written. */
export async function findSirenHolder(
  source: Source,
  siren: string,
  exceptId: string | null,
): Promise<{ id: string; name: string } | null> {
  const [row] = await source.query<{ id: string; name: string }>(
    Prisma.sql`SELECT id, name FROM company WHERE siren = ${siren} AND NOT id <=> ${exceptId}`,
  );
  return row ?? null;
}

/** What stands around every tab of the record, for this actor: how much each tab holds (null: the tab is not theirs), tags. */
export interface TabCounts {
  readonly sites: number;
  readonly contacts: number | null;
  readonly people: number | null;
  readonly notes: number | null;
  /** Labels, one a line; null: none, or not theirs to read. */
  readonly tags: string | null;
}

export async function countTabs(source: Source, actor: Actor, id: string): Promise<TabCounts> {
  const orNull = (permitted: boolean, count: Prisma.Sql) => (permitted ? count : Prisma.sql`NULL`);
  const [row] = await source.query<TabCounts>(
    Prisma.sql`SELECT
      (SELECT COUNT(*) FROM company_site WHERE company_id = ${id} AND archived_at IS NULL) AS sites,
      ${orNull(hasPermission(actor, 'contacts.read'), Prisma.sql`(SELECT COUNT(*) FROM contact k WHERE k.company_id = ${id} AND k.archived_at IS NULL AND ${visibleContacts(actor)})`)} AS contacts,
      ${orNull(hasPermission(actor, 'students.read'), Prisma.sql`(SELECT COUNT(DISTINCT p.student_id) FROM \`position\` p JOIN student s ON s.id = p.student_id WHERE p.company_id = ${id} AND ${nameablePeople(actor)})`)} AS people,
      ${orNull(hasPermission(actor, 'companies.read_notes'), Prisma.sql`(SELECT COUNT(*) FROM note WHERE subject_type = 'company' AND subject_id = ${id} AND archived_at IS NULL)`)} AS notes,
      ${orNull(readableCompanyGroups(actor).has('identity'), tagLabels('company', Prisma.sql`${id}`))} AS tags`,
  );
  return row ?? { sites: 0, contacts: null, people: null, notes: null, tags: null };
}

/** What GetEnt said of the company when it was last read; null when it never did. */
export async function findImportBase(
  source: Source,
  id: string,
): Promise<{ fields: Record<string, unknown>; readAt: Date } | null> {
  const [row] = await source.query<{ fields: string; readAt: Date }>(
    Prisma.sql`SELECT fields, updated_at AS readAt FROM company_import_base WHERE company_id = ${id}`,
  );
  return row ? { fields: JSON.parse(row.fields) as Record<string, unknown>, readAt: row.readAt } : null;
}
