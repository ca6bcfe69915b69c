/** The expected results of the client's files, which no importer made. The rules of comparison are in the data kit's README. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BatchTotals } from '../../src/features/imports/batch-totals.ts';

export interface GoldenRow {
  row: number;
  /** `id_entreprise`, for a row of GetEnt. */
  key?: number | null;
  outcome: 'created' | 'updated' | 'unchanged' | 'duplicate' | 'rejected';
  errors: string[];
  warnings: string[];
  /** Codes that may stand there too without fault. */
  mayAlso?: string[];
  suggestion?: string;
  /** Fields that differ, of an updated row; only explains. */
  changed?: string[];
  fields?: Record<string, string | number | null>;
}

export interface GoldenTotals {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  duplicate: number;
  rejected: number;
  rowsWithWarnings: number;
  errors: Record<string, number>;
  warnings: Record<string, number>;
  missing?: number;
}

export interface GoldenFile {
  batch: 'applied' | 'needs_confirmation' | 'refused';
  sha256: string;
  sheet?: string;
  headerRow?: number;
  unknownColumns?: string[];
  totals: GoldenTotals;
  secondRun?: Partial<GoldenTotals>;
  /** NIRs of the persons that the file no longer names. */
  missing?: string[];
  mergePairs?: [number, number][];
  rows: GoldenRow[];
}

interface StoredGoldenFile extends GoldenFile {
  sameAs?: string;
  overrides?: GoldenRow[];
}

/** Absolute path of a file of the data kit. */
export function legacyPath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/legacy/${name}`, import.meta.url));
}

/** Reads `expected/<name>.json`, with the rows of the file it refers to where it says `sameAs`. */
export function readGoldenFile(name: string): GoldenFile {
  const stored = JSON.parse(readFileSync(legacyPath(`expected/${name}.json`), 'utf8')) as StoredGoldenFile;
  if (stored.sameAs === undefined) return stored;
  const model = readGoldenFile(stored.sameAs.replace(/\.json$/, ''));
  const overrides = new Map((stored.overrides ?? []).map((row) => [row.row, row]));
  return { ...model, ...stored, rows: model.rows.map((row) => overrides.get(row.row) ?? row) };
}

/** A row as the README says it is compared: no warnings where nothing is written, no company text beside a linked company. */
export function comparableRow(row: Omit<GoldenRow, 'changed' | 'mayAlso'>): object {
  const written = row.outcome !== 'rejected' && row.outcome !== 'duplicate';
  const { companyText, ...fields } = row.fields ?? {};
  const linked = row.fields?.['companyLegacyId'] != null;
  return {
    row: row.row,
    ...(row.key === undefined ? {} : { key: row.key }),
    outcome: row.outcome,
    errors: row.errors,
    ...(written ? { warnings: row.warnings } : {}),
    ...(row.suggestion === undefined ? {} : { suggestion: row.suggestion }),
    ...(row.fields === undefined
      ? {}
      : { fields: linked || companyText === undefined ? fields : { ...fields, companyText } }),
  };
}

/** Counts one row in. Warnings of rejected and duplicate rows are not counted: nothing of them is written. */
export function countRow(totals: BatchTotals, row: Pick<GoldenRow, 'outcome' | 'errors' | 'warnings'>): void {
  totals.rows += 1;
  totals[row.outcome] += 1;
  for (const code of row.errors) totals.errors[code] = (totals.errors[code] ?? 0) + 1;
  if (row.outcome === 'rejected' || row.outcome === 'duplicate' || row.warnings.length === 0) return;
  totals.rowsWithWarnings += 1;
  for (const code of row.warnings) totals.warnings[code] = (totals.warnings[code] ?? 0) + 1;
}
