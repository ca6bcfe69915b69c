import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SourceError } from '../../shared/source-error.ts';
import type { CellError, CellValue } from './cells.ts';
import type { TableRow } from './table-reader.ts';
import type { WorkbookHeader } from './workbook-content.ts';
import { startWorkbookWorker } from './worker-location.ts';
import type { WorkbookLimits, WorkerMessage, WorkerTask } from './worker-messages.ts';
import type { ColumnSpec } from './table-reader.ts';

export { isCellError, isCellErrorWord, type CellError, type CellValue } from './cells.ts';
export type { ColumnSpec, SheetColumn } from './table-reader.ts';
export type { WorkbookFormat } from './workbook-content.ts';
export type { WorkbookLimits } from './worker-messages.ts';

/** Limits of a workbook unless the caller says otherwise. */
export const WORKBOOK_LIMITS: Readonly<WorkbookLimits> = {
  bytes: 50 * 1024 * 1024,
  rows: 200_000,
  seconds: 120,
  memoryMegabytes: 384,
};

export interface ReadWorkbookOptions {
  /** Absolute path of the file; or else `buffer`. */
  path?: string;
  /** The whole file; it is copied. */
  buffer?: Uint8Array;
  /** The columns to recognise. */
  columns: readonly ColumnSpec[];
  limits?: Partial<WorkbookLimits>;
  /** Stops the reading; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal;
}

/** One data row. */
export interface WorkbookRow {
  /** Row number that a spreadsheet shows, from 1 (for a CSV, of the record). */
  row: number;
  /** By field; a field is absent where its cell is empty or its column is not there. Text is as stored, white space untouched. */
  cells: Record<string, CellValue>;
}

export interface WorkbookReading extends WorkbookHeader {
  /** Data rows, without empty rows and repeated headers. */
  rowCount: number;
  /** The rows in the order of the sheet, a thousand at a time; may be gone through several times. */
  rows: AsyncIterable<WorkbookRow[]>;
}

/**
 * Reads the table of a workbook (`.xls` BIFF5/8, `.xlsx`, `.xlsm`, `.csv`; the content decides, not the name) in a thread of its
 * own, under limits. It resolves once the whole file has been read, so that nothing of a file that breaks off is ever used.
 * @throws SourceError `FILE_UNREADABLE`, `FILE_ENCRYPTED`, `FILE_EMPTY`, `FILE_TOO_LARGE` or `COLUMN_MISSING`
 * @see import rules §1
 */
export async function readWorkbook(options: ReadWorkbookOptions): Promise<WorkbookReading> {
  const limits = { ...WORKBOOK_LIMITS, ...options.limits };
  options.signal?.throwIfAborted();
  const size = options.path === undefined ? (options.buffer?.byteLength ?? 0) : await fileSize(options.path);
  if (size > limits.bytes) throw new SourceError('FILE_TOO_LARGE', { limit: 'bytes', allowed: limits.bytes });

  const { header, fields, rowCount, batches } = await runWorker(
    { path: options.path ?? null, bytes: options.buffer ?? null, columns: options.columns, limits },
    options.signal,
  );
  return { ...header, rowCount, rows: { [Symbol.asyncIterator]: () => unpackRows(batches, fields) } };
}

async function fileSize(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new SourceError('FILE_UNREADABLE', { reason: 'not a file' });
    return found.size;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(
      'FILE_UNREADABLE',
      { reason: (error as NodeJS.ErrnoException).code ?? 'stat' },
      { cause: error },
    );
  }
}

function runWorker(task: WorkerTask, signal?: AbortSignal): Promise<Extract<WorkerMessage, { kind: 'read' }>> {
  const { limits } = task;
  return new Promise((resolve, reject) => {
    const worker = startWorkbookWorker({
      workerData: task,
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMegabytes },
    });
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      void worker.terminate();
      finish();
    };
    const fail = (error: unknown): void =>
      settle(() => reject(error instanceof Error ? error : new Error(String(error))));
    const abort = (): void => fail(signal?.reason);
    const timer = setTimeout(
      () => fail(new SourceError('FILE_TOO_LARGE', { limit: 'seconds', allowed: limits.seconds })),
      limits.seconds * 1000,
    );
    signal?.addEventListener('abort', abort, { once: true });
    worker.once('message', (message: WorkerMessage) => {
      if (message.kind === 'read') settle(() => resolve(message));
      else fail(new SourceError(message.code, message.details));
    });
    worker.once('error', (error: NodeJS.ErrnoException) => {
      const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      fail(
        outOfMemory ? new SourceError('FILE_TOO_LARGE', { limit: 'memory', allowed: limits.memoryMegabytes }) : error,
      );
    });
    worker.once('exit', (code) => fail(new Error(`The reading thread ended with ${code} before it answered`)));
  });
}

async function* unpackRows(batches: Uint8Array[], fields: string[]): AsyncGenerator<WorkbookRow[]> {
  const decoder = new TextDecoder();
  for (const batch of batches) {
    const rows = JSON.parse(decoder.decode(batch)) as TableRow[];
    yield rows.map((values) => toRow(values, fields));
    // Lets requests in between two batches: decoding never holds the thread for more than a few milliseconds.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function toRow([row, ...values]: TableRow, fields: string[]): WorkbookRow {
  const cells: Record<string, string | CellError> = {};
  values.forEach((value, index) => {
    const field = fields[index];
    if (value !== null && field !== undefined) cells[field] = value;
  });
  return { row, cells };
}

/**
 * SHA-256 of a file, as 64 hexadecimal digits.
 * @throws Error of the file system when it cannot be read
 */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
