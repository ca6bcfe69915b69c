import type { Actor } from './actor.ts';

/** What the journal says of an export. */
export interface ExportRecord {
  /** Name of the list: `students`. */
  readonly list: string;
  readonly format: 'csv' | 'xlsx';
  /** Query string the export answers. */
  readonly query: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Number of rows chosen by hand; null: all that match. */
  readonly selected: number | null;
}

/** Journals exports: called before the first row leaves, so that none leaves without it. */
export interface ExportJournal {
  recordExport(actor: Actor, record: ExportRecord): Promise<void>;
}
