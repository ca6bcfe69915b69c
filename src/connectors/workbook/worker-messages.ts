import type { FileErrorCode } from '../../shared/issue-codes.ts';
import type { SourceErrorDetails } from '../../shared/source-error.ts';
import type { ColumnSpec } from './table-reader.ts';
import type { WorkbookHeader } from './workbook-content.ts';

/** What a workbook may weigh. */
export interface WorkbookLimits {
  /** Of the file. */
  bytes: number;
  /** Data rows. */
  rows: number;
  /** To read the whole file. */
  seconds: number;
  /** Heap of the reading thread, and text of the rows it hands out. */
  memoryMegabytes: number;
}

export interface WorkerTask {
  path: string | null;
  bytes: Uint8Array | null;
  columns: readonly ColumnSpec[];
  limits: WorkbookLimits;
}

export type WorkerMessage =
  | { kind: 'read'; header: WorkbookHeader; fields: string[]; rowCount: number; batches: Uint8Array[] }
  | { kind: 'refused'; code: FileErrorCode; details: SourceErrorDetails };
