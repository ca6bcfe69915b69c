/** Reads of the rows of a batch for the pages: NIR masked, what was read beside what was written. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { isRowErrorCode, type RowIssueCode } from '../../shared/issue-codes.ts';
import { hideNirs, maskNir } from '../../shared/nir.ts';
import type { NirVault } from '../students/index.ts';
import type { Batch } from './batch-store.ts';
import type { RowOutcome } from './batch-totals.ts';
import type { BatchRow, CellAsRead, Keyset, RowDetail } from './import-screens.ts';
import { readPage, type Place } from './keyset-page.ts';
import { findRow, findRows, openCells, type RawCells, type StoredRow } from './row-store.ts';
import { withoutLimited } from './row-visibility.ts';

/** A cell as text: an error of the spreadsheet by its word. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object' && 'error' in value) return String(value.error);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What a cell may show: never a NIR. */
export function shownCell(field: string, value: unknown): string {
  const text = cellText(value);
  // A sheet whose columns slipped holds numbers in any of them.
  if (field !== 'nir' || text === '') return hideNirs(text);
  // A cell that holds no number at all is an error of the spreadsheet, or a word: it hides nothing.
  return /\d/.test(text) ? maskNir(text) : text;
}

function cellsOf(batch: Batch, raw: RawCells): CellAsRead[] {
  return batch.columns.flatMap(({ header, field }) =>
    field === null || field === 'token' || field === 'result' || field === 'reason'
      ? []
      : [{ field, header, value: shownCell(field, raw[field]) }],
  );
}

interface RecordName {
  readonly label: string;
  readonly studentNumber: string | null;
}

async function namesOfRecords(reader: Reader, batch: Batch, ids: readonly string[]): Promise<Map<string, RecordName>> {
  if (ids.length === 0) return new Map();
  const list = Prisma.join([...new Set(ids)]);
  const rows = await reader.query<{ id: string; label: string; studentNumber: string | null }>(
    batch.source === 'students'
      ? Prisma.sql`SELECT id, CONCAT(last_name, ' ', first_name) AS label, student_number AS studentNumber FROM student WHERE id IN (${list})`
      : Prisma.sql`SELECT id, name AS label, NULL AS studentNumber FROM company WHERE id IN (${list})`,
  );
  return new Map(rows.map(({ id, label, studentNumber }) => [id, { label, studentNumber }]));
}

/** Fields as reports name them: without what only planning again needs. */
function reportedFields(fields: string | null): Record<string, unknown> | null {
  if (fields === null) return null;
  const { source: _source, nirKey: _nirKey, ...reported } = JSON.parse(fields) as Record<string, unknown>;
  return reported;
}

function labelOf(fields: Record<string, unknown> | null, raw: RawCells): string | null {
  if (fields && 'lastName' in fields) return `${String(fields['lastName'])} ${String(fields['firstName'])}`;
  if (fields && 'name' in fields) return String(fields['name']);
  return cellText(raw['name'] ?? raw['nom']).trim() || null;
}

async function toBatchRows(
  reader: Reader,
  actor: Actor,
  vault: NirVault,
  batch: Batch,
  stored: readonly StoredRow[],
): Promise<BatchRow[]> {
  const rows = await withoutLimited(reader, actor, batch, stored);
  const names = await namesOfRecords(
    reader,
    batch,
    rows.flatMap(({ entityId }) => entityId ?? []),
  );
  return rows.map((row) => {
    const raw = row.raw ? openCells(vault, batch.id, row.row, row.raw) : {};
    const fields = reportedFields(row.fields);
    const known = names.get(row.entityId ?? '');
    return {
      rowNumber: row.row,
      sourceKey: row.sourceKey,
      outcome: row.outcome,
      label: known?.label ?? (hideNirs(labelOf(fields, raw) ?? '') || null),
      studentNumber: known?.studentNumber ?? null,
      // A dry run names records that do not exist: only those that do can be opened.
      entityId: known ? row.entityId : null,
      issues: row.issues.map(({ code, field }) => ({
        code,
        field,
        severity: isRowErrorCode(code) ? ('error' as const) : ('warning' as const),
      })),
      suggestion: row.suggestion === null ? null : hideNirs(row.suggestion),
      cells: cellsOf(batch, raw),
      changes: row.changes === null ? null : (JSON.parse(row.changes) as BatchRow['changes']),
      fields: row.outcome === 'rejected' ? null : fields,
      correctedAt: row.correctedAt,
      undoOutcome: row.undoOutcome as BatchRow['undoOutcome'],
    };
  });
}

