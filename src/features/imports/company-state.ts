/** What the CRM holds of the companies a part of GetEnt names. */
import { Prisma, type Reader } from '../../db/client.ts';
import { groupBy } from '../../shared/grouping.ts';
import type { CompanyFields } from './company-row-rules.ts';
import type { OpenConflict } from './student-state.ts';

export interface CompanyState {
  readonly id: string;
  readonly legacyId: number;
  readonly record: CompanyFields;
  readonly origin: string;
  readonly anomalyCount: number;
  readonly version: number;
  readonly mergedIntoId: string | null;
  /** Values last read from GetEnt; null when none ever were. */
  readonly base: CompanyFields | null;
  readonly baseBatchId: string | null;
  readonly conflicts: readonly OpenConflict[];
}

interface CompanyRowOfDatabase extends CompanyFields {
  id: string;
  legacyId: number | bigint;
  origin: string;
  anomalyCount: number | bigint;
  version: number | bigint;
  mergedIntoId: string | null;
  baseFields: string | null;
  baseBatchId: string | null;
}

/**
 * States by a condition on the alias `c`.
 * @param lock keeps the companies from being changed until the transaction ends
 */
async function loadWhere(reader: Reader, where: Prisma.Sql, lock: boolean): Promise<CompanyState[]> {
  const rows = await reader.query<CompanyRowOfDatabase>(
    Prisma.sql`SELECT c.id, c.legacy_id AS legacyId, c.name, c.street, c.postcode, c.city, c.email, c.phone, c.origin, c.anomaly_count AS anomalyCount, c.version, c.merged_into_id AS mergedIntoId, b.fields AS baseFields, b.last_batch_id AS baseBatchId FROM company c LEFT JOIN company_import_base b ON b.company_id = c.id WHERE ${where} ${lock ? Prisma.sql`FOR UPDATE` : Prisma.empty}`,
  );
  if (rows.length === 0) return [];
  const conflicts = await reader.query<OpenConflict & { subjectId: string }>(
    Prisma.sql`SELECT id, subject_id AS subjectId, field, file_value AS fileValue, crm_value AS crmValue FROM edit_conflict WHERE subject_type = 'company' AND subject_id IN (${Prisma.join(rows.map(({ id }) => id))}) AND state = 'open'`,
  );
  const conflictsOf = groupBy(conflicts, ({ subjectId }) => subjectId);
  return rows.map(
    ({ baseFields, baseBatchId, id, legacyId, origin, anomalyCount, version, mergedIntoId, ...record }) => ({
      id,
      legacyId: Number(legacyId),
      record,
      origin,
      anomalyCount: Number(anomalyCount),
      version: Number(version),
      mergedIntoId,
      base: baseFields === null ? null : (JSON.parse(baseFields) as CompanyFields),
      baseBatchId,
      conflicts: conflictsOf.get(id) ?? [],
    }),
  );
}

/** States by `id_entreprise`. */
export async function loadCompaniesByLegacyId(
  reader: Reader,
  legacyIds: readonly number[],
  { lock }: { lock: boolean },
): Promise<Map<number, CompanyState>> {
  if (legacyIds.length === 0) return new Map();
  const states = await loadWhere(reader, Prisma.sql`c.legacy_id IN (${Prisma.join([...legacyIds])})`, lock);
  return new Map(states.map((state) => [state.legacyId, state]));
}

/** States by id. */
export async function loadCompaniesById(
  reader: Reader,
  ids: readonly string[],
  { lock }: { lock: boolean },
): Promise<Map<string, CompanyState>> {
  if (ids.length === 0) return new Map();
  const states = await loadWhere(reader, Prisma.sql`c.id IN (${Prisma.join([...ids])})`, lock);
  return new Map(states.map((state) => [state.id, state]));
}
