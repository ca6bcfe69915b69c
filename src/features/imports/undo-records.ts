/**
 * Undoes rows of a batch: the records it created go, those it changed return, whoever was edited since stays. Persons and companies go
 * back the same way; each kind says what is its own.
 */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { groupBy } from '../../shared/grouping.ts';
import type { FieldChanges } from '../audit/index.ts';
import { unqueueConflicts } from './edit-conflict-writer.ts';
import {
  planUndo,
  type Restoration,
  type UndoneImage,
  type UndoneState,
  type UndoOutcome,
  type UndoPlan,
  type UndoRow,
} from './undo-plan.ts';
import type { WriteContext } from './write-context.ts';

/** What a kind of record does in its own way. */
export interface UndoneKind<State extends UndoneState, Image extends UndoneImage> {
  readonly subjectType: 'student' | 'company';
  /** The records by id, locked. */
  load(reader: Reader, ids: readonly string[], options: { lock: boolean }): Promise<Map<string, State>>;
  /** Of these records, those on which someone has built since: they stay. @param ids one at least */
  findDependedUpon(reader: Reader, ids: readonly string[]): Promise<Set<string>>;
  /** Deletes records and what hangs on them. @param ids one at least */
  remove(context: WriteContext, ids: readonly string[]): Promise<void>;
  /** What the journal keeps of a record that goes. */
  keptOf(state: State): Readonly<Record<string, unknown>>;
  /**
   * Puts back records and what hangs on them.
   * @param updated those that the batch changed
   * @param restorations these, and those of which it changed only what was last read
   */
  restore(
    context: WriteContext,
    updated: readonly Restoration<State, Image>[],
    restorations: readonly Restoration<State, Image>[],
  ): Promise<void>;
  setAnomalies(
    tx: Transaction,
    counts: readonly { readonly id: string; readonly anomalyCount: number }[],
  ): Promise<void>;
  writeBases(
    tx: Transaction,
    bases: readonly { readonly id: string; readonly record: NonNullable<Image['base']>; readonly batchId: string }[],
  ): Promise<void>;
}

/** Undoes some rows of a batch. @returns what became of each created and updated row */
export async function undoRecords<State extends UndoneState, Image extends UndoneImage>(
  kind: UndoneKind<State, Image>,
  context: WriteContext,
  rows: readonly UndoRow[],
): Promise<Map<number, UndoOutcome>> {
  const { removable, restorations, outcomes } = await planUndo<State, Image>(context, rows, kind.load);
  for (const row of await removeRecords(kind, context, removable)) outcomes.set(row, 'restored');
  await restoreRecords(kind, context, restorations);
  return outcomes;
}

/** @returns rows whose record went */
async function removeRecords<State extends UndoneState, Image extends UndoneImage>(
  kind: UndoneKind<State, Image>,
  context: WriteContext,
  candidates: UndoPlan<State, Image>['removable'],
): Promise<number[]> {
  if (candidates.length === 0) return [];
  const { tx, audit, actor, batchId } = context;
  const kept = await kind.findDependedUpon(
    tx,
    candidates.map(({ state }) => state.id),
  );
  const removed = candidates.filter(({ state }) => !kept.has(state.id));
  if (removed.length === 0) return [];
  const ids = removed.map(({ state }) => state.id);
  await leaveQueues(tx, kind.subjectType, ids);
  await kind.remove(context, ids);
  for (const { row, state } of removed)
    audit.record(tx, actor, {
      action: `${kind.subjectType}.removed`,
      subjectType: kind.subjectType,
      subjectId: state.id,
      detail: { batchId, row, ...kind.keptOf(state) },
    });
  return removed.map(({ row }) => row);
}

async function restoreRecords<State extends UndoneState, Image extends UndoneImage>(
  kind: UndoneKind<State, Image>,
  context: WriteContext,
  restorations: readonly Restoration<State, Image>[],
): Promise<void> {
  if (restorations.length === 0) return;
  const { tx, audit, actor, batchId } = context;
  const updated = restorations.filter(({ state, image }) => state.version !== image.version);
  await kind.restore(context, updated, restorations);
  await kind.setAnomalies(
    tx,
    restorations
      .filter(({ state, image }) => state.version === image.version)
      .map(({ state, image }) => ({ id: state.id, anomalyCount: image.anomalyCount })),
  );
  await restoreBases(kind, context, restorations);
  await unqueueConflicts(
    tx,
    restorations.map(({ image }) => image),
  );
  await keepEarlierBatchesReversible(tx, batchId, updated);
  for (const { row, state, image } of updated)
    audit.record(tx, actor, {
      action: `${kind.subjectType}.import_undone`,
      subjectType: kind.subjectType,
      subjectId: state.id,
      ...(kind.subjectType === 'student' ? { personId: state.id } : {}),
      changes: changesBack(state.record, image.record),
      detail: { batchId, row },
    });
}

async function restoreBases<State extends UndoneState, Image extends UndoneImage>(
  kind: UndoneKind<State, Image>,
  { tx, batchId }: WriteContext,
  restorations: readonly Restoration<State, Image>[],
): Promise<void> {
  const moved = restorations.filter(({ image }) => image.baseChanged);
  const none = moved.filter(({ image }) => image.base === null);
  if (none.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM ${Prisma.raw(`${kind.subjectType}_import_base`)} WHERE ${Prisma.raw(`${kind.subjectType}_id`)} IN (${Prisma.join(none.map(({ state }) => state.id))})`,
    );
  await kind.writeBases(
    tx,
    moved.flatMap(({ state, image: { base, baseBatchId } }) =>
      base ? [{ id: state.id, record: base, batchId: baseBatchId ?? batchId }] : [],
    ),
  );
}

/** Takes removed records out of the queues where people decide. */
async function leaveQueues(tx: Transaction, subjectType: 'student' | 'company', ids: readonly string[]): Promise<void> {
  const list = Prisma.join([...ids]);
  await tx.execute(
    Prisma.sql`DELETE FROM duplicate_candidate WHERE subject_type = ${subjectType} AND (first_id IN (${list}) OR second_id IN (${list}))`,
  );
  await tx.execute(
    Prisma.sql`DELETE FROM edit_conflict WHERE subject_type = ${subjectType} AND subject_id IN (${list})`,
  );
}

/**
 * The record is again what an earlier batch left, some versions later: that batch must not take the undoing of this one for an
 * edit.
 */
async function keepEarlierBatchesReversible(
  tx: Transaction,
  batchId: string,
  updated: readonly Restoration<UndoneState, UndoneImage>[],
): Promise<void> {
  for (const [steps, sameSteps] of groupBy(updated, ({ state, image }) => state.version + 1 - image.version))
    for (const [version, some] of groupBy(sameSteps, ({ image }) => image.version))
      await tx.execute(
        Prisma.sql`UPDATE import_row SET entity_version = ${version + steps} WHERE entity_id IN (${Prisma.join(some.map(({ state }) => state.id))}) AND batch_id <> ${batchId} AND entity_version = ${version}`,
      );
}

/** Field → [now, as it was], for the journal. */
function changesBack(now: object, before: object): FieldChanges {
  const values: Readonly<Record<string, unknown>> = { ...now };
  return Object.fromEntries(
    Object.entries(before)
      .filter(([field, value]) => values[field] !== value)
      .map(([field, value]) => [field, [values[field], value]]),
  );
}
