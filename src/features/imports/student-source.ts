/** The référentiel étudiants as a source of batches: how its rows are judged, planned, written and finished. */
import type { CellValue } from '../../connectors/workbook/index.ts';
import type { Reader } from '../../db/client.ts';
import { nameKey } from '../../shared/names.ts';
import { parseNir } from '../../shared/nir.ts';
import { cleanText, repairDoubleEncoding } from '../../shared/text.ts';
import { ensureProgrammes, type NirVault } from '../students/index.ts';
import type { CompanyIndex } from './company-matcher.ts';
import type { JudgedRow } from './planned-row.ts';
import { openCells, type RawCells, type StoredRow } from './row-store.ts';
import { resolveTokens } from './row-token.ts';
import { writeChanges } from './student-change-writer.ts';
import { writeCreations } from './student-creation-writer.ts';
import { isPlanCode, planStudent, type StudentPlan } from './student-plan.ts';
import { entryOf, recordOfStaged, type StagedStudent, type StudentEntry } from './student-record.ts';
import { readStudentRow } from './student-row-rules.ts';
import { loadKnowledge } from './student-state.ts';
import type { WriteContext } from './write-context.ts';

/** A row of the workbook, judged. */
export interface JudgedStudent {
  readonly judged: JudgedRow<StudentEntry>;
  /** When it is intact, on a rejected row too. */
  readonly nir: string | null;
  /** Of the name as read, where it could be. */
  readonly nameKey: string | null;
  readonly digest: string;
  /** Cells to keep: the NIR that a token stood for is in its place. */
  readonly cells: RawCells;
}

export interface StudentSourceRow {
  readonly row: number;
  readonly cells: Readonly<Record<string, CellValue>>;
}

/** A cell that an export of ours neutralised with an apostrophe, as it was before. */
const NEUTRALISED = /^'(?=[=+\-@])/;

/**
 * Judges rows of the workbook by the rules; tokens of our own reports are looked up first.
 * @param isOurReport the workbook has the columns of a report: what was neutralised in it is read as it was, in every row
 */
export async function judgeStudents(
  reader: Reader,
  vault: NirVault,
  companies: CompanyIndex,
  rows: readonly StudentSourceRow[],
  { isOurReport }: { isOurReport: boolean },
): Promise<JudgedStudent[]> {
  const masked = rows.filter(({ cells }) => typeof cells['token'] === 'string' && isMasked(cells['nir']));
  const nirByToken = await resolveTokens(
    reader,
    vault,
    masked.map(({ cells }) => String(cells['token'])),
  );
  const resolveToken = (token: string): string | null => nirByToken.get(token) ?? null;
  return rows.map(({ row, cells: read }) => {
    const cells = isOurReport ? withoutApostrophes(read) : read;
    const result = readStudentRow(cells, { companies, resolveToken });
    const { lastName, firstName } = result.readable;
    const resolved = isMasked(cells['nir']) ? resolveToken(String(cells['token'] ?? '')) : null;
    return {
      judged: {
        row,
        sourceKey: null,
        entry: entryOf(result),
        errors: result.errors,
        warnings: result.warnings,
        issues: result.cellIssues.map(({ code, cell }) => ({ code, field: cell })),
        suggestion: result.suggestion,
      },
      nir: result.nir,
      nameKey: lastName === undefined || firstName === undefined ? null : nameKey(lastName, firstName),
      digest: result.digest,
      cells: resolved === null ? cells : { ...cells, nir: resolved },
    };
  });
}

function isMasked(cell: unknown): boolean {
  return typeof cell === 'string' && cell.includes('*');
}

function withoutApostrophes(cells: Readonly<Record<string, CellValue>>): Record<string, CellValue> {
  return Object.fromEntries(
    Object.entries(cells).map(([field, value]) => [
      field,
      typeof value === 'string' ? value.replace(NEUTRALISED, '') : value,
    ]),
  );
}

/** Plans judged rows against the database as it is. */
export async function planJudged(
  reader: Reader,
  vault: NirVault,
  companies: CompanyIndex,
  rows: readonly (Pick<JudgedStudent, 'judged' | 'nir'> & { readonly entityId?: string })[],
  { lock }: { lock: boolean },
): Promise<StudentPlan[]> {
  const keys = rows.flatMap(({ judged, nir }) =>
    nir === null ? [] : [{ nir, studentNumber: judged.entry?.studentNumber ?? null }],
  );
  const knowledge = await loadKnowledge(reader, vault, keys, { lock });
  return rows.map(({ judged, nir, entityId }) => planStudent(judged, nir, { companies, knowledge }, entityId));
}

/** Rows that planning may still bring to another end: neither duplicates nor rejected by a rule. */
export function isPlannable(row: StoredRow): boolean {
  return row.outcome !== 'duplicate' && row.fields !== null && row.errors.every(isPlanCode);
}

/** What staged rows say, ready to be planned again. */
export function openStudents(vault: NirVault, batchId: string, rows: readonly StoredRow[]) {
  return rows.map((row) => unstage(vault, batchId, row));
}

function unstage(
  vault: NirVault,
  batchId: string,
  stored: StoredRow,
): { judged: JudgedRow<StudentEntry>; nir: string; entityId?: string } {
  const cells = stored.raw ? openCells(vault, batchId, stored.row, stored.raw) : {};
  const typed = typeof cells['nir'] === 'string' ? cells['nir'] : '';
  const nir = parseNir(cleanText(repairDoubleEncoding(typed).text));
  if (!nir.ok || stored.fields === null) throw new Error(`Row ${stored.row} was staged without a NIR`);
  const staged = JSON.parse(stored.fields) as StagedStudent;
  return {
    judged: {
      row: stored.row,
      sourceKey: null,
      entry: { record: recordOfStaged(staged), nir: nir.nir, studentNumber: staged.source.studentNumber },
      errors: [],
      warnings: stored.warnings,
      issues: stored.issues,
      suggestion: stored.suggestion,
    },
    nir: nir.nir,
    ...(stored.outcome === 'created' && stored.entityId ? { entityId: stored.entityId } : {}),
  };
}

/** Writes what plans decided. */
export async function writeStudents(context: WriteContext, plans: readonly StudentPlan[]): Promise<void> {
  const creations = plans.flatMap(({ row, write }) => (write?.kind === 'create' ? [{ row, creation: write }] : []));
  const changes = plans.flatMap(({ row, write }) => (write?.kind === 'change' ? [{ row, change: write }] : []));
  const programmes = await ensureProgrammes(context.tx, [
    ...new Set([
      ...creations.flatMap(({ creation }) => creation.entry.record.cursus ?? []),
      ...changes.flatMap(({ change }) => (change.applied.includes('cursus') ? (change.values.cursus ?? []) : [])),
    ]),
  ]);
  await writeCreations(context, creations, programmes);
  await writeChanges(context, changes, programmes);
}
