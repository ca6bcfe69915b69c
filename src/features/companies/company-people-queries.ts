/** Who works or worked at a company, as far as the actor may know. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { studentReach, visibleStudents } from '../students/index.ts';

/** Positions on one page of the tab. */
const PAGE_LENGTH = 50;

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

/** The page that begins after a position, or ends before one. */
export interface PeoplePlace {
  readonly direction: 'after' | 'before';
  readonly positionId: string;
}

export interface PeopleAtCompany {
  readonly people: PersonAtCompany[];
  /** Positions to go on from; null at the ends. */
  readonly next: string | null;
  readonly previous: string | null;
  /** Persons out of the actor's sight. */
  readonly hidden: number;
}

/** SQL condition on the table alias `s`: the people whose name the actor may read. */
export function nameablePeople(actor: Actor): Prisma.Sql {
  const reach = studentReach(actor, 'identity');
  if (reach === 'nowhere') return Prisma.sql`FALSE`;
  return reach === 'everywhere' ? visibleStudents(actor) : Prisma.sql`${visibleStudents(actor)} AND ${reach}`;
}

/** Positions held at the company, those in post first, then the latest; two statements whatever the number of people. */
export async function findPeopleAtCompany(
  source: Pick<Reader, 'query'>,
  actor: Actor,
  companyId: string,
  place: PeoplePlace | null,
): Promise<PeopleAtCompany> {
  const [counted] = await source.query<{ hidden: number }>(
    Prisma.sql`SELECT COUNT(DISTINCT p.student_id) - COUNT(DISTINCT IF(${nameablePeople(actor)}, p.student_id, NULL)) AS hidden FROM \`position\` p JOIN student s ON s.id = p.student_id WHERE p.company_id = ${companyId} AND s.merged_into_id IS NULL`,
  );
  const hidden = Number(counted?.hidden ?? 0);
  const backward = place?.direction === 'before';
  const found = await readPositions(source, actor, companyId, place);
  const more = found.length > PAGE_LENGTH;
  const people = backward ? found.slice(0, PAGE_LENGTH).reverse() : found.slice(0, PAGE_LENGTH);
  // The position is gone, or nobody follows it: the page from the beginning says more than an empty one.
  if (place && people.length === 0) return findPeopleAtCompany(source, actor, companyId, null);
  return {
    people,
    next: backward || more ? (people.at(-1)?.positionId ?? null) : null,
    previous: (backward ? more : place !== null) ? (people[0]?.positionId ?? null) : null,
    hidden,
  };
}

/** One position more than a page holds, read from the place towards the end, or towards the beginning. */
function readPositions(
  source: Pick<Reader, 'query'>,
  actor: Actor,
  companyId: string,
  place: PeoplePlace | null,
): Promise<PersonAtCompany[]> {
  const [on, back] = place?.direction === 'before' ? ['DESC', 'ASC'] : ['ASC', 'DESC'];
  const [up, down] = place?.direction === 'before' ? ['<', '>'] : ['>', '<'];
  const sql = (text: string) => Prisma.raw(text);
  const beyond = place
    ? Prisma.sql` JOIN (SELECT q.id, q.ended_on, t.name_key FROM \`position\` q JOIN student t ON t.id = q.student_id WHERE q.id = ${place.positionId}) place ON (p.ended_on IS NOT NULL) ${sql(up)} (place.ended_on IS NOT NULL) OR p.ended_on ${sql(down)} place.ended_on OR (p.ended_on <=> place.ended_on AND (s.name_key ${sql(up)} place.name_key OR (s.name_key = place.name_key AND p.id ${sql(up)} place.id)))`
    : Prisma.empty;
  return source.query<PersonAtCompany>(
    Prisma.sql`SELECT p.id AS positionId, s.id AS studentId, s.student_number AS studentNumber, s.last_name AS lastName, s.first_name AS firstName, s.status, s.cursus, s.archived_at AS archivedAt, p.title, p.started_on AS startedOn, p.ended_on AS endedOn FROM \`position\` p JOIN student s ON s.id = p.student_id${beyond} WHERE p.company_id = ${companyId} AND ${nameablePeople(actor)} ORDER BY p.ended_on IS NOT NULL ${sql(on)}, p.ended_on ${sql(back)}, s.name_key ${sql(on)}, p.id ${sql(on)} LIMIT ${PAGE_LENGTH + 1}`,
  );
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
