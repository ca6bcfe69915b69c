/** The batches themselves: one row each, with where they stand. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma, type Reader } from '../../db/client.ts';
import type { FileErrorCode } from '../../shared/issue-codes.ts';
import type { Suspicion } from './batch-safety.ts';
import type { BatchTotals } from './batch-totals.ts';
import type { BatchState } from './import-screens.ts';
import type { Writer } from './row-store.ts';

/** Sources that this engine imports. */
export type ImportSource = 'students' | 'companies';

export type BatchOrigin = 'page' | 'cli' | 'schedule';

/** A column of the sheet as it stands. */
export interface BatchColumn {
  readonly header: string;
  /** Null when no rule knows the header. */
  readonly field: string | null;
}

export interface Batch {
  readonly id: string;
  readonly source: ImportSource;
  readonly state: BatchState;
  readonly origin: BatchOrigin;
  readonly fileName: string;
  readonly fileSha256: string | null;
  readonly storedFile: string | null;
  readonly fileFormat: string | null;
  readonly sheet: string | null;
  readonly headerRow: number | null;
  readonly columns: readonly BatchColumn[];
  readonly unknownColumns: readonly string[];
  readonly otherSheets: readonly string[];
  readonly errorCode: FileErrorCode | null;
  readonly errorDetail: Readonly<Record<string, unknown>> | null;
  readonly suspicions: readonly Suspicion[];
  readonly forced: boolean;
  readonly dryRun: boolean;
  readonly rowCount: number;
  /** Row number of the last row applied, or undone. */
  readonly position: number;
  readonly rowsDone: number;
  readonly totals: BatchTotals | null;
  /** Pairs of `id_entreprise`. */
  readonly mergePairs: readonly (readonly [number, number])[];
  readonly startedById: string | null;
  readonly confirmedById: string | null;
  readonly cancelledById: string | null;
  readonly createdAt: Date;
  readonly readAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly applyStartedAt: Date | null;
  readonly appliedAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly version: number;
}

/** Work during which a batch may stop. */
export type StoppedWork = 'reading' | 'applying' | 'cancelling';

/**
 * What a failed batch was at when it stopped; null for any other. One that stopped while it was written goes on or is taken back;
 * one that stopped while it was taken back is taken back to the end: its position counts rows undone, and writing on from there
 * would leave them out.
 */
export function stoppedDuring({ state, errorDetail, applyStartedAt, appliedAt }: Batch): StoppedWork | null {
  if (state !== 'failed') return null;
  if (appliedAt !== null || errorDetail?.['during'] === 'cancelling') return 'cancelling';
  return applyStartedAt === null ? 'reading' : 'applying';
}

/** Columns by property, in the order of the table. */
const COLUMNS = {
  id: 'id',
  source: 'source',
  state: 'state',
  origin: 'origin',
  fileName: 'file_name',
  fileSha256: 'file_sha256',
  storedFile: 'stored_file',
  fileFormat: 'file_format',
  sheet: 'sheet',
  headerRow: 'header_row',
  columns: 'columns',
  unknownColumns: 'unknown_columns',
  otherSheets: 'other_sheets',
  errorCode: 'error_code',
  errorDetail: 'error_detail',
  suspicions: 'suspicion',
  forced: 'forced',
  dryRun: 'dry_run',
  rowCount: 'row_count',
  position: 'position',
  rowsDone: 'rows_done',
  totals: 'totals',
  mergePairs: 'merge_pairs',
  startedById: 'started_by_id',
  confirmedById: 'confirmed_by_id',
  cancelledById: 'cancelled_by_id',
  createdAt: 'created_at',
  readAt: 'read_at',
  confirmedAt: 'confirmed_at',
  applyStartedAt: 'apply_started_at',
  appliedAt: 'applied_at',
  cancelledAt: 'cancelled_at',
  version: 'version',
} as const satisfies Record<keyof Batch, string>;

const JSON_COLUMNS: ReadonlySet<keyof Batch> = new Set([
  'columns',
  'unknownColumns',
  'otherSheets',
  'errorDetail',
  'suspicions',
  'totals',
  'mergePairs',
]);

/** Characters that the text columns of JSON hold, with room to spare. */
const LONGEST_JSON = 60_000;
const LONGEST_NAME = { fileName: 255, sheet: 191 } as const;

const SELECTED = Prisma.raw(
  Object.entries(COLUMNS)
    .map(([property, column]) => `b.\`${column}\` AS \`${property}\``)
    .join(', '),
);

