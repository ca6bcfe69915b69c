/** The first step of every change to a person: the row as it is now, and proof that the actor may change it. */
import { Prisma } from '../../db/client.ts';
import { violatedUniqueIndex } from '../../db/errors.ts';
import type { ColumnValue } from '../../db/bulk-insert.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../../shared/errors.ts';
import { findStudent, type StudentRow } from './student-record-queries.ts';
import { recordRights, type RecordRights } from './student-rights.ts';

export interface OpenedStudent {
  readonly row: StudentRow;
  readonly rights: RecordRights;
}

/**
 * Reads a person to change them, and keeps them from being changed, merged or removed by anyone else until the transaction ends:
 * what hangs on them (posts, enrolments, the NIR) has no version that would tell.
 * @param allows what the change needs of the rights
 * @throws NotFoundError when the person is out of sight; ForbiddenError when they may be seen and not changed
 */
export async function openStudent(
  tx: Transaction,
  actor: Actor,
  id: string,
  allows: (rights: RecordRights) => boolean,
): Promise<OpenedStudent> {
  // Sent together: the database takes them in this order.
  const [, row] = await Promise.all([
    tx.query(Prisma.sql`SELECT id FROM student WHERE id = ${id} FOR UPDATE`),
    findStudent(tx, actor, id),
  ]);
  if (!row) throw new NotFoundError();
  const rights = recordRights(actor, { status: row.status, isRestricted: row.restrictedAt !== null });
  if (!allows(rights))
    throw new ForbiddenError(row.restrictedAt ? 'student-record.errors.restricted' : 'errors.forbidden.message');
  return { row, rights };
}

/** Columns of a person by the name of their field; days are `YYYY-MM-DD`. */
export type StudentData = Partial<Record<Exclude<Prisma.StudentScalarFieldEnum, 'id' | 'version'>, ColumnValue>>;

const columnOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * Writes the person if nobody did since `version` was read.
 * @throws ConflictError holding the row as it is now
 */
export async function writeStudent(
  tx: Transaction,
  actor: Actor,
  { id, version }: { id: string; version: number },
  data: StudentData,
): Promise<void> {
  const assignments = Object.entries({ ...data, version: version + 1 }).map(
    ([field, value]) => Prisma.sql`${Prisma.raw(columnOf(field))} = ${value}`,
  );
  const count = await tx.execute(
    Prisma.sql`UPDATE student SET ${Prisma.join(assignments)} WHERE id = ${id} AND version = ${version}`,
  );
  if (count === 0) throw new ConflictError(await findStudent(tx, actor, id));
}

/** True when a write ran into a number that someone else bears. */
export function isNirTaken(error: unknown): boolean {
  return violatedUniqueIndex(error) === 'student_nir_by_index';
}
