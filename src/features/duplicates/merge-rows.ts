/**
 * What hangs on a record and follows it into another, there and back. A row that the survivor holds already (the same tag, the same
 * programme, the very same post) stays where it is: it would say nothing new.
 */
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import { columnValues, type ColumnValues } from './merge-fields.ts';
import type { FilledRow, MovedRows } from './merge-image.ts';

interface Movable {
  /** Name in images and in texts. */
  readonly what: string;
  readonly table: string;
  /** Column that names the record. */
  readonly owner: string;
  /** Column that tells rows of one record apart. */
  readonly key: string;
  /** Rows of several kinds of record stand in one table. */
  readonly typed?: boolean;
  /** SQL on the aliases `m` (row of the merged record) and `o` (row of the survivor): both say the same. */
  readonly twin?: string;
}

const SAME_POST =
  'o.company_id <=> m.company_id AND o.company_text <=> m.company_text AND o.title <=> m.title AND o.started_on <=> m.started_on AND o.ended_on <=> m.ended_on';

const shared: readonly Movable[] = [
  { what: 'notes', table: 'note', owner: 'subject_id', key: 'id', typed: true },
  { what: 'tags', table: 'tagging', owner: 'subject_id', key: 'tag_id', typed: true, twin: 'o.tag_id = m.tag_id' },
];

/** Everything that names a student or a company, beside what the merge decides by itself (number, base, conflicts). */
export const MOVABLE: Readonly<Record<DuplicateSubject, readonly Movable[]>> = {
  student: [
    { what: 'positions', table: 'position', owner: 'student_id', key: 'id', twin: SAME_POST },
    { what: 'enrolments', table: 'enrolment', owner: 'student_id', key: 'id', twin: 'o.programme_id = m.programme_id' },
    { what: 'profile', table: 'alumni_profile', owner: 'student_id', key: 'student_id', twin: 'TRUE' },
    { what: 'statuses', table: 'student_status_change', owner: 'student_id', key: 'id' },
    { what: 'contacts', table: 'contact', owner: 'student_id', key: 'id' },
    ...shared,
    { what: 'earlier', table: 'student', owner: 'merged_into_id', key: 'id' },
  ],
  company: [
    { what: 'positions', table: 'position', owner: 'company_id', key: 'id' },
    { what: 'sites', table: 'company_site', owner: 'company_id', key: 'id' },
    { what: 'contacts', table: 'contact', owner: 'company_id', key: 'id' },
    ...shared,
    { what: 'earlier', table: 'company', owner: 'merged_into_id', key: 'id' },
  ],
};

/** Conflicts between a source and the record follow the base they come from. */
export const CONFLICTS: Movable = {
  what: 'conflicts',
  table: 'edit_conflict',
  owner: 'subject_id',
  key: 'id',
  typed: true,
};

const ROWS_PER_STATEMENT = 500;

const name = (text: string): Prisma.Sql => Prisma.raw(`\`${text}\``);
const of = (alias: string, column: string): Prisma.Sql => Prisma.raw(`${alias}.\`${column}\``);

function ofType(movable: Movable, alias: string, subjectType: DuplicateSubject): Prisma.Sql {
  return movable.typed ? Prisma.sql`AND ${of(alias, 'subject_type')} = ${subjectType}` : Prisma.empty;
}

/** Rows of the merged record that say something the survivor's do not. */
function newRows(movable: Movable, subjectType: DuplicateSubject, mergedId: string, survivorId: string): Prisma.Sql {
  const own = Prisma.sql`${of('m', movable.owner)} = ${mergedId} ${ofType(movable, 'm', subjectType)}`;
  if (movable.twin === undefined) return Prisma.sql`FROM ${name(movable.table)} m WHERE ${own}`;
  return Prisma.sql`FROM ${name(movable.table)} m WHERE ${own} AND NOT EXISTS (SELECT 1 FROM ${name(movable.table)} o WHERE ${of('o', movable.owner)} = ${survivorId} ${ofType(movable, 'o', subjectType)} AND ${Prisma.raw(movable.twin)})`;
}

/** How many rows of each kind would move. */
export async function countMovable(
  source: Pick<Transaction, 'query'>,
  subjectType: DuplicateSubject,
  mergedId: string,
  survivorId: string,
): Promise<{ what: string; rows: number }[]> {
  const counts = MOVABLE[subjectType].map(
    (movable) =>
      Prisma.sql`SELECT ${movable.what} AS what, COUNT(*) AS \`rows\` ${newRows(movable, subjectType, mergedId, survivorId)}`,
  );
  const rows = await source.query<{ what: string; rows: number | bigint }>(Prisma.join(counts, ' UNION ALL '));
  return rows.map((row) => ({ what: row.what, rows: Number(row.rows) }));
}

