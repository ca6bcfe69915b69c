/** What it takes to undo a merge, sealed while it may be undone: values before and after, and the rows that moved. */
import { open, seal, type Keys } from '../../shared/encryption.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import type { ColumnValues } from './merge-fields.ts';

/** Rows of one table that went from the merged record to the survivor. */
export interface MovedRows {
  /** Name in `MOVABLE` (merge-rows.ts). */
  readonly what: string;
  readonly ids: readonly string[];
}

/** A row of the survivor that took what it lacked from its twin on the merged record. */
export interface FilledRow {
  readonly table: 'enrolment' | 'alumni_profile';
  readonly id: string;
  readonly before: ColumnValues;
  readonly after: ColumnValues;
}

export interface MergeImage {
  readonly version: 1;
  readonly subjectType: DuplicateSubject;
  /** Columns of the survivor that the merge changed. */
  readonly survivorBefore: ColumnValues;
  readonly survivorAfter: ColumnValues;
  /** Columns of the merged record that the merge changed, as they were. */
  readonly mergedBefore: ColumnValues;
  readonly moved: readonly MovedRows[];
  readonly filled: readonly FilledRow[];
  /** The social-security number went over. The number itself is not here. */
  readonly nirMoved: boolean;
  /** The base of the imports went over, in the place of the survivor's own if it had one. */
  readonly base: { readonly replaced: { readonly fields: string; readonly lastBatchId: string } | null } | null;
  /** Conflicts closed because what they were about is no longer imported into. */
  readonly closedConflicts: readonly string[];
  /** Pairs with the merged record that no longer waited. */
  readonly closedPairs: readonly string[];
  /** Refusals that now hold for the survivor. */
  readonly inheritedRefusals: readonly string[];
}

const context = (mergeId: string): string => `merge:${mergeId}`;

export function sealImage(keys: Keys, mergeId: string, image: MergeImage): Buffer<ArrayBuffer> {
  return seal(keys, JSON.stringify(image), context(mergeId));
}

/** @throws when the image is not this merge's, or its key is not in the ring */
export function openImage(keys: Keys, mergeId: string, sealed: Uint8Array): MergeImage {
  return JSON.parse(open(keys, sealed, context(mergeId)).toString('utf8')) as MergeImage;
}
