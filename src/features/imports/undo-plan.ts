/** Which rows of a batch can go back: those whose record nobody touched since. */
import type { Reader } from '../../db/client.ts';
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

/** What undoing asks of any record. */
export interface UndoneState {
  readonly id: string;
  readonly version: number;
  readonly record: object;
  readonly baseBatchId: string | null;
}

/** What undoing asks of any image. */
export interface UndoneImage {
  readonly version: number;
  readonly record: object;
  readonly anomalyCount: number;
  /** Values last read from the source; null when nothing had ever been read. */
  readonly base: object | null;
  readonly baseBatchId: string | null;
  readonly baseChanged: boolean;
  readonly addedConflicts: readonly string[];
  readonly settledConflicts: readonly string[];
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
