/** Reads a workbook of students into a batch: judged, planned and staged part by part, so that a file of any size fits in memory. */
import { readWorkbook, type WorkbookReading } from '../../connectors/workbook/index.ts';
import { inParts } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import { sortedCodes } from '../../shared/issue-codes.ts';
import { findMissingNamesakes, noteMissing } from './batch-figures.ts';
import { updateBatch } from './batch-store.ts';
import { indexCompanies } from './company-matcher.ts';
import { loadMatchableCompanies } from './company-source.ts';
import { FileConflicts, type FileVerdict } from './file-conflicts.ts';
import { autonomous, breathe, type ImportEnvironment } from './import-environment.ts';
import type { PlannedRow } from './planned-row.ts';
import { findRows, restageRows, sealCells, stageRows, type StoredRow } from './row-store.ts';
import { judgeStudents, planJudged, type StudentSourceRow } from './student-source.ts';
import { STUDENT_COLUMNS } from './student-columns.ts';

/** Rows judged in one go: the main thread serves requests in between. */
const ROWS_AT_A_TIME = 250;

export interface ReadingOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each part. */
  readonly onRows: (rowsDone: number) => Promise<void>;
}

/** @throws SourceError when the file is refused as a whole */
export async function readStudents(
  environment: ImportEnvironment,
  batchId: string,
  file: { readonly path: string } | { readonly buffer: Uint8Array },
  { signal, onRows }: ReadingOptions,
): Promise<void> {
  const { database, vault } = environment;
  const writer = autonomous(database);
  const reading = await readWorkbook({ ...file, columns: STUDENT_COLUMNS, signal });
  await updateBatch(writer, batchId, headerOf(reading), { quietly: true });
  const companies = indexCompanies(await loadMatchableCompanies(database));

  const isOurReport = reading.columns.some(({ field }) => field === 'token');
  const conflicts = new FileConflicts();
  const mistyped: { row: number; nameKey: string }[] = [];
  let staging: Promise<void> = Promise.resolve();
  let rowsDone = 0;
  for await (const batch of reading.rows) {
    for (const part of inParts<StudentSourceRow>(batch, ROWS_AT_A_TIME)) {
      signal?.throwIfAborted();
      const judged = await judgeStudents(database, vault, companies, part, { isOurReport });
      const plans = await planJudged(database, vault, companies, judged, { lock: false });
      judged.forEach(({ judged: { row }, nir, nameKey, digest }) => {
        conflicts.add(row, nir, digest);
        if (nir === null && nameKey !== null) mistyped.push({ row, nameKey });
      });
      const rows = plans.map((plan, index) => ({
        plan,
        raw: sealCells(vault, batchId, plan.row, judged[index]?.cells ?? {}),
      }));
      // The next part is judged while the database takes this one.
      await staging;
      staging = stageRows(writer, batchId, rows);
      // An error is thrown by the await of the next round; until then it must not count as unhandled.
      staging.catch(() => undefined);
      rowsDone += part.length;
      await onRows(rowsDone);
      await breathe();
    }
  }
  await staging;
  await applyVerdicts(environment, batchId, conflicts.resolve());
  await noteMissing(writer, 'students', batchId);
  await suggestPersons(environment, batchId, mistyped);
}

function headerOf(reading: WorkbookReading) {
  return {
    fileFormat: reading.format,
    sheet: reading.sheet,
    headerRow: reading.headerRow,
    columns: reading.columns.map(({ header, field }) => ({ header, field })),
    unknownColumns: reading.unknownColumns,
    otherSheets: reading.otherSheets,
    rowCount: reading.rowCount,
  };
}

/** Rows that share their NIR, once the whole file is known. */
async function applyVerdicts(
  { database }: ImportEnvironment,
  batchId: string,
  verdicts: ReadonlyMap<number, FileVerdict>,
): Promise<void> {
  for (const part of inParts([...verdicts])) {
    const numbers = part.flatMap(([row, verdict]) => (verdict.kind === 'duplicate' ? [row, verdict.firstRow] : [row]));
    const stored = await findRows(database, batchId, {
      where: Prisma.sql`r.\`row_number\` IN (${Prisma.join(numbers)})`,
      limit: numbers.length,
    });
    const rowOf = new Map(stored.map((row) => [row.row, row]));
    const changed = part.flatMap(([number, verdict]) => {
      const row = rowOf.get(number);
      if (!row) return [];
      if (verdict.kind === 'conflict') return [inConflict(row)];
      return row.outcome === 'rejected' ? [] : [asDuplicate(row, rowOf.get(verdict.firstRow)?.entityId ?? null)];
    });
    await restageRows(autonomous(database), batchId, changed);
  }
}

/** @see import rules §2, "NIR twice in a file": beside the row's own codes */
function inConflict(row: StoredRow): PlannedRow {
  const errors = sortedCodes([...row.errors, 'NIR_CONFLICT' as const]);
  return {
    ...row,
    outcome: 'rejected',
    entityId: row.outcome === 'created' ? null : row.entityId,
    entityVersion: null,
    errors,
    warnings: [],
    issues: [
      ...row.issues.filter(({ code }) => (errors as readonly string[]).includes(code)),
      { code: 'NIR_CONFLICT', field: 'nir' },
    ],
    fields: null,
    changes: null,
  };
}

function asDuplicate(row: StoredRow, entityId: string | null): PlannedRow {
  return {
    ...row,
    outcome: 'duplicate',
    entityId,
    entityVersion: null,
    errors: [],
    warnings: [],
    issues: [],
    fields: null,
    changes: null,
  };
}

/** Most persons of one name that are proposed. */
const MOST_NAMESAKES = 3;

/**
 * A known person whose NIR is mistyped today is missing, and the row bears their name: the report proposes their number.
 * @see import rules §7
 */
async function suggestPersons(
  { database }: ImportEnvironment,
  batchId: string,
  mistyped: readonly { readonly row: number; readonly nameKey: string }[],
): Promise<void> {
  for (const part of inParts(mistyped)) {
    const namesakes = await findMissingNamesakes(database, batchId, [...new Set(part.map(({ nameKey }) => nameKey))]);
    for (const { row, nameKey } of part) {
      const numbers = namesakes.get(nameKey);
      if (!numbers) continue;
      const suggestion = numbers.slice(0, MOST_NAMESAKES).join(', ');
      await autonomous(database).execute(
        Prisma.sql`UPDATE import_row SET suggestion = ${suggestion} WHERE batch_id = ${batchId} AND \`row_number\` = ${row}`,
      );
    }
  }
}
