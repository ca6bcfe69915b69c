import { describe, expect, it } from 'vitest';
import { fileSha256, readWorkbook, type WorkbookReading } from '../../../src/connectors/workbook/index.ts';
import { mergeRecord } from '../../../src/features/imports/base-merge.ts';
import { findSuspicions } from '../../../src/features/imports/batch-safety.ts';
import { emptyTotals, type BatchTotals } from '../../../src/features/imports/batch-totals.ts';
import { indexCompanies } from '../../../src/features/imports/company-matcher.ts';
import { FileConflicts } from '../../../src/features/imports/file-conflicts.ts';
import { STUDENT_COLUMNS } from '../../../src/features/imports/student-columns.ts';
import {
  readStudentRow,
  type StudentFields,
  type StudentRow,
} from '../../../src/features/imports/student-row-rules.ts';
import { companyNameKey } from '../../../src/shared/company-name.ts';
import { sortedCodes } from '../../../src/shared/issue-codes.ts';
import { isStatusBackwards, statusLabel } from '../../../src/shared/student-status.ts';
import { comparableRow, countRow, legacyPath, readGoldenFile, type GoldenRow } from '../../support/golden-files.ts';

/** The companies of GetEnt as their own golden file says they are imported. */
const companies = indexCompanies(
  readGoldenFile('getent.sql')
    .rows.filter((row) => row.outcome === 'created')
    .map((row) => ({
      id: String(row.key),
      legacyId: row.key ?? null,
      nameKey: companyNameKey(String(row.fields?.['name'])),
    })),
);

/** Persons by NIR, with the fields last read from the file: the CRM of someone who edits nothing. */
type State = ReadonlyMap<string, StudentFields>;

interface Evaluation {
  reading: WorkbookReading;
  rows: GoldenRow[];
  totals: BatchTotals;
  missing: string[];
  /** The state once the batch is applied. */
  state: State;
}

/** What an import of the file does to a state, by the rules alone. */
async function evaluate(file: string, before: State = new Map()): Promise<Evaluation> {
  const reading = await readWorkbook({ path: legacyPath(file), columns: STUDENT_COLUMNS });
  const read: (StudentRow & { row: number })[] = [];
  const conflicts = new FileConflicts();
  for await (const batch of reading.rows) {
    for (const { row, cells } of batch) {
      const student = readStudentRow(cells, { companies });
      conflicts.add(row, student.nir, student.digest);
      read.push({ row, ...student });
    }
  }
  const verdicts = conflicts.resolve();
  const state = new Map(before);
  const totals = emptyTotals();
  const rows = read.map((student): GoldenRow => {
    const verdict = verdicts.get(student.row);
    const result = outcomeOf(student, verdict?.kind, before, state);
    countRow(totals, result);
    return {
      row: student.row,
      ...result,
      ...(student.suggestion === null ? {} : { suggestion: student.suggestion }),
      ...(result.outcome === 'created' || result.outcome === 'updated' ? { fields: reported(student.fields) } : {}),
    };
  });
  const missing = [...before.keys()].filter((nir) => !conflicts.has(nir)).sort();
  totals.missing = missing.length;
  return { reading, rows, totals, missing, state };
}

function outcomeOf(
  student: StudentRow,
  verdict: 'duplicate' | 'conflict' | undefined,
  before: State,
  state: Map<string, StudentFields>,
): Pick<StudentRow, 'errors' | 'warnings'> & Pick<GoldenRow, 'outcome'> {
  const errors = verdict === 'conflict' ? sortedCodes([...student.errors, 'NIR_CONFLICT' as const]) : student.errors;
  const { fields, warnings } = student;
  if (fields === null || errors.length > 0) return { outcome: 'rejected', errors, warnings };
  if (verdict === 'duplicate') return { outcome: 'duplicate', errors, warnings };
  const known = before.get(fields.nir);
  state.set(fields.nir, fields);
  if (known === undefined) return { outcome: 'created', errors, warnings };
  const merged = mergeRecord<keyof StudentFields>({
    file: { ...fields },
    base: { ...known },
    crm: { ...known },
    together: [['street', 'postcode', 'city']],
  });
  expect(merged.conflicts).toEqual([]);
  if (merged.applied.length === 0) return { outcome: 'unchanged', errors, warnings };
  const backwards = isStatusBackwards(known.status, fields.status) ? (['STATUS_BACKWARDS'] as const) : [];
  return { outcome: 'updated', errors, warnings: sortedCodes([...warnings, ...backwards]) };
}

