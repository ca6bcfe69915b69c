/** GetEnt as a source of batches: how its rows are judged, planned and written. */
import type { GetentCompany } from '../../connectors/getent/index.ts';
import { Prisma, type Reader } from '../../db/client.ts';
import type { NirVault } from '../students/index.ts';
import type { MatchableCompany } from './company-matcher.ts';
import {
  companyOfStaged,
  planCompany,
  type CompanyEntry,
  type CompanyPlan,
  type StagedCompany,
} from './company-plan.ts';
import { readCompanyRow } from './company-row-rules.ts';
import { loadCompaniesByLegacyId } from './company-state.ts';
import type { JudgedRow } from './planned-row.ts';
import { openCells, type StoredRow } from './row-store.ts';

/** A row of GetEnt, judged. */
export interface JudgedCompany {
  readonly judged: JudgedRow<CompanyEntry>;
  readonly legacyId: number | null;
  readonly nameKey: string;
  readonly digest: string;
}

/** The largest `id_entreprise` a record holds. */
const LARGEST_ID = 2_147_483_647;

/** Judges one row. @param row its place in the table, from 1 */
export function judgeCompany(row: number, source: GetentCompany): JudgedCompany {
  const result = readCompanyRow(source);
  const fits = result.legacyId === null || Math.abs(result.legacyId) <= LARGEST_ID;
  const errors = fits ? result.errors : [...result.errors, 'CELL_TOO_LONG' as const].sort();
  const issues = result.cellIssues.map(({ code, cell }) => ({ code, field: cell }));
  const { fields, legacyId } = result;
  return {
    judged: {
      row,
      sourceKey: legacyId === null ? null : String(legacyId),
      entry: fields && legacyId !== null && fits ? { legacyId, record: fields } : null,
      errors,
      warnings: result.warnings,
      issues: fits ? issues : [...issues, { code: 'CELL_TOO_LONG', field: 'id_entreprise' }],
      suggestion: null,
    },
    legacyId: fits ? legacyId : null,
    nameKey: result.nameKey,
    digest: result.digest,
  };
}

/** Plans judged rows against the database as it is. */
export async function planCompanies(
  reader: Reader,
  rows: readonly (Pick<JudgedCompany, 'judged' | 'legacyId'> & { readonly entityId?: string })[],
  { lock }: { lock: boolean },
): Promise<CompanyPlan[]> {
  const ids = [...new Set(rows.flatMap(({ legacyId }) => legacyId ?? []))];
  const states = await loadCompaniesByLegacyId(reader, ids, { lock });
  return rows.map(({ judged, legacyId, entityId }) =>
    planCompany(judged, legacyId === null ? null : (states.get(legacyId) ?? null), entityId),
  );
}

/** Plans staged rows again. */
export async function planStoredCompanies(reader: Reader, rows: readonly StoredRow[]): Promise<CompanyPlan[]> {
  return planCompanies(reader, rows.map(unstage), { lock: true });
}

function unstage(stored: StoredRow): Pick<JudgedCompany, 'judged' | 'legacyId'> & { entityId?: string } {
  if (stored.fields === null || stored.sourceKey === null)
    throw new Error(`Row ${stored.row} was staged without a key`);
  const legacyId = Number(stored.sourceKey);
  return {
    judged: {
      row: stored.row,
      sourceKey: stored.sourceKey,
      entry: { legacyId, record: companyOfStaged(JSON.parse(stored.fields) as StagedCompany) },
      errors: [],
      warnings: stored.warnings,
      issues: stored.issues,
      suggestion: null,
    },
    legacyId,
    ...(stored.outcome === 'created' && stored.entityId ? { entityId: stored.entityId } : {}),
  };
}

/** The cells of a stored row as GetEnt gave them. */
export function companyCells(vault: NirVault, batchId: string, stored: StoredRow): GetentCompany | null {
  return stored.raw && (openCells(vault, batchId, stored.row, stored.raw) as unknown as GetentCompany);
}

/** Every company that a text can name. */
export function loadMatchableCompanies(reader: Reader): Promise<MatchableCompany[]> {
  return reader.query<MatchableCompany>(
    Prisma.sql`SELECT id, legacy_id AS legacyId, name_key AS nameKey FROM company WHERE merged_into_id IS NULL`,
  );
}
