/** Puts companies back as they were before a batch: the created ones go, the updated ones return, whichever was edited since stays. */
import { Prisma, type Reader } from '../../db/client.ts';
import { groupBy } from '../../shared/grouping.ts';
import { loadImages } from './before-image.ts';
import { setCompanyAnomalies, updateCompanies, writeCompanyBases, type CompanyImage } from './company-import-writer.ts';
import { loadCompaniesById, type CompanyState } from './company-state.ts';
import { moveConflicts } from './edit-conflict-writer.ts';
import type { UndoOutcome, UndoRow } from './student-undo.ts';
import type { WriteContext } from './write-context.ts';

interface Restoration {
  readonly row: number;
  readonly state: CompanyState;
  readonly image: CompanyImage;
}

/** Undoes some rows of a batch. @returns what became of each created and updated row */
export async function undoCompanies(
  context: WriteContext,
  rows: readonly UndoRow[],
): Promise<Map<number, UndoOutcome>> {
  const { tx, vault, batchId } = context;
  const touched = rows.filter(({ entityId }) => entityId !== null);
  const states = await loadCompaniesById(tx, [...new Set(touched.flatMap(({ entityId }) => entityId ?? []))], {
    lock: true,
  });
  const images = await loadImages<CompanyImage>(
    tx,
    vault,
    batchId,
    rows.map(({ row }) => row),
  );
  const outcomes = new Map<number, UndoOutcome>();
  const removable: { row: number; state: CompanyState }[] = [];
  const restorations: Restoration[] = [];
  for (const { row, outcome, entityId, entityVersion } of touched) {
    const state = states.get(entityId ?? '');
    const image = images.get(row);
    if (outcome === 'created') {
      if (state?.version === entityVersion) removable.push({ row, state });
      outcomes.set(row, state ? 'left' : 'nothing');
    } else if (image) {
      const untouched = state?.version === entityVersion && (!image.baseChanged || state.baseBatchId === batchId);
      if (untouched) restorations.push({ row, state, image });
      if (outcome === 'updated') outcomes.set(row, untouched ? 'restored' : 'left');
    }
  }
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
  const ids = Prisma.join(removed.map(({ state }) => state.id));
  // Posts matched by name are again known by the name alone, as before the company came.
  await tx.execute(
    Prisma.sql`UPDATE \`position\` SET company_id = NULL, version = version + 1 WHERE company_id IN (${ids})`,
  );
  await tx.execute(
    Prisma.sql`DELETE FROM duplicate_candidate WHERE subject_type = 'company' AND (first_id IN (${ids}) OR second_id IN (${ids}))`,
  );
  await tx.execute(Prisma.sql`DELETE FROM edit_conflict WHERE subject_type = 'company' AND subject_id IN (${ids})`);
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
  restorations: readonly Restoration[],
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
  await moveConflicts(
    tx,
    restorations.flatMap(({ image }) => image.addedConflicts),
    'open',
    'obsolete',
  );
  await moveConflicts(
    tx,
    restorations.flatMap(({ image }) => image.settledConflicts),
    'obsolete',
    'open',
  );
  for (const [version, some] of groupBy(updated, ({ image }) => image.version))
    await tx.execute(
      Prisma.sql`UPDATE import_row SET entity_version = ${version + 2} WHERE entity_id IN (${Prisma.join(some.map(({ state }) => state.id))}) AND batch_id <> ${batchId} AND entity_version = ${version}`,
    );
  for (const { row, state, image } of updated) {
    const fields = Object.keys(image.record) as (keyof CompanyFieldsOf)[];
    audit.record(tx, actor, {
      action: 'company.import_undone',
      subjectType: 'company',
      subjectId: state.id,
      changes: Object.fromEntries(
        fields
          .filter((field) => state.record[field] !== image.record[field])
          .map((field) => [field, [state.record[field], image.record[field]] as const]),
      ),
      detail: { batchId, row },
    });
  }
}

type CompanyFieldsOf = CompanyImage['record'];