export interface RowFilters extends Place {
  readonly outcome: RowOutcome | null;
  readonly code: RowIssueCode | null;
}

/** A page of rows, in the order of the source. */
export async function listRows(
  reader: Reader,
  actor: Actor,
  vault: NirVault,
  batch: Batch,
  filters: RowFilters,
): Promise<Keyset<BatchRow>> {
  const conditions = [Prisma.sql`TRUE`];
  if (filters.outcome) conditions.push(Prisma.sql`r.outcome = ${filters.outcome}`);
  if (filters.code)
    conditions.push(
      Prisma.sql`EXISTS (SELECT 1 FROM import_row_issue i WHERE i.batch_id = r.batch_id AND i.\`row_number\` = r.\`row_number\` AND i.code = ${filters.code})`,
    );
  const where = Prisma.join(conditions, ' AND ');
  const [counted] = await reader.query<{ total: number }>(
    Prisma.sql`SELECT COUNT(*) AS total FROM import_row r WHERE r.batch_id = ${batch.id} AND ${where}`,
  );
  const page = await readPage<StoredRow>(
    filters,
    Number(counted?.total ?? 0),
    ({ row }) => String(row),
    (from, backwards, limit) => {
      const place = Number(from);
      const after =
        from !== null && Number.isSafeInteger(place)
          ? Prisma.sql`r.\`row_number\` ${Prisma.raw(backwards ? '<' : '>')} ${place}`
          : Prisma.sql`TRUE`;
      return findRows(reader, batch.id, { where: Prisma.sql`${where} AND ${after}`, limit, descending: backwards });
    },
  );
  return { ...page, rows: await toBatchRows(reader, actor, vault, batch, page.rows) };
}

/** True when a row may be corrected and tried again. */
export function isCorrectable(batch: Batch, row: StoredRow): boolean {
  return batch.state === 'applied' && row.outcome === 'rejected' && row.raw !== null;
}

/** One row; null when there is none. */
export async function findRowDetail(
  reader: Reader,
  actor: Actor,
  vault: NirVault,
  batch: Batch,
  rowNumber: number,
): Promise<RowDetail | null> {
  const stored = await findRow(reader, batch.id, rowNumber);
  if (!stored) return null;
  const [[row], [neighbours], [corrector]] = await Promise.all([
    toBatchRows(reader, actor, vault, batch, [stored]),
    reader.query<{ previousRejected: number | null; nextRejected: number | null }>(
      Prisma.sql`SELECT (SELECT MAX(\`row_number\`) FROM import_row WHERE batch_id = ${batch.id} AND outcome = 'rejected' AND \`row_number\` < ${rowNumber}) AS previousRejected, (SELECT MIN(\`row_number\`) FROM import_row WHERE batch_id = ${batch.id} AND outcome = 'rejected' AND \`row_number\` > ${rowNumber}) AS nextRejected`,
    ),
    reader.query<{ name: string }>(Prisma.sql`SELECT name FROM staff_user WHERE id = ${stored.correctedById}`),
  ]);
  return row
    ? {
        ...row,
        mayCorrect: isCorrectable(batch, stored),
        correctedBy: corrector?.name ?? null,
        previousRejected: neighbours?.previousRejected ?? null,
        nextRejected: neighbours?.nextRejected ?? null,
      }
    : null;
}
