/**
 * What ties a record to the source it is imported from: the social-security number of a person, the key of GetEnt of a company, and the
 * base beside it. It goes over to a survivor that has none, so that the daily import goes on feeding the one record that is left.
 */
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { RuleViolation } from '../../shared/errors.ts';
import type { NirVault } from '../students/index.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import type { ColumnValues } from './merge-fields.ts';
import type { MergeImage } from './merge-image.ts';
import { CONFLICTS, rename } from './merge-rows.ts';

export interface LinkOutcome {
  /** Columns the survivor takes with the link. */
  readonly survivor: ColumnValues;
  /** Columns the merged record loses with it. */
  readonly merged: ColumnValues;
  readonly nirMoved: boolean;
  readonly base: MergeImage['base'];
  readonly movedConflicts: readonly string[];
  readonly closedConflicts: readonly string[];
}

interface Sides {
  readonly survivorId: string;
  readonly mergedId: string;
  readonly survivor: ColumnValues;
  readonly merged: ColumnValues;
}

const baseTable = (subjectType: DuplicateSubject) => ({
  table: Prisma.raw(`${subjectType}_import_base`),
  owner: Prisma.raw(`${subjectType}_id`),
});

/**
 * @throws RuleViolation `TWO_NIRS`: a number is one person's, and none of the two may be thrown away unseen
 */
export async function moveLink(
  tx: Transaction,
  subjectType: DuplicateSubject,
  sides: Sides,
  vault: NirVault | null,
): Promise<LinkOutcome> {
  const { survivorId, mergedId, survivor, merged } = sides;
  const nir = subjectType === 'student' ? await numbersOf(tx, sides, vault) : null;
  if (nir?.survivor && nir.merged) throw new RuleViolation('TWO_NIRS', 'duplicates.errors.two_nirs');
  const nirMoved = nir !== null && nir.merged && vault !== null;
  if (nirMoved) await moveNumber(tx, vault, mergedId, survivorId);

  const bases = await basesOf(tx, subjectType, [survivorId, mergedId]);
  const [own, given] = [bases.get(survivorId) ?? null, bases.get(mergedId) ?? null];
  const linkMoves =
    subjectType === 'company'
      ? merged['legacy_id'] !== null && survivor['legacy_id'] === null
      : nirMoved || (given !== null && own === null && nir?.survivor !== true);
  if (linkMoves) await moveBase(tx, subjectType, { fromId: mergedId, toId: survivorId });
  const open = await openConflicts(tx, subjectType, [survivorId, mergedId]);
  const ofMerged = open.filter(({ subjectId }) => subjectId === mergedId).map(({ id }) => id);
  const ofSurvivor = open.filter(({ subjectId }) => subjectId === survivorId).map(({ id }) => id);
  const movedConflicts = linkMoves ? ofMerged : [];
  const closedConflicts = linkMoves ? (own ? ofSurvivor : []) : ofMerged;
  await rename(tx, CONFLICTS, subjectType, movedConflicts, mergedId, survivorId);
  await setConflicts(tx, closedConflicts, 'open', 'obsolete');
  const legacy = linkMoves && subjectType === 'company';
  return {
    survivor: linkMoves
      ? {
          ...(legacy ? { legacy_id: merged['legacy_id'] ?? null } : {}),
          missing_since: merged['missing_since'] ?? null,
          anomaly_count: Math.max(Number(survivor['anomaly_count']), Number(merged['anomaly_count'])),
        }
      : {},
    merged: legacy ? { legacy_id: null } : {},
    nirMoved,
    base: linkMoves && given ? { replaced: own } : null,
    movedConflicts,
    closedConflicts,
  };
}

/** Gives the link back: number, base, conflicts. Columns are restored with the others. */
export async function moveLinkBack(
  tx: Transaction,
  subjectType: DuplicateSubject,
  { survivorId, mergedId }: { survivorId: string; mergedId: string },
  image: MergeImage,
  vault: NirVault | null,
): Promise<void> {
  if (image.nirMoved) {
    if (!vault) throw new Error('This process holds no NIR keys');
    await moveNumber(tx, vault, survivorId, mergedId);
  }
  if (image.base) {
    await moveBase(tx, subjectType, { fromId: survivorId, toId: mergedId });
    const { replaced } = image.base;
    const { table, owner } = baseTable(subjectType);
    if (replaced)
      await tx.execute(
        Prisma.sql`INSERT INTO ${table} (${owner}, fields, last_batch_id) VALUES (${survivorId}, ${replaced.fields}, ${replaced.lastBatchId})`,
      );
  }
  await setConflicts(tx, image.closedConflicts, 'obsolete', 'open');
}

async function numbersOf(tx: Transaction, { survivorId, mergedId }: Sides, vault: NirVault | null) {
  if (!vault) throw new Error('This process holds no NIR keys');
  const digits = await vault.keyDigits(tx, [survivorId, mergedId]);
  return { survivor: digits.has(survivorId), merged: digits.has(mergedId) };
}

/** A number is sealed for one person: it is opened and sealed again for the other. Nothing when there is none any more. */
async function moveNumber(tx: Transaction, vault: NirVault, fromId: string, toId: string): Promise<void> {
  const nir = await vault.read(tx, fromId);
  if (nir === null) return;
  await vault.remove(tx, [fromId]);
  await vault.store(tx, [{ studentId: toId, nir }]);
}

async function basesOf(tx: Transaction, subjectType: DuplicateSubject, ids: readonly string[]) {
  const { table, owner } = baseTable(subjectType);
  const rows = await tx.query<{ id: string; fields: string; lastBatchId: string }>(
    Prisma.sql`SELECT ${owner} AS id, fields, last_batch_id AS lastBatchId FROM ${table} WHERE ${owner} IN (${Prisma.join([...ids])}) FOR UPDATE`,
  );
  return new Map(rows.map(({ id, ...base }) => [id, base]));
}

async function moveBase(
  tx: Transaction,
  subjectType: DuplicateSubject,
  { fromId, toId }: { fromId: string; toId: string },
): Promise<void> {
  const { table, owner } = baseTable(subjectType);
  const moved = (await basesOf(tx, subjectType, [fromId])).has(fromId);
  if (!moved) return;
  await tx.execute(Prisma.sql`DELETE FROM ${table} WHERE ${owner} = ${toId}`);
  await tx.execute(Prisma.sql`UPDATE ${table} SET ${owner} = ${toId} WHERE ${owner} = ${fromId}`);
}

async function openConflicts(tx: Transaction, subjectType: DuplicateSubject, ids: readonly string[]) {
  return tx.query<{ id: string; subjectId: string }>(
    Prisma.sql`SELECT id, subject_id AS subjectId FROM edit_conflict WHERE subject_type = ${subjectType} AND subject_id IN (${Prisma.join([...ids])}) AND state = 'open' FOR UPDATE`,
  );
}

async function setConflicts(tx: Transaction, ids: readonly string[], from: string, to: string): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(
    Prisma.sql`UPDATE edit_conflict SET state = ${to}, version = version + 1 WHERE state = ${from} AND id IN (${Prisma.join([...ids])})`,
  );
}
