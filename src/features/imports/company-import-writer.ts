/** Writes what a part of GetEnt creates and changes on companies, and keeps what they were. */
import { insertRows, type ColumnValue } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { groupBy } from '../../shared/grouping.ts';
import { insertCompanies, writeCompanySearchTokens } from '../companies/index.ts';
import { storeImages } from './before-image.ts';
import type { CompanyChange, CompanyCreation, CompanyPlan } from './company-plan.ts';
import type { CompanyFields } from './company-row-rules.ts';
import { queueConflicts, withIds, type NewConflict } from './edit-conflict-writer.ts';
import type { WriteContext } from './write-context.ts';

/** What a company was before a row changed it. */
export interface CompanyImage {
  readonly kind: 'company';
  readonly version: number;
  readonly record: CompanyFields;
  readonly anomalyCount: number;
  readonly base: CompanyFields | null;
  readonly baseBatchId: string | null;
  readonly baseChanged: boolean;
  readonly addedConflicts: readonly string[];
  readonly settledConflicts: readonly string[];
}

const UPSERT_COLUMNS = [
  'id',
  'name',
  'name_key',
  'street',
  'postcode',
  'city',
  'email',
  'phone',
  'origin',
  'anomaly_count',
] as const;

/** The rows exist and are locked: the INSERT part never happens. */
const UPDATE_COMPANY = `ON DUPLICATE KEY UPDATE ${UPSERT_COLUMNS.slice(1)
  .filter((column) => column !== 'origin')
  .map((column) => `${column} = VALUES(${column})`)
  .join(', ')}, version = version + 1`;

/** Gives companies these values, a new version with them. */
export async function updateCompanies(
  tx: Transaction,
  companies: readonly {
    readonly id: string;
    readonly origin: string;
    readonly values: CompanyFields;
    readonly anomalyCount: number;
    readonly renamed: boolean;
  }[],
): Promise<void> {
  if (companies.length === 0) return;
  const rows = companies.map(({ id, origin, values, anomalyCount }): ColumnValue[] => [
    id,
    values.name,
    companyNameKey(values.name),
    values.street,
    values.postcode,
    values.city,
    values.email,
    values.phone,
    origin,
    anomalyCount,
  ]);
  await tx.execute(insertRows('company', UPSERT_COLUMNS, rows, UPDATE_COMPANY));
  await writeCompanySearchTokens(
    tx,
    companies.filter(({ renamed }) => renamed).map(({ id, values }) => ({ id, name: values.name })),
    { replace: true },
  );
}

/** Sets counts of anomalies without making an edit of it. */
export async function setCompanyAnomalies(
  tx: Transaction,
  companies: readonly { readonly id: string; readonly anomalyCount: number }[],
): Promise<void> {
  for (const [count, some] of groupBy(companies, ({ anomalyCount }) => anomalyCount))
    await tx.execute(
      Prisma.sql`UPDATE company SET anomaly_count = ${count}, updated_at = updated_at WHERE id IN (${Prisma.join(some.map(({ id }) => id))})`,
    );
}

/** Notes values as last read from GetEnt. */
export async function writeCompanyBases(
  tx: Transaction,
  bases: readonly { readonly id: string; readonly record: CompanyFields; readonly batchId: string }[],
): Promise<void> {
  if (bases.length === 0) return;
  await tx.execute(
    insertRows(
      'company_import_base',
      ['company_id', 'fields', 'last_batch_id'],
      bases.map(({ id, record, batchId }) => [id, JSON.stringify(record), batchId]),
      'ON DUPLICATE KEY UPDATE fields = VALUES(fields), last_batch_id = VALUES(last_batch_id)',
    ),
  );
}

/** Writes what plans decided. */
export async function writeCompanies(context: WriteContext, plans: readonly CompanyPlan[]): Promise<void> {
  const creations = plans.flatMap(({ row, write }) => (write?.kind === 'create' ? [{ row, creation: write }] : []));
  const changes = plans.flatMap(({ row, write }) => (write?.kind === 'change' ? [{ row, change: write }] : []));
  await createCompanies(context, creations);
  await changeCompanies(context, changes);
}

async function createCompanies(
  { tx, audit, actor, batchId }: WriteContext,
  creations: readonly { readonly row: number; readonly creation: CompanyCreation }[],
): Promise<void> {
  if (creations.length === 0) return;
  await insertCompanies(
    tx,
    creations.map(({ creation: { id, entry, anomalyCount } }) => ({
      id,
      legacyId: entry.legacyId,
      ...entry.record,
      origin: 'import' as const,
      anomalyCount,
      createdById: actor.id,
    })),
  );
  await writeCompanyBases(
    tx,
    creations.map(({ creation: { id, entry } }) => ({ id, record: entry.record, batchId })),
  );
  for (const { row, creation } of creations)
    audit.record(tx, actor, {
      action: 'company.imported',
      subjectType: 'company',
      subjectId: creation.id,
      detail: { batchId, row },
    });
}

async function changeCompanies(
  context: WriteContext,
  changes: readonly { readonly row: number; readonly change: CompanyChange }[],
): Promise<void> {
  if (changes.length === 0) return;
  const { tx, vault, audit, actor, batchId } = context;
  const prepared = changes.map(({ row, change }) => ({
    row,
    change,
    updated: change.applied.length > 0,
    conflicts: withIds(row, change.state.id, change.conflicts),
  }));
  await storeImages(
    tx,
    vault,
    batchId,
    prepared.map(({ row, change, conflicts }) => ({ row, image: imageOf(change, conflicts) })),
  );
  await updateCompanies(
    tx,
    prepared
      .filter(({ updated }) => updated)
      .map(({ change: { state, values, applied, anomalyCount } }) => ({
        id: state.id,
        origin: state.origin,
        values,
        anomalyCount,
        renamed: applied.includes('name'),
      })),
  );
  await setCompanyAnomalies(
    tx,
    prepared
      .filter(({ change, updated }) => !updated && change.anomalyCount !== change.state.anomalyCount)
      .map(({ change }) => ({ id: change.state.id, anomalyCount: change.anomalyCount })),
  );
  await writeCompanyBases(
    tx,
    prepared
      .filter(({ change }) => change.baseChanged)
      .map(({ change: { state, entry } }) => ({ id: state.id, record: entry.record, batchId })),
  );
  await queueConflicts(tx, 'company', batchId, prepared);
  for (const { row, change, updated } of prepared)
    if (updated)
      audit.record(tx, actor, {
        action: 'company.updated',
        subjectType: 'company',
        subjectId: change.state.id,
        changes: change.changes,
        detail: { batchId, row },
      });
}

function imageOf({ state, baseChanged, settled }: CompanyChange, conflicts: readonly NewConflict[]): CompanyImage {
  return {
    kind: 'company',
    version: state.version,
    record: state.record,
    anomalyCount: state.anomalyCount,
    base: state.base,
    baseBatchId: state.baseBatchId,
    baseChanged,
    addedConflicts: conflicts.map(({ id }) => id),
    settledConflicts: settled,
  };
}
