/** Who works or worked at a company, as far as the actor may know. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { readableGroups, visibleStudents } from '../students/index.ts';

/** People shown on the tab; the list of alumni shows the others. */
const SHOWN = 100;

export interface PersonAtCompany {
  readonly positionId: string;
  readonly studentId: string;
  readonly studentNumber: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly status: StudentStatus;
  readonly cursus: string | null;
  readonly archivedAt: Date | null;
  readonly title: string | null;
  readonly startedOn: Date | null;
  /** Null: in post. */
  readonly endedOn: Date | null;
}

export interface PeopleAtCompany {
  readonly people: PersonAtCompany[];
  /** Persons the actor may see, and those out of their sight. */
  readonly visible: number;
  readonly hidden: number;
}

/** Positions held at the company, those in post first, then the latest; two statements whatever the number of people. */
export async function findPeopleAtCompany(
  source: Pick<Reader, 'query'>,
  actor: Actor,
  companyId: string,
): Promise<PeopleAtCompany> {
  const [counted] = await source.query<{ total: number; visible: number }>(
    Prisma.sql`SELECT COUNT(DISTINCT p.student_id) AS total, COUNT(DISTINCT IF(${visibleStudents(actor)}, p.student_id, NULL)) AS visible FROM \`position\` p JOIN student s ON s.id = p.student_id WHERE p.company_id = ${companyId} AND s.merged_into_id IS NULL`,
  );
  const people = await source.query<PersonAtCompany>(
    Prisma.sql`SELECT p.id AS positionId, s.id AS studentId, s.student_number AS studentNumber, s.last_name AS lastName, s.first_name AS firstName, s.status, s.cursus, s.archived_at AS archivedAt, p.title, p.started_on AS startedOn, p.ended_on AS endedOn FROM \`position\` p JOIN student s ON s.id = p.student_id WHERE p.company_id = ${companyId} AND ${visibleStudents(actor)} ORDER BY p.ended_on IS NULL DESC, p.ended_on DESC, s.name_key, p.id LIMIT ${SHOWN}`,
  );
  const total = counted?.total ?? 0;
  const visible = counted?.visible ?? 0;
  return {
    people: people.filter(({ status }) => readableGroups(actor, status).has('identity')),
    visible,
    hidden: total - visible,
  };
}

/** A row of a source that touched the company. */
export interface ImportTouch {
  readonly batchId: string;
  readonly source: string;
  readonly fileName: string;
  readonly state: string;
  readonly createdAt: Date;
  readonly rowNumber: number;
  readonly sourceKey: string | null;
  readonly outcome: string;
  /** Codes, sorted. */
  readonly warnings: readonly string[];
  /** Field → [before, after] of an update. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
}

/** The last rows of imports that changed a company or said something of it, newest first. */
export async function findImportTouches(source: Pick<Reader, 'query'>, companyId: string): Promise<ImportTouch[]> {
  const rows = await source.query<
    Omit<ImportTouch, 'warnings' | 'changes'> & { warnings: string; changes: string | null }
  >(
    Prisma.sql`SELECT r.batch_id AS batchId, b.source, b.file_name AS fileName, b.state, b.created_at AS createdAt, r.row_number AS rowNumber, r.source_key AS sourceKey, r.outcome, r.warnings, r.changes FROM import_row r JOIN import_batch b ON b.id = r.batch_id WHERE r.entity_id = ${companyId} AND b.dry_run = FALSE AND b.state IN ('applying', 'applied', 'cancelling', 'cancelled') AND NOT (r.outcome = 'unchanged' AND r.warnings = '[]') ORDER BY b.created_at DESC, b.id DESC, r.row_number LIMIT 50`,
  );
  return rows.map((row) => ({
    ...row,
    warnings: JSON.parse(row.warnings) as string[],
    changes: row.changes ? (JSON.parse(row.changes) as ImportTouch['changes']) : {},
  }));
}
