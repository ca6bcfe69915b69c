import { Prisma, type Database } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { hasPermission } from '../../shared/actor.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { readsJournalContent } from '../audit/index.ts';
import { visibleStudents } from '../students/index.ts';

export interface StatusCount {
  status: StudentStatus;
  people: number;
}

/**
 * Condition on the table alias `s`: the people that figures told to an actor are made of. Programmes they are limited to limit their
 * figures; who is under limitation of processing is counted for those who may see them.
 */
function counted(actor: Actor): Prisma.Sql {
  const conditions = [Prisma.sql`s.archived_at IS NULL AND s.merged_into_id IS NULL`];
  if (actor.programmeIds) conditions.push(Prisma.sql`s.programme_id IN (${Prisma.join([...actor.programmeIds])})`);
  if (actor.type === 'user' && !readsJournalContent(actor)) conditions.push(Prisma.sql`s.restricted_at IS NULL`);
  return Prisma.join(conditions, ' AND ');
}

/** What the condition depends on: two actors of the same population have the same figures. */
export function populationOf(actor: Actor): string {
  return JSON.stringify([actor.programmeIds?.toSorted() ?? null, actor.type === 'user' && !readsJournalContent(actor)]);
}

/** People of the référentiel by status, archived and merged records aside. */
export function countByStatus(database: Database, actor: Actor): Promise<StatusCount[]> {
  return database.query<StatusCount>(
    Prisma.sql`SELECT s.status, COUNT(*) AS people FROM student s WHERE ${counted(actor)} GROUP BY s.status`,
  );
}

/** Active companies. */
export async function countCompanies(database: Database): Promise<number> {
  const [row] = await database.query<{ companies: number }>(
    Prisma.sql`SELECT COUNT(*) AS companies FROM company WHERE archived_at IS NULL AND merged_into_id IS NULL`,
  );
  return row?.companies ?? 0;
}

export interface ProgrammeCount {
  id: string;
  label: string;
  people: number;
}

/** Enrolled people of the largest programmes. */
export function countByProgramme(database: Database, actor: Actor, limit: number): Promise<ProgrammeCount[]> {
  return database.query<ProgrammeCount>(
    Prisma.sql`SELECT p.id, p.label, c.people FROM (SELECT s.programme_id, COUNT(*) AS people FROM student s WHERE s.status = 'en_fonction' AND s.programme_id IS NOT NULL AND ${counted(actor)} GROUP BY s.programme_id ORDER BY people DESC LIMIT ${limit}) c JOIN programme p ON p.id = c.programme_id ORDER BY c.people DESC, p.label`,
  );
}

export interface Attention {
  batchesToConfirm: number;
  openConflicts: number;
  studentDuplicates: number;
  companyDuplicates: number;
  studentsWithAnomalies: number;
  missingStudents: number;
}

/** Above this many, the home page says "more than". */
export const ATTENTION_CAP = 1_000;

const capped = (from: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(SELECT COUNT(*) FROM (SELECT 1 FROM ${from} LIMIT ${ATTENTION_CAP + 1}) some)`;

/** What waits for a person, in one statement; figures stop counting just above the cap. */
export async function countAttention(database: Database, actor: Actor): Promise<Attention> {
  const visible = visibleStudents(actor, 'students.update');
  const sees = (id: Prisma.Sql, ...more: Prisma.Sql[]): Prisma.Sql =>
    Prisma.sql`EXISTS (SELECT 1 FROM student s WHERE s.id = ${id} AND ${Prisma.join([visibleStudents(actor), ...more], ' AND ')})`;
  const merges = visibleStudents(actor, 'students.merge');
  const [row] = await database.query<Attention>(Prisma.sql`SELECT
    ${capped(Prisma.sql`import_batch WHERE state IN ('needs_confirmation', 'ready')`)} AS batchesToConfirm,
    ${capped(Prisma.sql`edit_conflict e WHERE e.state = 'open' AND (e.subject_type <> 'student' OR ${sees(Prisma.sql`e.subject_id`)})`)} AS openConflicts,
    ${capped(Prisma.sql`duplicate_candidate d WHERE d.subject_type = 'student' AND d.state = 'open' AND ${sees(Prisma.sql`d.first_id`, merges)} AND ${sees(Prisma.sql`d.second_id`, merges)}`)} AS studentDuplicates,
    ${capped(Prisma.sql`duplicate_candidate WHERE subject_type = 'company' AND state = 'open'`)} AS companyDuplicates,
    ${capped(Prisma.sql`student s WHERE s.anomaly_count > 0 AND s.archived_at IS NULL AND ${visible}`)} AS studentsWithAnomalies,
    ${capped(Prisma.sql`student s WHERE s.missing_since IS NOT NULL AND s.archived_at IS NULL AND ${visible}`)} AS missingStudents`);
  return row as Attention;
}

export interface RecentBatch {
  id: string;
  source: string;
  state: string;
  fileName: string;
  totals: string | null;
  createdAt: Date;
}

/** The last batches, newest first. */
export function findRecentBatches(database: Database, limit: number): Promise<RecentBatch[]> {
  return database.query<RecentBatch>(
    Prisma.sql`SELECT id, source, state, file_name AS fileName, totals, created_at AS createdAt FROM import_batch ORDER BY created_at DESC, id DESC LIMIT ${limit}`,
  );
}

export interface RecentRecord {
  kind: 'student' | 'company';
  id: string;
  name: string;
  status: string;
  updatedAt: Date;
}

/** Records changed last that the actor may see, newest first. */
export async function findRecentRecords(database: Database, actor: Actor, limit: number): Promise<RecentRecord[]> {
  const reads: Promise<RecentRecord[]>[] = [];
  if (hasPermission(actor, 'students.read')) {
    reads.push(
      database.query<RecentRecord>(
        Prisma.sql`SELECT 'student' AS kind, s.id, CONCAT(s.last_name, ' ', s.first_name) AS name, s.status, s.updated_at AS updatedAt FROM student s WHERE ${visibleStudents(actor)} AND s.archived_at IS NULL ORDER BY s.updated_at DESC, s.id DESC LIMIT ${limit}`,
      ),
    );
  }
  if (hasPermission(actor, 'companies.read')) {
    reads.push(
      database.query<RecentRecord>(
        Prisma.sql`SELECT 'company' AS kind, c.id, c.name, c.relation_stage AS status, c.updated_at AS updatedAt FROM company c WHERE c.archived_at IS NULL AND c.merged_into_id IS NULL ORDER BY c.updated_at DESC, c.id DESC LIMIT ${limit}`,
      ),
    );
  }
  const records = (await Promise.all(reads)).flat();
  return records.sort((left, right) => right.updatedAt.getTime() - left.updatedAt.getTime()).slice(0, limit);
}
