/** Puts companies back as they were before a batch: the created ones go, the updated ones return, whichever was edited since stays. */
import { Prisma, type Reader } from '../../db/client.ts';
import { setCompanyAnomalies, updateCompanies, writeCompanyBases, type CompanyImage } from './company-import-writer.ts';
import { loadCompaniesById, type CompanyState } from './company-state.ts';
import { unqueueConflicts } from './edit-conflict-writer.ts';
import {
  changesBack,
  keepEarlierBatchesReversible,
  leaveQueues,
  planUndo,
  type Restoration,
  type UndoOutcome,
  type UndoRow,
} from './undo-plan.ts';
import type { WriteContext } from './write-context.ts';

type CompanyRestoration = Restoration<CompanyState, CompanyImage>;

/** Undoes some rows of a batch. @returns what became of each created and updated row */
export async function undoCompanies(
  context: WriteContext,
  rows: readonly UndoRow[],
): Promise<Map<number, UndoOutcome>> {
  const { removable, restorations, outcomes } = await planUndo<CompanyState, CompanyImage>(
    context,
    rows,
    loadCompaniesById,
  );
  for (const row of await removeCompanies(context, removable)) outcomes.set(row, 'restored');
  await restoreCompanies(context, restorations);
  return outcomes;
}

/** Companies on which someone has built: a contact, a site, a note, a tag, a merge, a post that someone linked by hand. */
async function findDependedUpon(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
  const list = Prisma.join([...ids]);
  const rows = await reader.query<{ id: string }>(
    Prisma.sql`SELECT subject_id AS id FROM note WHERE subject_type = 'company' AND subject_id IN (${list})
      UNION SELECT subject_id FROM tagging WHERE subject_type = 'company' AND subject_id IN (${list})
      UNION SELECT company_id FROM contact WHERE company_id IN (${list})
      UNION SELECT company_id FROM company_site WHERE company_id IN (${list})
      UNION SELECT company_id FROM \`position\` WHERE company_id IN (${list}) AND company_text IS NULL
      UNION SELECT merged_into_id FROM company WHERE merged_into_id IN (${list})`,
  );
  return new Set(rows.map(({ id }) => id));
}

async function removeCompanies(
  { tx, audit, actor, batchId }: WriteContext,
  candidates: readonly { row: number; state: CompanyState }[],
): Promise<number[]> {
  if (candidates.length === 0) return [];
  const kept = await findDependedUpon(
    tx,
    candidates.map(({ state }) => state.id),
  );
  const removed = candidates.filter(({ state }) => !kept.has(state.id));
  if (removed.length === 0) return [];
  const removedIds = removed.map(({ state }) => state.id);
  const ids = Prisma.join(removedIds);
  // Posts matched by name are again known by the name alone, as before the company came.
  await tx.execute(
    Prisma.sql`UPDATE \`position\` SET company_id = NULL, version = version + 1 WHERE company_id IN (${ids})`,
  );
  await leaveQueues(tx, 'company', removedIds);
  await tx.execute(Prisma.sql`DELETE FROM company WHERE id IN (${ids})`);
  for (const { row, state } of removed)
    audit.record(tx, actor, {
      action: 'company.removed',
      subjectType: 'company',
      subjectId: state.id,
      detail: { batchId, row, name: state.record.name, legacyId: state.legacyId },
    });
  return removed.map(({ row }) => row);
}

async function restoreCompanies(
  { tx, audit, actor, batchId }: WriteContext,
  restorations: readonly CompanyRestoration[],
): Promise<void> {
  if (restorations.length === 0) return;
  const updated = restorations.filter(({ state, image }) => state.version !== image.version);
  await updateCompanies(
    tx,
    updated.map(({ state, image }) => ({
      id: state.id,
      origin: state.origin,
      values: image.record,
      anomalyCount: image.anomalyCount,
      renamed: state.record.name !== image.record.name,
    })),
  );
  await setCompanyAnomalies(
    tx,
    restorations
      .filter(({ state, image }) => state.version === image.version)
      .map(({ state, image }) => ({ id: state.id, anomalyCount: image.anomalyCount })),
  );
  const moved = restorations.filter(({ image }) => image.baseChanged);
  const none = moved.filter(({ image }) => image.base === null);
  if (none.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM company_import_base WHERE company_id IN (${Prisma.join(none.map(({ state }) => state.id))})`,
    );
  await writeCompanyBases(
    tx,
    moved.flatMap(({ state, image }) =>
      image.base ? [{ id: state.id, record: image.base, batchId: image.baseBatchId ?? batchId }] : [],
    ),
  );
  await unqueueConflicts(
    tx,
    restorations.map(({ image }) => image),
  );
  await keepEarlierBatchesReversible(tx, batchId, updated);
  for (const { row, state, image } of updated)
    audit.record(tx, actor, {
      action: 'company.import_undone',
      subjectType: 'company',
      subjectId: state.id,
      changes: changesBack(state.record, image.record),
      detail: { batchId, row },
    });
}
