/** Imports through the real engine, and their reports. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Services } from '../../src/container.ts';
import type { RunOptions } from '../../src/features/imports/index.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { nirKey } from '../../src/shared/nir.ts';
import { comparableRow, legacyPath, type GoldenFile, type GoldenRow, type GoldenTotals } from './golden-files.ts';

const actor = systemActor('test', 'cli');

/** The JSON report. @see interfaces, "Import report" */
export interface Report {
  source: string;
  file: string;
  sha256: string | null;
  status: string;
  error: string | null;
  sheet: string | null;
  headerRow: number | null;
  unknownColumns: string[];
  totals: GoldenTotals & { missing: number };
  missing: { studentNumber: string; nirMasked: string }[];
  mergePairs: [number, number][];
  rows: (GoldenRow & { changes?: Record<string, [unknown, unknown]>; undo?: string })[];
}

export async function reportOf(services: Services, batchId: string): Promise<Report> {
  return JSON.parse(await text(await services.imports.jsonReport(actor, batchId))) as Report;
}

export interface Imported {
  readonly id: string;
  readonly report: Report;
}

type Options = Omit<RunOptions, 'from' | 'origin'> & { readonly origin?: RunOptions['origin'] };

async function importFrom(services: Services, from: RunOptions['from'], options: Options): Promise<Imported> {
  const batch = await services.imports.run(actor, { from, origin: 'cli', ...options });
  return { id: batch.id, report: await reportOf(services, batch.id) };
}

/** Imports a workbook: a file of the data kit by its name, or any file by its absolute path. */
export function importStudents(services: Services, file: string, options: Options = {}): Promise<Imported> {
  const path = file.startsWith('/') ? file : legacyPath(file);
  return importFrom(services, { source: 'students', path }, options);
}

/** Imports the companies of a GetEnt database. */
export function importCompanies(services: Services, url: string, options: Options = {}): Promise<Imported> {
  return importFrom(services, { source: 'companies', url }, options);
}

/** The full NIR that fields of an expected row hold, as reports show it. */
function withMask(row: GoldenRow): GoldenRow {
  const nir = row.fields?.['nir'];
  if (typeof nir !== 'string') return row;
  return { ...row, fields: { ...row.fields, nir: `* ** ** ** *** *** ${nir.slice(-2)}` } };
}

/** Compares a report with the expected results, row by row. */
export function expectGolden(report: Report, golden: GoldenFile): void {
  const { missing: _missing, ...totals } = golden.totals;
  expect(report.totals).toMatchObject(totals);
  if (golden.totals.missing !== undefined) expect(report.totals.missing).toBe(golden.totals.missing);
  if (golden.sheet) expect(report).toMatchObject({ sheet: golden.sheet, headerRow: golden.headerRow });
  expect(report.unknownColumns).toEqual(golden.unknownColumns ?? []);
  expect(report.rows.map(({ row }) => row)).toEqual(golden.rows.map(({ row }) => row));
  const differing = golden.rows.flatMap((expected, index): { expected: string; found: string | null }[] => {
    const found = report.rows[index];
    if (!found) return [{ expected: JSON.stringify(expected), found: null }];
    const mayAlso = new Set(expected.mayAlso);
    const errors = found.errors.filter((code) => !mayAlso.has(code) || expected.errors.includes(code));
    const { changes: _changes, undo: _undo, ...row } = found;
    const left = JSON.stringify(sorted(comparableRow({ ...row, errors })));
    const right = JSON.stringify(sorted(comparableRow(withMask(expected))));
    return left === right ? [] : [{ expected: right, found: left }];
  });
  expect(differing).toEqual([]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

/** Columns of a students' file by the names tests use. */
const HEADERS = {
  name: 'Nom Prénom',
  nir: 'NIR',
  status: 'Statut',
  address: 'Adresse',
  company: 'Entreprise',
  phones: 'Téléphone',
  cursus: 'Cursus',
  email: 'Courriel',
  studentNumber: 'Numéro étudiant',
  token: 'Jeton',
} as const;

export type PersonRow = Partial<Record<keyof typeof HEADERS, string>>;

let folder: string | undefined;
let written = 0;

/** Writes a CSV of persons; a row that says nothing of its own is a valid prospect. @returns its path */
export function personsFile(rows: readonly PersonRow[]): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'crm-imports-'));
    folder = made;
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  const fields = (Object.keys(HEADERS) as (keyof typeof HEADERS)[]).filter(
    (field) => ['name', 'nir', 'status'].includes(field) || rows.some((row) => row[field] !== undefined),
  );
  const lines = rows.map((row, index) => {
    const whole: PersonRow = {
      name: `ESSAI Personne-${index + 1}`,
      nir: personNir(index + 1),
      status: 'prospect',
      ...row,
    };
    return fields.map((field) => `"${(whole[field] ?? '').replaceAll('"', '""')}"`).join(';');
  });
  written += 1;
  const path = join(folder, `personnes-${written}.csv`);
  writeFileSync(path, [fields.map((field) => HEADERS[field]).join(';'), ...lines, ''].join('\r\n'));
  return path;
}

/** A valid NIR that belongs to nobody: the same number gives the same person. */
export function personNir(person: number): string {
  const body = `2990578${String(1 + Math.floor(person / 999)).padStart(3, '0')}${String(1 + (person % 999)).padStart(3, '0')}`;
  return `${body}${nirKey(body)}`;
}
