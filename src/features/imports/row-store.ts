/** The rows of a batch as they are kept: outcome, codes, what was read (encrypted), what is or was written. */
import { inParts, insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { isRowErrorCode, type RowErrorCode, type RowIssueCode, type RowWarningCode } from '../../shared/issue-codes.ts';
import { groupBy } from '../../shared/grouping.ts';
import type { NirVault } from '../students/index.ts';
import type { RowOutcome } from './batch-totals.ts';
import type { PlannedRow, RowIssue } from './planned-row.ts';

/** Anything that writes: a transaction, or the database where each statement stands for itself. */
export type Writer = Pick<Transaction, 'execute'>;

/** Cells as read, by field; an error of the spreadsheet keeps its word. */
export type RawCells = Readonly<Record<string, unknown>>;

/** Characters kept of a cell: no field is that long, and a row stays within its column. */
const LONGEST_CELL = 1_000;
/** What the column of an issue holds. */
const LONGEST_FIELD = 32;

const purpose = (batchId: string, row: number): string => `import-row:${batchId}:${row}`;

/** Encrypts the cells of a row. */
export function sealCells(vault: NirVault, batchId: string, row: number, cells: RawCells): Buffer<ArrayBuffer> {
  const text = JSON.stringify(cells, (_key, value: unknown) =>
    typeof value === 'string' && value.length > LONGEST_CELL ? `${value.slice(0, LONGEST_CELL)}…` : value,
  );
  return vault.seal(text, purpose(batchId, row));
}

/** @throws when the cells are not those of this row */
export function openCells(vault: NirVault, batchId: string, row: number, raw: Uint8Array): RawCells {
  return JSON.parse(vault.open(raw, purpose(batchId, row)).toString('utf8')) as RawCells;
}

const ROW_COLUMNS = [
  'batch_id',
  'row_number',
  'source_key',
  'outcome',
  'entity_id',
  'errors',
  'warnings',
  'suggestion',
  'fields',
  'changes',
  'entity_version',
] as const;

function columnsOf(batchId: string, row: PlannedRow): ColumnValue[] {
  return [
    batchId,
    row.row,
    row.sourceKey,
    row.outcome,
    row.entityId,
    JSON.stringify(row.errors),
    JSON.stringify(row.warnings),
    row.suggestion,
    row.fields,
    row.changes,
    row.entityVersion,
  ];
}

/** Several cells with one code share a row: `name,address`. */
function issueRows(batchId: string, rows: readonly PlannedRow[]): ColumnValue[][] {
  return rows.flatMap(({ row, issues }) =>
    [...groupBy(issues, ({ code }) => code)].map(([code, some]) => [
      batchId,
      row,
      code,
      isRowErrorCode(code) ? 'error' : 'warning',
      joinedFields(some.map(({ field }) => field)),
    ]),
  );
}

function joinedFields(fields: readonly string[]): string {
  let joined = '';
  for (const field of new Set(fields)) {
    const longer = joined === '' ? field : `${joined},${field}`;
    if (longer.length <= LONGEST_FIELD) joined = longer;
  }
  return joined;
}

async function insertIssues(writer: Writer, batchId: string, rows: readonly PlannedRow[]): Promise<void> {
  for (const part of inParts(issueRows(batchId, rows), 2_000))
    await writer.execute(insertRows('import_row_issue', ['batch_id', 'row_number', 'code', 'severity', 'field'], part));
}

/** Stages rows with their cells. */
export async function stageRows(
  writer: Writer,
  batchId: string,
  rows: readonly { readonly plan: PlannedRow; readonly raw: Buffer }[],
): Promise<void> {
  if (rows.length === 0) return;
  await writer.execute(
    insertRows(
      'import_row',
      [...ROW_COLUMNS, 'raw'],
      rows.map(({ plan, raw }) => [...columnsOf(batchId, plan), raw]),
    ),
  );
  await insertIssues(
    writer,
    batchId,
    rows.map(({ plan }) => plan),
  );
}

/** Writes rows again whose plan changed; their cells stay. */
export async function restageRows(writer: Writer, batchId: string, rows: readonly PlannedRow[]): Promise<void> {
  const update = ROW_COLUMNS.slice(2)
    .map((column) => `${column} = VALUES(${column})`)
    .join(', ');
  for (const part of inParts(rows)) {
    await writer.execute(
      insertRows(
        'import_row',
        ROW_COLUMNS,
        part.map((row) => columnsOf(batchId, row)),
        `ON DUPLICATE KEY UPDATE ${update}`,
      ),
    );
    await writer.execute(
      Prisma.sql`DELETE FROM import_row_issue WHERE batch_id = ${batchId} AND \`row_number\` IN (${Prisma.join(part.map(({ row }) => row))})`,
    );
    await insertIssues(writer, batchId, part);
  }
}

/** A row of a batch as it stands. */
export interface StoredRow extends PlannedRow {
  readonly raw: Uint8Array | null;
  readonly correctedAt: Date | null;
  readonly correctedById: string | null;
  readonly undoOutcome: string | null;
}

interface StoredColumns {
  row: number | bigint;
  sourceKey: string | null;
  outcome: string;
  entityId: string | null;
  entityVersion: number | bigint | null;
  errors: string;
  warnings: string;
  suggestion: string | null;
  raw: Uint8Array | null;
  fields: string | null;
  changes: string | null;
  correctedAt: Date | null;
  correctedById: string | null;
  undoOutcome: string | null;
}

/** Rows that meet a condition on the alias `r`, in their order, with their issues. */
export async function findRows(
  reader: Reader,
  batchId: string,
  { where, limit, descending = false }: { where?: Prisma.Sql; limit: number; descending?: boolean },
): Promise<StoredRow[]> {
  const rows = await reader.query<StoredColumns>(
    Prisma.sql`SELECT r.\`row_number\` AS \`row\`, r.source_key AS sourceKey, r.outcome, r.entity_id AS entityId, r.entity_version AS entityVersion, r.errors, r.warnings, r.suggestion, r.raw, r.fields, r.changes, r.corrected_at AS correctedAt, r.corrected_by_id AS correctedById, r.undo_outcome AS undoOutcome FROM import_row r WHERE r.batch_id = ${batchId} AND ${where ?? Prisma.sql`TRUE`} ORDER BY r.\`row_number\` ${descending ? Prisma.sql`DESC` : Prisma.empty} LIMIT ${limit}`,
  );
  if (rows.length === 0) return [];
  const issues = await findIssues(
    reader,
    batchId,
    rows.filter(({ errors, warnings }) => errors !== '[]' || warnings !== '[]').map(({ row }) => Number(row)),
  );
  return rows.map((row) => ({
    ...row,
    row: Number(row.row),
    outcome: row.outcome as RowOutcome,
    entityVersion: row.entityVersion === null ? null : Number(row.entityVersion),
    errors: JSON.parse(row.errors) as RowErrorCode[],
    warnings: JSON.parse(row.warnings) as RowWarningCode[],
    issues: issues.get(Number(row.row)) ?? [],
  }));
}

async function findIssues(
  reader: Reader,
  batchId: string,
  rowNumbers: readonly number[],
): Promise<Map<number, RowIssue[]>> {
  if (rowNumbers.length === 0) return new Map();
  const found = await reader.query<{ row: number | bigint; code: string; field: string }>(
    Prisma.sql`SELECT \`row_number\` AS \`row\`, code, field FROM import_row_issue WHERE batch_id = ${batchId} AND \`row_number\` IN (${Prisma.join([...rowNumbers])}) ORDER BY \`row_number\`, severity, code`,
  );
  const single = found.flatMap(({ row, code, field }) =>
    field.split(',').map((name) => ({ row: Number(row), issue: { code: code as RowIssueCode, field: name } })),
  );
  return new Map([...groupBy(single, ({ row }) => row)].map(([row, some]) => [row, some.map(({ issue }) => issue)]));
}

/** Rows after a position, in their order. */
export function findRowsAfter(reader: Reader, batchId: string, position: number, limit: number): Promise<StoredRow[]> {
  return findRows(reader, batchId, { where: Prisma.sql`r.\`row_number\` > ${position}`, limit });
}

/** One row, or null. */
export async function findRow(reader: Reader, batchId: string, rowNumber: number): Promise<StoredRow | null> {
  const [row] = await findRows(reader, batchId, { where: Prisma.sql`r.\`row_number\` = ${rowNumber}`, limit: 1 });
  return row ?? null;
}