function toBatch(row: Record<string, unknown>): Batch {
  const json = <Value>(property: keyof Batch, empty: Value): Value =>
    typeof row[property] === 'string' ? (JSON.parse(row[property]) as Value) : empty;
  return {
    ...(row as unknown as Batch),
    columns: json('columns', []),
    unknownColumns: json('unknownColumns', []),
    otherSheets: json('otherSheets', []),
    errorDetail: json('errorDetail', null),
    suspicions: json('suspicions', []),
    totals: json('totals', null),
    mergePairs: json('mergePairs', []),
    forced: Boolean(row['forced']),
    dryRun: Boolean(row['dryRun']),
    headerRow: row['headerRow'] === null ? null : Number(row['headerRow']),
    rowCount: Number(row['rowCount']),
    position: Number(row['position']),
    rowsDone: Number(row['rowsDone']),
    version: Number(row['version']),
  };
}

/** Batches that meet a condition on the alias `b`. */
export async function findBatches(reader: Reader, condition: Prisma.Sql): Promise<Batch[]> {
  const rows = await reader.query<Record<string, unknown>>(
    Prisma.sql`SELECT ${SELECTED} FROM import_batch b WHERE ${condition}`,
  );
  return rows.map(toBatch);
}

export async function findBatch(reader: Reader, id: string): Promise<Batch | null> {
  return (await findBatches(reader, Prisma.sql`b.id = ${id}`))[0] ?? null;
}

/** The last batch of a source that was applied and stands. */
export async function findLastApplied(reader: Reader, source: ImportSource): Promise<Batch | null> {
  const [batch] = await findBatches(
    reader,
    Prisma.sql`b.source = ${source} AND b.state = 'applied' ORDER BY b.applied_at DESC, b.id DESC LIMIT 1`,
  );
  return batch ?? null;
}

function toColumn(property: keyof Batch, value: unknown): ColumnValue {
  if (value === null || value === undefined) return null;
  if (JSON_COLUMNS.has(property)) return jsonWithin(value);
  if (property === 'fileName' || property === 'sheet') return String(value).slice(0, LONGEST_NAME[property]);
  return value as ColumnValue;
}

/** A sheet may have thousands of columns: a list that does not fit loses its end. */
function jsonWithin(value: unknown): string {
  const text = JSON.stringify(value);
  if (text.length <= LONGEST_JSON || !Array.isArray(value)) return text;
  return jsonWithin(value.slice(0, Math.floor(value.length / 2)));
}

export type NewBatch = Pick<Batch, 'id' | 'source' | 'state' | 'origin' | 'fileName'> & Partial<Batch>;

export async function insertBatch(writer: Writer, batch: NewBatch): Promise<void> {
  const properties = Object.keys(batch) as (keyof Batch)[];
  await writer.execute(
    insertRows(
      'import_batch',
      properties.map((property) => COLUMNS[property]),
      [properties.map((property) => toColumn(property, batch[property]))],
    ),
  );
}

/**
 * Changes a batch, a new version with it unless only its progress moves.
 * @param condition further condition; nothing changes when it does not hold
 * @returns whether a batch was changed
 */
export async function updateBatch(
  writer: Writer,
  id: string,
  change: Partial<Batch>,
  { condition = Prisma.sql`TRUE`, quietly = false }: { condition?: Prisma.Sql; quietly?: boolean } = {},
): Promise<boolean> {
  const assignments = (Object.keys(change) as (keyof Batch)[]).map(
    (property) => Prisma.sql`${Prisma.raw(`\`${COLUMNS[property]}\``)} = ${toColumn(property, change[property])}`,
  );
  if (!quietly) assignments.push(Prisma.sql`version = version + 1`);
  const changed = await writer.execute(
    Prisma.sql`UPDATE import_batch SET ${Prisma.join(assignments)} WHERE id = ${id} AND ${condition}`,
  );
  return changed === 1;
}

/** Where a batch at work stands, locked until the transaction ends. */
export async function lockProgress(
  reader: Reader,
  id: string,
): Promise<{ state: BatchState; position: number; rowsDone: number } | null> {
  const [row] = await reader.query<{ state: BatchState; position: number; rowsDone: number }>(
    Prisma.sql`SELECT state, position, rows_done AS rowsDone FROM import_batch WHERE id = ${id} FOR UPDATE`,
  );
  return row ? { state: row.state, position: Number(row.position), rowsDone: Number(row.rowsDone) } : null;
}
