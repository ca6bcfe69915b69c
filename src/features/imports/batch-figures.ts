/** Figures of a batch, counted from its rows, and the records it no longer names. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { ImportSource } from './batch-store.ts';
import { emptyTotals, type BatchTotals, type RowOutcome } from './batch-totals.ts';
import type { Writer } from './row-store.ts';

/** Totals of the report, as the rows stand. */
export async function countTotals(reader: Reader, batchId: string): Promise<BatchTotals> {
  const [outcomes, codes, missing] = [
    await reader.query<{ outcome: RowOutcome; warned: boolean | number; count: number | bigint }>(
      Prisma.sql`SELECT outcome, warnings <> '[]' AS warned, COUNT(*) AS count FROM import_row WHERE batch_id = ${batchId} GROUP BY outcome, warnings <> '[]'`,
    ),
    await reader.query<{ code: string; severity: string; count: number | bigint }>(
      Prisma.sql`SELECT code, severity, COUNT(*) AS count FROM import_row_issue WHERE batch_id = ${batchId} GROUP BY code, severity ORDER BY code`,
    ),
    await reader.query<{ count: number | bigint }>(
      Prisma.sql`SELECT COUNT(*) AS count FROM import_missing WHERE batch_id = ${batchId} AND kind = 'missing'`,
    ),
  ];
  const totals = emptyTotals();
  for (const { outcome, warned, count } of outcomes) {
    totals.rows += Number(count);
    totals[outcome] += Number(count);
    if (warned) totals.rowsWithWarnings += Number(count);
  }
  for (const { code, severity, count } of codes)
    (severity === 'error' ? totals.errors : totals.warnings)[code] = Number(count);
  totals.missing = Number(missing[0]?.count ?? 0);
  return totals;
}

const TABLES = {
  students: { record: Prisma.raw('student'), base: Prisma.raw('student_import_base'), key: Prisma.raw('student_id') },
  companies: { record: Prisma.raw('company'), base: Prisma.raw('company_import_base'), key: Prisma.raw('company_id') },
} as const;

/**
 * Notes the records that came from the source before and that no row of the batch names, and those that are back. A rejected
 * row whose key is intact names its record.
 * @see import rules §2 and §7
 */
export async function noteMissing(writer: Writer, source: ImportSource, batchId: string): Promise<void> {
  const { record, base, key } = TABLES[source];
  await writer.execute(Prisma.sql`DELETE FROM import_missing WHERE batch_id = ${batchId}`);
  // The index is named: the rows were written a moment ago, and the database still counts none of them.
  await writer.execute(
    Prisma.sql`INSERT INTO import_missing (batch_id, subject_id, kind, previous_since) SELECT ${batchId}, s.id, 'missing', s.missing_since FROM ${base} f JOIN ${record} s ON s.id = f.${key} LEFT JOIN import_row r FORCE INDEX (import_row_by_entity) ON r.entity_id = s.id AND r.batch_id = ${batchId} WHERE r.batch_id IS NULL AND s.merged_into_id IS NULL`,
  );
  await writer.execute(
    Prisma.sql`INSERT IGNORE INTO import_missing (batch_id, subject_id, kind, previous_since) SELECT ${batchId}, s.id, 'back', s.missing_since FROM import_row r JOIN ${record} s ON s.id = r.entity_id WHERE r.batch_id = ${batchId} AND s.missing_since IS NOT NULL`,
  );
}

/** Flags what is missing and clears what is back; who was missing already keeps the day. No edit of the records. */
export async function flagMissing(tx: Transaction, source: ImportSource, batchId: string, now: Date): Promise<void> {
  const { record } = TABLES[source];
  await tx.execute(
    Prisma.sql`UPDATE ${record} s JOIN import_missing m ON m.subject_id = s.id AND m.batch_id = ${batchId} SET s.missing_since = IF(m.kind = 'back', NULL, COALESCE(s.missing_since, ${now})), s.updated_at = s.updated_at`,
  );
}

/** Puts back the flags that a batch set and cleared. */
export async function restoreMissing(tx: Transaction, source: ImportSource, batchId: string): Promise<void> {
  const { record } = TABLES[source];
  await tx.execute(
    Prisma.sql`UPDATE ${record} s JOIN import_missing m ON m.subject_id = s.id AND m.batch_id = ${batchId} SET s.missing_since = m.previous_since, s.updated_at = s.updated_at`,
  );
}

/** Of the missing persons, those who bear one of these names: name key → student numbers. */
export async function findMissingNamesakes(
  reader: Reader,
  batchId: string,
  nameKeys: readonly string[],
): Promise<Map<string, string[]>> {
  if (nameKeys.length === 0) return new Map();
  const rows = await reader.query<{ nameKey: string; studentNumber: string }>(
    Prisma.sql`SELECT s.name_key AS nameKey, s.student_number AS studentNumber FROM student s JOIN import_missing m ON m.subject_id = s.id AND m.batch_id = ${batchId} AND m.kind = 'missing' WHERE s.name_key IN (${Prisma.join([...nameKeys])}) ORDER BY s.student_number`,
  );
  const found = new Map<string, string[]>();
  for (const { nameKey, studentNumber } of rows) found.set(nameKey, [...(found.get(nameKey) ?? []), studentNumber]);
  return found;
}
