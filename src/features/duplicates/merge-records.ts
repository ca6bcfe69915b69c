/** The two records of a merge as their tables hold them: read, locked, named, written. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { fieldGroupsOf, type Actor } from '../../shared/actor.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { nameKey } from '../../shared/names.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { writeCompanySearchTokens } from '../companies/index.ts';
import { readableGroups, writeSearchTokens } from '../students/index.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import { columnValues, MERGE_FIELDS, STATE_COLUMNS, type ColumnValues } from './merge-fields.ts';
import { writeColumns } from './merge-rows.ts';

/** A record about to be merged, or merged. */
export interface MergeRecord {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  /** Every column that a merge may read or write. */
  readonly values: ColumnValues;
}

type Source = Pick<Reader, 'query'>;

/**
 * Records by id; those that are not there are absent.
 * @param lock holds their rows until the transaction ends, in the order of ids
 */
export async function readRecords(
  source: Source,
  subjectType: DuplicateSubject,
  ids: readonly string[],
  { lock }: { lock: boolean },
): Promise<Map<string, MergeRecord>> {
  const names = [...MERGE_FIELDS[subjectType].flatMap(({ columns }) => columns), ...STATE_COLUMNS[subjectType]];
  const list = Prisma.join(names.map((column) => Prisma.raw(column)));
  const rows = await source.query<Record<string, unknown> & { id: string; version: number; created_at: Date }>(
    Prisma.sql`SELECT id, version, created_at, ${list} FROM ${Prisma.raw(subjectType)} WHERE id IN (${Prisma.join([...ids])}) ORDER BY id ${lock ? Prisma.sql`FOR UPDATE` : Prisma.empty}`,
  );
  return new Map(
    rows.map(({ id, version, created_at: createdAt, ...values }) => [
      id,
      { id, version: Number(version), createdAt, values: columnValues(values) },
    ]),
  );
}

/** Groups of fields the actor may read on every one of these records. */
export function readableOn(
  actor: Actor,
  subjectType: DuplicateSubject,
  records: readonly MergeRecord[],
): (group: string) => boolean {
  if (actor.type !== 'user') return () => true;
  if (subjectType === 'company') {
    const groups = fieldGroupsOf(actor, 'companies.read', 'all');
    return (group) => groups.has(group);
  }
  const sets = records.map(
    ({ values }) => readableGroups(actor, values['status'] as StudentStatus) as ReadonlySet<string>,
  );
  return (group) => sets.every((groups) => groups.has(group));
}

/** What people call the record. */
export function nameOf(subjectType: DuplicateSubject, values: ColumnValues): string {
  return subjectType === 'company'
    ? String(values['name'])
    : `${String(values['last_name'])} ${String(values['first_name'])}`;
}

/** Writes columns of a record, its sort name with them, as a new version. */
export async function writeRecord(
  tx: Transaction,
  subjectType: DuplicateSubject,
  record: MergeRecord,
  changes: ColumnValues,
): Promise<void> {
  const values = { ...record.values, ...changes };
  const key =
    subjectType === 'company'
      ? companyNameKey(String(values['name']))
      : nameKey(String(values['last_name']), String(values['first_name']));
  await writeColumns(tx, subjectType, 'id', record.id, {
    ...changes,
    name_key: key,
    version: record.version + 1,
  });
}

/** Search words of a record; none for one that leads to another. */
export async function writeWords(
  tx: Transaction,
  subjectType: DuplicateSubject,
  id: string,
  values: ColumnValues | null,
): Promise<void> {
  if (values === null) {
    const [table, owner] = [`${subjectType}_search_token`, `${subjectType}_id`];
    await tx.execute(Prisma.sql`DELETE FROM ${Prisma.raw(table)} WHERE ${Prisma.raw(owner)} = ${id}`);
    return;
  }
  if (subjectType === 'company')
    await writeCompanySearchTokens(tx, [{ id, name: String(values['name']) }], { replace: true });
  else
    await writeSearchTokens(
      tx,
      [{ id, lastName: String(values['last_name']), firstName: String(values['first_name']) }],
      { replace: true },
    );
}
