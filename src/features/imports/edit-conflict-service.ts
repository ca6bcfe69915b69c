/** The review queue: fields that changed in the source and, differently, in the CRM. A person picks. @see import rules §6 */
import { inBulkTransaction } from '../../db/bulk-transaction.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { isId } from '../../shared/ids.ts';
import { groupBy } from '../../shared/grouping.ts';
import { visibleStudents } from '../students/index.ts';
import {
  decideCompanyFields,
  decideStudentFields,
  type Decision,
  type PendingConflict,
} from './edit-conflict-decision.ts';
import type { ImportEnvironment } from './import-environment.ts';
import type { Keyset, OpenConflict } from './import-screens.ts';
import { readPage, type Place } from './keyset-page.ts';
import { ADDRESS_FIELDS } from './student-record.ts';

export interface ConflictFilters extends Place {
  readonly q: string;
  readonly batchId: string | null;
  readonly subjectId: string | null;
}

/** Whose conflicts an actor decides. */
function subjectsOf(actor: Actor): string[] {
  return [
    ...(hasPermission(actor, 'imports.decide_students') ? ['student'] : []),
    ...(hasPermission(actor, 'imports.decide_companies') ? ['company'] : []),
  ];
}

export function createEditConflictService(environment: ImportEnvironment) {
  const { database, audit, vault, clock } = environment;

  /** Open conflicts, oldest first, of the sources the actor decides about. */
  async function list(actor: Actor, filters: ConflictFilters): Promise<Keyset<OpenConflict>> {
    const subjects = subjectsOf(actor);
    if (subjects.length === 0) return { rows: [], total: 0, previous: null, next: null };
    const conditions = [
      Prisma.sql`e.state = 'open'`,
      Prisma.sql`e.subject_type IN (${Prisma.join(subjects)})`,
      Prisma.sql`(e.subject_type <> 'student' OR ${visibleStudents(actor)})`,
    ];
    if (filters.batchId) conditions.push(Prisma.sql`e.batch_id = ${filters.batchId}`);
    if (filters.subjectId) conditions.push(Prisma.sql`e.subject_id = ${filters.subjectId}`);
    const words = filters.q.trim().replace(/[\\%_]/g, '\\$&');
    if (words !== '')
      conditions.push(Prisma.sql`COALESCE(CONCAT(s.last_name, ' ', s.first_name), c.name) LIKE ${`%${words}%`}`);
    const from = Prisma.sql`FROM edit_conflict e LEFT JOIN student s ON e.subject_type = 'student' AND s.id = e.subject_id LEFT JOIN company c ON e.subject_type = 'company' AND c.id = e.subject_id WHERE ${Prisma.join(conditions, ' AND ')}`;
    const [counted] = await database.query<{ total: number }>(Prisma.sql`SELECT COUNT(*) AS total ${from}`);
    return readPage<OpenConflict>(
      filters,
      Number(counted?.total ?? 0),
      ({ id }) => id,
      (place, backwards, limit) => {
        const sign = Prisma.raw(backwards ? '<' : '>');
        const order = Prisma.raw(backwards ? 'DESC' : 'ASC');
        const after = place !== null && isId(place) ? Prisma.sql`AND e.id ${sign} ${place}` : Prisma.empty;
        return database.query<OpenConflict>(
          Prisma.sql`SELECT e.id, e.subject_type AS subjectType, e.subject_id AS subjectId, COALESCE(CONCAT(s.last_name, ' ', s.first_name), c.name, '') AS subjectName, e.field, e.base_value AS baseValue, e.file_value AS fileValue, e.crm_value AS crmValue, e.batch_id AS batchId, e.\`row_number\` AS rowNumber, e.created_at AS createdAt, e.version ${from} ${after} ORDER BY e.id ${order} LIMIT ${limit}`,
        );
      },
    );
  }

  /**
   * Decides conflicts. The fields of one address go together, as they were read.
   * @returns how many were decided, and how many were left: decided by someone else, or the record has changed since
   */
  async function decide(
    actor: Actor,
    { ids, decision }: { readonly ids: readonly string[]; readonly decision: Decision },
  ): Promise<{ decided: number; left: number }> {
    const subjects = subjectsOf(actor);
    const wanted = ids.filter(isId);
    if (subjects.length === 0 || wanted.length === 0) return { decided: 0, left: ids.length };
    return inBulkTransaction(database, async (tx) => {
      const chosen = await findOpen(tx, actor, subjects, Prisma.sql`id IN (${Prisma.join(wanted)})`);
      let decided = 0;
      for (const [subjectId, some] of groupBy(chosen, (conflict) => conflict.subjectId)) {
        const conflicts = await withSiblings(tx, actor, subjects, some);
        const context = { tx, audit, vault, actor, now: clock.now() };
        const settled =
          conflicts[0]?.subjectType === 'company'
            ? await decideCompanyFields(context, subjectId, conflicts, decision)
            : await decideStudentFields(context, subjectId, conflicts, decision);
        decided += some.filter(({ id }) => settled.has(id)).length;
      }
      return { decided, left: ids.length - decided };
    });
  }

  /** Of persons out of the actor's sight, under limitation among them, nothing is decided. */
  function findOpen(
    tx: Transaction,
    actor: Actor,
    subjects: readonly string[],
    where: Prisma.Sql,
  ): Promise<PendingConflict[]> {
    return tx.query<PendingConflict>(
      Prisma.sql`SELECT id, subject_type AS subjectType, subject_id AS subjectId, field, file_value AS fileValue, crm_value AS crmValue, batch_id AS batchId, \`row_number\` AS rowNumber FROM edit_conflict WHERE state = 'open' AND subject_type IN (${Prisma.join([...subjects])}) AND (subject_type <> 'student' OR subject_id IN (SELECT s.id FROM student s WHERE ${visibleStudents(actor)} AND s.restricted_at IS NULL)) AND ${where} ORDER BY id FOR UPDATE`,
    );
  }

  async function withSiblings(
    tx: Transaction,
    actor: Actor,
    subjects: readonly string[],
    conflicts: readonly PendingConflict[],
  ): Promise<readonly PendingConflict[]> {
    const address: readonly string[] = ADDRESS_FIELDS;
    const [first] = conflicts;
    if (!first || !conflicts.some(({ field }) => address.includes(field))) return conflicts;
    const known = new Set(conflicts.map(({ id }) => id));
    const siblings = await findOpen(
      tx,
      actor,
      subjects,
      Prisma.sql`subject_id = ${first.subjectId} AND field IN (${Prisma.join([...address])})`,
    );
    return [...conflicts, ...siblings.filter(({ id }) => !known.has(id))];
  }

  return { list, decide };
}
