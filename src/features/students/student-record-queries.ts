/** Reads of one person: the record, and what hangs on it. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { Origin } from './student-writer.ts';
import { visibleStudents } from './student-visibility.ts';

export interface StudentRow {
  readonly id: string;
  readonly studentNumber: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly status: StudentStatus;
  readonly statusSince: Date;
  readonly birthDate: Date | null;
  readonly email: string | null;
  readonly schoolEmail: string | null;
  /** E.164, as the other one. */
  readonly personalPhone: string | null;
  readonly professionalPhone: string | null;
  readonly street: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  /** ISO 3166-1, two letters. */
  readonly country: string;
  readonly cursus: string | null;
  readonly programmeId: string | null;
  readonly programme: string | null;
  readonly cohortId: string | null;
  readonly cohort: string | null;
  readonly origin: string;
  readonly missingSince: Date | null;
  readonly anomalyCount: number;
  readonly archivedAt: Date | null;
  readonly archivedBy: string | null;
  readonly archiveReason: string | null;
  readonly restrictedAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly updatedAt: Date;
  readonly version: number;
}

/** Inside a transaction the driver gives whole numbers as bigint: versions and counts are made plain numbers here. */
const plain = <Row extends { version: number }>(row: Row): Row => ({ ...row, version: Number(row.version) });

/** The person, when the actor may see them; null otherwise. */
export async function findStudent(reader: Reader, actor: Actor, id: string): Promise<StudentRow | null> {
  const [row] = await reader.query<StudentRow>(
    Prisma.sql`SELECT s.id, s.student_number AS studentNumber, s.last_name AS lastName, s.first_name AS firstName, s.status,
        s.status_since AS statusSince, s.birth_date AS birthDate, s.email, s.school_email AS schoolEmail,
        s.personal_phone AS personalPhone, s.professional_phone AS professionalPhone, s.street, s.postcode, s.city, s.country,
        s.cursus, s.programme_id AS programmeId, p.label AS programme, s.cohort_id AS cohortId, c.label AS cohort, s.origin,
        s.missing_since AS missingSince, s.anomaly_count AS anomalyCount, s.archived_at AS archivedAt,
        archiver.name AS archivedBy, s.archive_reason AS archiveReason, s.restricted_at AS restrictedAt,
        s.created_at AS createdAt, creator.name AS createdBy, s.updated_at AS updatedAt, s.version
      FROM student s
        LEFT JOIN programme p ON p.id = s.programme_id
        LEFT JOIN cohort c ON c.id = s.cohort_id
        LEFT JOIN staff_user archiver ON archiver.id = s.archived_by_id
        LEFT JOIN staff_user creator ON creator.id = s.created_by_id
      WHERE s.id = ${id} AND ${visibleStudents(actor)}`,
  );
  return row ? { ...plain(row), anomalyCount: Number(row.anomalyCount) } : null;
}

/** Who a merged record became, when the actor may see that person. */
export async function findSurvivor(reader: Reader, actor: Actor, id: string): Promise<string | null> {
  const [row] = await reader.query<{ id: string }>(
    Prisma.sql`SELECT s.id FROM student merged JOIN student s ON s.id = merged.merged_into_id
      WHERE merged.id = ${id} AND ${visibleStudents(actor)}`,
  );
  return row?.id ?? null;
}

export interface RecordCounts {
  readonly notes: number;
  readonly positions: number;
  readonly imports: number;
  readonly openConflicts: number;
}

/** A batch whose rows touched the base, or touched it until it was cancelled: not a reading, nor a trial run. */
const TOUCHED = Prisma.sql`b.dry_run = FALSE AND b.state IN ('applying', 'applied', 'cancelling', 'cancelled')`;

/** What the tabs of a record announce, in one statement. */
export async function countOnRecord(reader: Reader, studentId: string): Promise<RecordCounts> {
  const [row] = await reader.query<RecordCounts>(
    Prisma.sql`SELECT
      (SELECT COUNT(*) FROM note n WHERE n.subject_type = 'student' AND n.subject_id = ${studentId} AND n.archived_at IS NULL) AS notes,
      (SELECT COUNT(*) FROM \`position\` o WHERE o.student_id = ${studentId}) AS positions,
      (SELECT COUNT(*) FROM import_row r JOIN import_batch b ON b.id = r.batch_id WHERE r.entity_id = ${studentId} AND ${TOUCHED}) AS imports,
      (SELECT COUNT(*) FROM edit_conflict e WHERE e.subject_type = 'student' AND e.subject_id = ${studentId} AND e.state = 'open') AS openConflicts`,
  );
  return {
    notes: Number(row?.notes ?? 0),
    positions: Number(row?.positions ?? 0),
    imports: Number(row?.imports ?? 0),
    openConflicts: Number(row?.openConflicts ?? 0),
  };
}

export interface StatusChangeRow {
  readonly id: string;
  readonly fromStatus: StudentStatus | null;
  readonly toStatus: StudentStatus;
  readonly origin: Origin;
  readonly reason: string | null;
  readonly batchId: string | null;
  readonly actorName: string | null;
  readonly changedAt: Date;
}

