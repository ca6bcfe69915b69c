/** Reads GetEnt into a batch. The table is small enough to be judged as a whole, which twins and conflicts ask for. */
import type { GetentCompany } from '../../connectors/getent/index.ts';
import { inParts } from '../../db/bulk-insert.ts';
import { sortedCodes } from '../../shared/issue-codes.ts';
import { noteMissing } from './batch-figures.ts';
import { updateBatch } from './batch-store.ts';
import type { CompanyPlan } from './company-plan.ts';
import { judgeCompany, planCompanies, type JudgedCompany } from './company-source.ts';
import { CompanyTwins } from './company-twins.ts';
import { FileConflicts, type FileVerdict } from './file-conflicts.ts';
import { autonomous, breathe, type ImportEnvironment } from './import-environment.ts';
import type { PlannedRow } from './planned-row.ts';
import { sealCells, stageRows } from './row-store.ts';
import type { ReadingOptions } from './student-reading.ts';

const ROWS_AT_A_TIME = 250;

/** Columns of `entreprise`, in its order. */
const COLUMNS = ['id_entreprise', 'nom', 'adresse', 'mail', 'telephone'] as const;

export async function readCompanies(
  environment: ImportEnvironment,
  batchId: string,
  companies: readonly GetentCompany[],
  { signal, onRows }: ReadingOptions,
): Promise<void> {
  const { database, vault } = environment;
  const writer = autonomous(database);
  const { judged, pairs } = judgeAll(companies);
  await updateBatch(
    writer,
    batchId,
    {
      fileFormat: 'mysql',
      sheet: 'entreprise',
      columns: COLUMNS.map((field) => ({ header: field, field })),
      rowCount: companies.length,
      mergePairs: pairs,
    },
    { quietly: true },
  );
  /** Ids of the companies created by earlier rows: a duplicate points at the record of its first. */
  const idByKey = new Map<string, string>();
  let rowsDone = 0;
  for (const part of inParts(judged, ROWS_AT_A_TIME)) {
    signal?.throwIfAborted();
    const plans = await planCompanies(database, part, { lock: false });
    const rows = plans.map((plan, index) => {
      const planned = part[index]?.verdict?.kind === 'duplicate' ? asDuplicate(plan, idByKey) : plan;
      if (planned.sourceKey !== null && planned.entityId !== null) idByKey.set(planned.sourceKey, planned.entityId);
      const cells = companies[plan.row - 1] ?? {};
      return { plan: planned, raw: sealCells(vault, batchId, plan.row, cells) };
    });
    await stageRows(writer, batchId, rows);
    rowsDone += part.length;
    await onRows(rowsDone);
    await breathe();
  }
  await noteMissing(writer, 'companies', batchId);
}

interface JudgedInFile extends JudgedCompany {
  readonly verdict: FileVerdict | undefined;
}

function judgeAll(companies: readonly GetentCompany[]): { judged: JudgedInFile[]; pairs: [number, number][] } {
  const conflicts = new FileConflicts();
  const alone = companies.map((company, index) => {
    const row = judgeCompany(index + 1, company);
    conflicts.add(row.judged.row, row.legacyId, row.digest);
    return row;
  });
  const verdicts = conflicts.resolve();
  const twins = new CompanyTwins();
  const judged = alone.map((row): JudgedInFile => {
    const verdict = verdicts.get(row.judged.row);
    if (verdict?.kind === 'conflict') return { ...inConflict(row), verdict };
    const { entry } = row.judged;
    if (entry === null || verdict) return { ...row, verdict };
    const pair = twins.add({ legacyId: entry.legacyId, nameKey: row.nameKey, ...entry.record });
    return pair ? { ...asTwin(row), verdict } : { ...row, verdict };
  });
  return { judged, pairs: twins.pairs.map(({ first, later }) => [first, later]) };
}

function inConflict(row: JudgedCompany): JudgedCompany {
  return {
    ...row,
    judged: {
      ...row.judged,
      errors: sortedCodes([...row.judged.errors, 'ID_CONFLICT' as const]),
      issues: [...row.judged.issues, { code: 'ID_CONFLICT', field: 'id_entreprise' }],
    },
  };
}

function asTwin(row: JudgedCompany): JudgedCompany {
  return {
    ...row,
    judged: {
      ...row.judged,
      warnings: sortedCodes([...row.judged.warnings, 'COMPANY_POSSIBLE_DUPLICATE' as const]),
      issues: [...row.judged.issues, { code: 'COMPANY_POSSIBLE_DUPLICATE', field: 'nom' }],
    },
  };
}

/** A duplicate with errors of its own is rejected with them, as its first row is. */
function asDuplicate(plan: CompanyPlan, idByKey: ReadonlyMap<string, string>): PlannedRow {
  if (plan.outcome === 'rejected') return plan;
  return {
    ...plan,
    outcome: 'duplicate',
    entityId: idByKey.get(plan.sourceKey ?? '') ?? plan.entityId,
    entityVersion: null,
    warnings: [],
    issues: [],
    fields: null,
    changes: null,
  };
}