/** Moves every row that says something new, and tells which. */
export async function moveRows(
  tx: Transaction,
  subjectType: DuplicateSubject,
  mergedId: string,
  survivorId: string,
): Promise<MovedRows[]> {
  const moved: MovedRows[] = [];
  for (const movable of MOVABLE[subjectType]) {
    const rows = await tx.query<{ id: string }>(
      Prisma.sql`SELECT ${of('m', movable.key)} AS id ${newRows(movable, subjectType, mergedId, survivorId)}`,
    );
    const ids = rows.map(({ id }) => id);
    await rename(tx, movable, subjectType, ids, mergedId, survivorId);
    if (ids.length > 0) moved.push({ what: movable.what, ids });
  }
  return moved;
}

/** Moves rows back: those that still hang on the survivor. */
export async function moveRowsBack(
  tx: Transaction,
  subjectType: DuplicateSubject,
  moved: readonly MovedRows[],
  { survivorId, mergedId }: { survivorId: string; mergedId: string },
): Promise<void> {
  for (const { what, ids } of moved) {
    const movable = [...MOVABLE[subjectType], CONFLICTS].find((one) => one.what === what);
    if (!movable) continue;
    // A row whose key is its owner took the survivor's name as its key.
    const keys = movable.key === movable.owner ? [survivorId] : ids;
    await rename(tx, movable, subjectType, keys, survivorId, mergedId);
  }
}

/** Gives rows of one record to another. */
export async function rename(
  tx: Transaction,
  movable: Movable,
  subjectType: DuplicateSubject,
  keys: readonly string[],
  fromId: string,
  toId: string,
): Promise<void> {
  for (let start = 0; start < keys.length; start += ROWS_PER_STATEMENT)
    await tx.execute(
      Prisma.sql`UPDATE ${name(movable.table)} t SET ${of('t', movable.owner)} = ${toId} WHERE ${of('t', movable.owner)} = ${fromId} ${ofType(movable, 't', subjectType)} AND ${of('t', movable.key)} IN (${Prisma.join(keys.slice(start, start + ROWS_PER_STATEMENT))})`,
    );
}

interface Fillable {
  readonly table: FilledRow['table'];
  readonly key: string;
  readonly twin: string;
  readonly columns: readonly string[];
}

const FILLABLE: readonly Fillable[] = [
  {
    table: 'enrolment',
    key: 'id',
    twin: 'o.programme_id = m.programme_id',
    columns: ['cohort_id', 'started_on', 'ended_on'],
  },
  { table: 'alumni_profile', key: 'student_id', twin: 'TRUE', columns: ['cursus', 'graduated_on'] },
];

/** Where both hold the same row, the survivor's takes what it lacks. */
export async function fillRows(tx: Transaction, mergedId: string, survivorId: string): Promise<FilledRow[]> {
  const filled: FilledRow[] = [];
  for (const { table, key, twin, columns } of FILLABLE) {
    const list = Prisma.join(
      columns.flatMap((column) => [
        Prisma.sql`${of('o', column)} AS ${name(`own_${column}`)}`,
        Prisma.sql`${of('m', column)} AS ${name(`given_${column}`)}`,
      ]),
    );
    const rows = await tx.query<Record<string, unknown>>(
      Prisma.sql`SELECT ${of('o', key)} AS id, ${list} FROM ${name(table)} m JOIN ${name(table)} o ON o.student_id = ${survivorId} AND ${Prisma.raw(twin)} WHERE m.student_id = ${mergedId}`,
    );
    for (const row of rows.map(columnValues)) {
      const lacking = columns.filter((column) => row[`own_${column}`] === null && row[`given_${column}`] !== null);
      if (lacking.length === 0) continue;
      const after = Object.fromEntries(lacking.map((column) => [column, row[`given_${column}`] ?? null]));
      const before = Object.fromEntries(lacking.map((column) => [column, null]));
      const id = String(row['id']);
      await writeColumns(tx, table, key, id, after);
      filled.push({ table, id, before, after });
    }
  }
  return filled;
}

/** Gives back what rows had before, column by column, where nobody changed it since. */
export async function emptyFilledRows(tx: Transaction, filled: readonly FilledRow[]): Promise<void> {
  for (const { table, id, after } of filled) {
    const key = FILLABLE.find((one) => one.table === table)?.key ?? 'id';
    for (const [column, value] of Object.entries(after))
      await tx.execute(
        Prisma.sql`UPDATE ${name(table)} SET ${name(column)} = NULL WHERE ${name(key)} = ${id} AND ${name(column)} = ${toDatabase(column, value)}`,
      );
  }
}

const DATE_COLUMNS = /_(?:at|on|since|date)$/;

/** A value of an image as the database takes it. */
function toDatabase(column: string, value: string | number | boolean | null): unknown {
  return DATE_COLUMNS.test(column) && typeof value === 'string' ? new Date(value) : value;
}

/** Writes columns of one row. */
export async function writeColumns(
  tx: Transaction,
  table: string,
  key: string,
  id: string,
  values: ColumnValues,
): Promise<void> {
  const assignments = Object.entries(values).map(
    ([column, value]) => Prisma.sql`${name(column)} = ${toDatabase(column, value)}`,
  );
  if (assignments.length === 0) return;
  await tx.execute(Prisma.sql`UPDATE ${name(table)} SET ${Prisma.join(assignments)} WHERE ${name(key)} = ${id}`);
}
