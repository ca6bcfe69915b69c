import { readFile } from 'node:fs/promises';
import { parentPort, workerData, type TransferListItem } from 'node:worker_threads';
import { SourceError } from '../../shared/source-error.ts';
import { TableReader, type TableRow } from './table-reader.ts';
import { readWorkbookContent } from './workbook-content.ts';
import type { WorkerMessage, WorkerTask } from './worker-messages.ts';

/**
 * The thread in which workbooks are read: a hostile file can exhaust this thread, not the server. It reads the whole file before
 * anything is handed out, so that a file which breaks off at its last row is refused, and packs the rows in buffers that change
 * owner without being copied.
 */

/** Rows in one buffer, and characters of a buffer that is full before that. */
const ROWS_IN_A_BATCH = 1000;
const CHARACTERS_IN_A_BATCH = 2_000_000;

async function run(task: WorkerTask): Promise<void> {
  const bytes = task.path === null ? Buffer.from(task.bytes ?? new Uint8Array()) : await readFile(task.path);
  if (bytes.length > task.limits.bytes)
    throw new SourceError('FILE_TOO_LARGE', { limit: 'bytes', allowed: task.limits.bytes });

  const batches: Uint8Array[] = [];
  let pending: TableRow[] = [];
  let pendingCharacters = 0;
  let rowCount = 0;
  let packedBytes = 0;
  const pack = (): void => {
    if (pending.length === 0) return;
    // A Buffer of its own memory, not of the shared pool: the pool cannot be transferred.
    const encoded = new TextEncoder().encode(JSON.stringify(pending));
    packedBytes += encoded.length;
    if (packedBytes > task.limits.memoryMegabytes * 1024 * 1024) {
      throw new SourceError('FILE_TOO_LARGE', { limit: 'memory', allowed: task.limits.memoryMegabytes });
    }
    batches.push(encoded);
    pending = [];
    pendingCharacters = 0;
  };
  const memory = task.limits.memoryMegabytes;
  const header = await readWorkbookContent(bytes, { columns: task.columns, memoryMegabytes: memory }, (rows) => {
    rowCount += rows.length;
    if (rowCount > task.limits.rows)
      throw new SourceError('FILE_TOO_LARGE', { limit: 'rows', allowed: task.limits.rows });
    for (const row of rows) {
      pending.push(row);
      for (const value of row) pendingCharacters += typeof value === 'string' ? value.length : 8;
      if (pending.length >= ROWS_IN_A_BATCH || pendingCharacters >= CHARACTERS_IN_A_BATCH) pack();
    }
  });
  pack();
  const { fields } = new TableReader(task.columns);
  send(
    { kind: 'read', header, fields, rowCount, batches },
    batches.map((batch) => batch.buffer as ArrayBuffer),
  );
}

function send(message: WorkerMessage, transfer: TransferListItem[] = []): void {
  parentPort?.postMessage(message, transfer);
}

try {
  await run(workerData as WorkerTask);
} catch (error) {
  if (error instanceof SourceError) {
    send({ kind: 'refused', code: error.code, details: error.details });
  } else {
    // Whatever a parser stumbles over in a damaged file: the reader cannot read it.
    send({
      kind: 'refused',
      code: 'FILE_UNREADABLE',
      details: { reason: error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : 'unknown' },
    });
  }
}
