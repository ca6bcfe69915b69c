/** What undoing a batch does alike for persons and companies: which rows can go back, and what it means for earlier batches. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { groupBy } from '../../shared/grouping.ts';
import type { FieldChanges } from '../audit/index.ts';
import { loadImages } from './before-image.ts';
import type { WriteContext } from './write-context.ts';

/** What became of a row of a cancelled batch. */
export type UndoOutcome = 'restored' | 'left' | 'nothing';

/** A row to undo. */
export interface UndoRow {
  readonly row: number;
  readonly outcome: string;
  readonly entityId: string | null;
  readonly entityVersion: number | null;
}

interface UndoneState {
  readonly id: string;
  readonly version: number;
  readonly baseBatchId: string | null;
}

interface UndoneImage {
  readonly version: number;
  readonly baseChanged: boolean;
}

/** A record that nobody touched since the batch, and what it was before. */
export interface Restoration<State, Image> {
  readonly row: number;
  readonly state: State;
  readonly image: Image;
}

export interface UndoPlan<State, Image> {
  /** Records the batch created and nobody edited: they go, unless someone built on them. */
  readonly removable: readonly { readonly row: number; readonly state: State }[];
  readonly restorations: readonly Restoration<State, Image>[];
  /** By row; `left` for what is removable, until it is removed. */
  readonly outcomes: Map<number, UndoOutcome>;
}

/** Judges some rows of a batch. @param load the records by id, locked */
export async function planUndo<State extends UndoneState, Image extends UndoneImage>(
  { tx, vault, batchId }: WriteContext,
  rows: readonly UndoRow[],
  load: (reader: Reader, ids: readonly string[], options: { lock: boolean }) => Promise<Map<string, State>>,
): Promise<UndoPlan<State, Image>> {
  const touched = rows.filter(({ entityId }) => entityId !== null);
  const states = await load(tx, [...new Set(touched.flatMap(({ entityId }) => entityId ?? []))], { lock: true });
  const images = await loadImages<Image>(
    tx,
    vault,
    batchId,
    rows.map(({ row }) => row),
  );
  const outcomes = new Map<number, UndoOutcome>();
  const removable: { row: number; state: State }[] = [];
  const restorations: Restoration<State, Image>[] = [];
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
  return { removable, restorations, outcomes };
}

/** Takes removed records out of the queues where people decide. */
export async function leaveQueues(
  tx: Transaction,
  subjectType: 'student' | 'company',
  ids: readonly string[],
): Promise<void> {
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
export async function keepEarlierBatchesReversible(
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
export function changesBack<Fields extends object>(now: Fields, before: Fields): FieldChanges {
  const fields = Object.keys(before) as (keyof Fields & string)[];
  return Object.fromEntries(
    fields.filter((field) => now[field] !== before[field]).map((field) => [field, [now[field], before[field]]]),
  );
}
