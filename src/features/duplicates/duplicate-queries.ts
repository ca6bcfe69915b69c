/** Reads of the queue of duplicates. A pair is seen by whoever may see and merge both of its records. */
import { Prisma, type Reader } from '../../db/client.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { visibleStudents } from '../students/index.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';

type Source = Pick<Reader, 'query'>;

export interface Candidate {
  readonly id: string;
  readonly subjectType: DuplicateSubject;
  readonly firstId: string;
  readonly secondId: string;
  readonly score: number;
  /** Codes; an import has its own. */
  readonly reasons: readonly string[];
  /** open, merged, dismissed or obsolete. */
  readonly state: string;
  readonly fromImport: boolean;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly createdAt: Date;
  readonly version: number;
}

/** What the queue shows of a record; null where the actor may not read. */
export interface CandidateSide {
  readonly id: string;
  readonly name: string;
  /** Student number, or SIREN. */
  readonly number: string | null;
  readonly status: string | null;
  readonly city: string | null;
  readonly isArchived: boolean;
  readonly createdAt: Date;
}

interface CandidateRow extends Omit<Candidate, 'reasons' | 'fromImport'> {
  readonly reasons: string;
  readonly batchId: string | null;
}

const columns = Prisma.sql`d.id, d.subject_type AS subjectType, d.first_id AS firstId, d.second_id AS secondId, d.score, d.reasons, d.state, d.batch_id AS batchId, decider.name AS decidedBy, d.decided_at AS decidedAt, d.created_at AS createdAt, d.version`;

function toCandidate({ reasons, batchId, ...row }: CandidateRow): Candidate {
  return {
    ...row,
    version: Number(row.version),
    reasons: JSON.parse(reasons) as string[],
    fromImport: batchId !== null,
  };
}

/** Right to merge records of a kind. */
export function mergePermission(subjectType: DuplicateSubject) {
  return subjectType === 'student' ? ('students.merge' as const) : ('companies.merge' as const);
}

/** SQL condition: the actor sees, and may merge, the record whose id the expression gives. */
function reachable(actor: Actor, subjectType: DuplicateSubject, id: Prisma.Sql): Prisma.Sql {
  if (!hasPermission(actor, mergePermission(subjectType))) return Prisma.sql`FALSE`;
  return subjectType === 'student'
    ? Prisma.sql`EXISTS (SELECT 1 FROM student s WHERE s.id = ${id} AND ${visibleStudents(actor)} AND ${visibleStudents(actor, 'students.merge')})`
    : Prisma.sql`${hasPermission(actor, 'companies.read')} AND EXISTS (SELECT 1 FROM company c WHERE c.id = ${id} AND c.merged_into_id IS NULL)`;
}

function reachablePair(actor: Actor, subjectType: DuplicateSubject): Prisma.Sql {
  return Prisma.sql`${reachable(actor, subjectType, Prisma.sql`d.first_id`)} AND ${reachable(actor, subjectType, Prisma.sql`d.second_id`)}`;
}

/** Which of these records the actor may see and merge. */
export async function findReachable(
  source: Source,
  actor: Actor,
  subjectType: DuplicateSubject,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await source.query<{ id: string }>(
    Prisma.sql`SELECT t.id FROM ${Prisma.raw(subjectType)} t WHERE t.id IN (${Prisma.join([...ids])}) AND ${reachable(actor, subjectType, Prisma.sql`t.id`)}`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Place in the queue: the last pair shown. */
export interface QueuePlace {
  readonly score: number;
  readonly id: string;
}

const COUNTED = 10_000;

/** A page of the queue, the likeliest pairs first. */
export async function findQueue(
  source: Source,
  actor: Actor,
  {
    subjectType,
    state,
    after,
    limit,
  }: { subjectType: DuplicateSubject; state: string; after: QueuePlace | null; limit: number },
): Promise<{ rows: Candidate[]; total: number; totalIsMinimum: boolean; next: QueuePlace | null }> {
  const where = Prisma.sql`d.subject_type = ${subjectType} AND d.state = ${state} AND ${reachablePair(actor, subjectType)}`;
  const beyond = after
    ? Prisma.sql`AND d.score <= ${after.score} AND (d.score < ${after.score} OR d.id < ${after.id})`
    : Prisma.empty;
  const rows = await source.query<CandidateRow>(
    Prisma.sql`SELECT ${columns} FROM duplicate_candidate d LEFT JOIN staff_user decider ON decider.id = d.decided_by_id WHERE ${where} ${beyond} ORDER BY d.score DESC, d.id DESC LIMIT ${limit + 1}`,
  );
  const [counted] = await source.query<{ pairs: number }>(
    Prisma.sql`SELECT COUNT(*) AS pairs FROM (SELECT 1 FROM duplicate_candidate d WHERE ${where} LIMIT ${COUNTED + 1}) few`,
  );
  const shown = rows.slice(0, limit).map(toCandidate);
  const last = shown.at(-1);
  return {
    rows: shown,
    total: Math.min(counted?.pairs ?? 0, COUNTED),
    totalIsMinimum: (counted?.pairs ?? 0) > COUNTED,
    next: rows.length > limit && last ? { score: last.score, id: last.id } : null,
  };
}

/** One pair; null when there is none of that id. Whether the actor may see it is told apart: its records may be merged. */
export async function findCandidate(source: Source, id: string): Promise<Candidate | null> {
  const [row] = await source.query<CandidateRow>(
    Prisma.sql`SELECT ${columns} FROM duplicate_candidate d LEFT JOIN staff_user decider ON decider.id = d.decided_by_id WHERE d.id = ${id}`,
  );
  return row ? toCandidate(row) : null;
}

/** Locks a pair for a decision. */
export async function lockCandidate(source: Source, id: string): Promise<Candidate | null> {
  const [row] = await source.query<CandidateRow>(
    Prisma.sql`SELECT ${columns} FROM duplicate_candidate d LEFT JOIN staff_user decider ON decider.id = d.decided_by_id WHERE d.id = ${id} FOR UPDATE`,
  );
  return row ? toCandidate(row) : null;
}

/** What the queue shows of records, by id. */
export async function findSides(
  source: Source,
  subjectType: DuplicateSubject,
  ids: readonly string[],
): Promise<Map<string, CandidateSide>> {
  if (ids.length === 0) return new Map();
  const list = Prisma.join([...new Set(ids)]);
  const rows = await source.query<Omit<CandidateSide, 'isArchived'> & { archivedAt: Date | null }>(
    subjectType === 'student'
      ? Prisma.sql`SELECT id, CONCAT(last_name, ' ', first_name) AS name, student_number AS number, status, city, archived_at AS archivedAt, created_at AS createdAt FROM student WHERE id IN (${list})`
      : Prisma.sql`SELECT id, name, siren AS number, NULL AS status, city, archived_at AS archivedAt, created_at AS createdAt FROM company WHERE id IN (${list})`,
  );
  return new Map(rows.map(({ archivedAt, ...row }) => [row.id, { ...row, isArchived: archivedAt !== null }]));
}