function reported(fields: StudentFields | null): Record<string, string | number | null> {
  return fields === null ? {} : { ...fields, status: statusLabel(fields.status) };
}

const comparable = (rows: GoldenRow[]): object[] => rows.map(comparableRow);

describe('the référentiel of day 1', () => {
  it.each(['referentiel-etudiants.xls', 'referentiel-etudiants.xlsx', 'referentiel-etudiants.csv'])(
    'gives exactly the expected rows from %s',
    async (file) => {
      const golden = readGoldenFile(file);
      const { reading, rows, totals } = await evaluate(file);
      expect(comparable(rows)).toEqual(comparable(golden.rows));
      expect(totals).toEqual({ ...golden.totals, missing: golden.totals.missing ?? 0 });
      expect(reading).toMatchObject({ headerRow: 3, unknownColumns: ['Observations'], rowCount: golden.totals.rows });
      expect(await fileSha256(legacyPath(file))).toBe(golden.sha256);
      expect(findSuspicions({ ...totals, previousRows: null })).toEqual([]);
    },
  );

  it('changes nothing when it is read a second time, and says the same warnings again', async () => {
    const { secondRun, totals: first } = readGoldenFile('referentiel-etudiants.xls');
    const { state } = await evaluate('referentiel-etudiants.xls');
    const { totals, missing } = await evaluate('referentiel-etudiants.xls', state);
    expect(totals).toMatchObject(secondRun ?? {});
    expect(totals.warnings).toEqual(first.warnings);
    expect(missing).toEqual([]);
  });
});

describe('the nine formats', () => {
  const golden = readGoldenFile('formats');
  it.each([
    'mini-biff8.xls',
    'mini-biff5.xls',
    'mini.xlsx',
    'mini.xlsm',
    'mini-xlsx-nomme.xls',
    'mini-csv-nomme.xls',
    'mini-cp1252-point-virgule.csv',
    'mini-utf8-bom-virgule.csv',
    'mini-utf8-tab.csv',
  ])('give the same rows: %s', async (file) => {
    const { rows, totals } = await evaluate(`formats/${file}`);
    expect(comparable(rows)).toEqual(comparable(golden.rows));
    expect(totals).toEqual(golden.totals);
  });
});

describe('the référentiel of day 2', () => {
  it('gives exactly the expected rows, changes and missing persons after day 1', async () => {
    const file = 'referentiel-etudiants-j2.xls';
    const golden = readGoldenFile(file);
    const day1 = await evaluate('referentiel-etudiants.xls');
    const day2 = await evaluate(file, day1.state);
    expect(comparable(day2.rows)).toEqual(comparable(golden.rows));
    expect(day2.totals).toEqual(golden.totals);
    expect(day2.missing).toEqual([...(golden.missing ?? [])].sort());
    expect(findSuspicions({ ...day2.totals, previousRows: day1.totals.rows })).toEqual([]);

    const again = await evaluate(file, day2.state);
    expect(again.totals).toMatchObject(golden.secondRun ?? {});
  });
});

describe('suspicious files', () => {
  it('with too many rejected rows wait for a person', async () => {
    const golden = readGoldenFile('referentiel-suspect-rejets.xls');
    const { rows, totals } = await evaluate('referentiel-suspect-rejets.xls');
    expect(comparable(rows)).toEqual(comparable(golden.rows));
    expect(totals).toEqual(golden.totals);
    expect(findSuspicions({ ...totals, previousRows: null })).toEqual([
      { kind: 'rejected_share', rejected: 50, rows: 200 },
    ]);
  });

  it('with far fewer rows than the day before wait for a person', async () => {
    const golden = readGoldenFile('referentiel-suspect.xls');
    const day1 = await evaluate('referentiel-etudiants.xls');
    const { rows, totals, missing } = await evaluate('referentiel-suspect.xls', day1.state);
    expect(comparable(rows)).toEqual(comparable(golden.rows));
    expect(totals).toEqual(golden.totals);
    expect(missing).toEqual([...(golden.missing ?? [])].sort());
    expect(findSuspicions({ ...totals, previousRows: day1.totals.rows })).toEqual([
      { kind: 'row_drop', rows: 780, previousRows: 1200 },
    ]);
  });
});