/** Changes of status, the latest first. */
export async function findStatusChanges(reader: Reader, studentId: string): Promise<StatusChangeRow[]> {
  return reader.query<StatusChangeRow>(
    Prisma.sql`SELECT h.id, h.from_status AS fromStatus, h.to_status AS toStatus, h.origin, h.reason, h.batch_id AS batchId,
        u.name AS actorName, h.changed_at AS changedAt
      FROM student_status_change h LEFT JOIN staff_user u ON u.id = h.actor_id
      WHERE h.student_id = ${studentId} ORDER BY h.changed_at DESC, h.id DESC LIMIT 100`,
  );
}

export interface EnrolmentRow {
  readonly id: string;
  readonly programmeId: string;
  readonly programme: string;
  readonly cohortId: string | null;
  readonly cohort: string | null;
  readonly startedOn: Date | null;
  readonly endedOn: Date | null;
  readonly origin: string;
  readonly version: number;
}

/** Enrolments, those under way first. */
export async function findEnrolments(reader: Reader, studentId: string): Promise<EnrolmentRow[]> {
  const rows = await reader.query<EnrolmentRow>(
    Prisma.sql`SELECT e.id, e.programme_id AS programmeId, p.label AS programme, e.cohort_id AS cohortId, c.label AS cohort,
        e.started_on AS startedOn, e.ended_on AS endedOn, e.origin, e.version
      FROM enrolment e JOIN programme p ON p.id = e.programme_id LEFT JOIN cohort c ON c.id = e.cohort_id
      WHERE e.student_id = ${studentId} ORDER BY e.ended_on IS NOT NULL, e.started_on DESC, e.id DESC`,
  );
  return rows.map(plain);
}

export interface PositionRow {
  readonly id: string;
  readonly companyId: string | null;
  readonly companyName: string | null;
  readonly companyCity: string | null;
  readonly companyText: string | null;
  readonly title: string | null;
  readonly startedOn: Date | null;
  readonly endedOn: Date | null;
  readonly origin: string;
  readonly version: number;
}

/** Positions, the current ones first, then the latest. */
export async function findPositions(reader: Reader, studentId: string): Promise<PositionRow[]> {
  const rows = await reader.query<PositionRow>(
    Prisma.sql`SELECT o.id, o.company_id AS companyId, c.name AS companyName, c.city AS companyCity,
        o.company_text AS companyText, o.title, o.started_on AS startedOn, o.ended_on AS endedOn, o.origin, o.version
      FROM \`position\` o LEFT JOIN company c ON c.id = o.company_id
      WHERE o.student_id = ${studentId} ORDER BY o.ended_on IS NOT NULL, o.ended_on DESC, o.started_on DESC, o.id DESC`,
  );
  return rows.map(plain);
}

export interface AlumniProfileRow {
  readonly cursus: string | null;
  readonly graduatedOn: Date | null;
  readonly version: number;
}

export async function findAlumniProfile(reader: Reader, studentId: string): Promise<AlumniProfileRow | null> {
  const [row] = await reader.query<AlumniProfileRow>(
    Prisma.sql`SELECT cursus, graduated_on AS graduatedOn, version FROM alumni_profile WHERE student_id = ${studentId}`,
  );
  return row ? plain(row) : null;
}

export interface ImportTouchRow {
  readonly batchId: string;
  readonly fileName: string;
  readonly state: string;
  readonly rowNumber: number;
  readonly outcome: string;
  /** JSON array of codes. */
  readonly warnings: string;
  readonly happenedAt: Date;
  readonly undoOutcome: string | null;
}

/** Rows of imports that touched the person, the latest first. */
export async function findImportTouches(reader: Reader, studentId: string): Promise<ImportTouchRow[]> {
  return reader.query<ImportTouchRow>(
    Prisma.sql`SELECT b.id AS batchId, b.file_name AS fileName, b.state, r.row_number AS rowNumber, r.outcome, r.warnings,
        COALESCE(b.applied_at, b.apply_started_at, b.created_at) AS happenedAt, r.undo_outcome AS undoOutcome
      FROM import_row r JOIN import_batch b ON b.id = r.batch_id
      WHERE r.entity_id = ${studentId} AND ${TOUCHED} ORDER BY r.batch_id DESC, r.row_number LIMIT 100`,
  );
}

export interface StudyChoices {
  readonly programmes: readonly string[];
  readonly cohorts: readonly string[];
}

/** Labels of programmes and cohorts in use, for the suggestions of forms. */
export async function findStudyChoices(reader: Reader): Promise<StudyChoices> {
  const rows = await reader.query<{ kind: string; label: string }>(
    Prisma.sql`SELECT 'programme' AS kind, label FROM programme WHERE archived_at IS NULL
      UNION SELECT 'cohort' AS kind, label FROM cohort WHERE archived_at IS NULL ORDER BY label LIMIT 1000`,
  );
  const labelsOf = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.label);
  return { programmes: labelsOf('programme'), cohorts: labelsOf('cohort') };
}
