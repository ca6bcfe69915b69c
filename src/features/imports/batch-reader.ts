/** First phase of a batch: the source is read, judged and staged, and the batch is told clean, suspicious or refused. Nothing else is written. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { readGetentCompanies, type GetentReading } from '../../connectors/getent/index.ts';
import { fileSha256, WORKBOOK_LIMITS } from '../../connectors/workbook/index.ts';
import { Prisma } from '../../db/client.ts';
import { isDatabaseDown } from '../../db/errors.ts';
import { inBulkTransaction } from '../../db/bulk-transaction.ts';
import { SourceError } from '../../shared/source-error.ts';
import { countTotals } from './batch-figures.ts';
import { findSuspicions } from './batch-safety.ts';
import { findBatch, findLastApplied, updateBatch, type Batch, type ImportSource } from './batch-store.ts';
import { readCompanies } from './company-reading.ts';
import { autonomous, readingLease, type ImportEnvironment } from './import-environment.ts';
import { mailRefusedBatch, mailWaitingBatch } from './import-mail.ts';
import { readStudents } from './student-reading.ts';

/** Where the rows come from. */
export type ReadingInput =
  | { readonly source: 'students'; readonly path: string }
  | { readonly source: 'students'; readonly buffer: Uint8Array }
  /** `mysql://…` of GetEnt. */
  | { readonly source: 'companies'; readonly url: string }
  | { readonly source: 'companies'; readonly reading: GetentReading };

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Rows judged so far, and rows in all once they are known. */
  readonly onProgress?: ((rowsDone: number, rowCount: number) => void) | undefined;
}

/** Reading a heavy workbook gives no sign of life until it is read: its lease is longer. */
const READING_LEASE_SECONDS = 180;
/** Rows between two notes of the progress. */
const NOTE_EVERY = 1_000;

export function createBatchReader(environment: ImportEnvironment) {
  const { database, leases, settings, clock, outbox, publicAdminUrl, log } = environment;
  const writer = autonomous(database);
  /** Batches that this process reads: its own lease would let it in a second time. */
  const underWay = new Set<string>();

  /**
   * Reads a batch in state `reading`, from its first row; what an earlier reading had staged is forgotten.
   * @returns the batch: ready, needs_confirmation, refused or failed; still `reading` when another process reads it
   */
  async function read(batchId: string, input: ReadingInput, options: ReadOptions = {}): Promise<Batch> {
    if (underWay.has(batchId)) return present(batchId);
    underWay.add(batchId);
    try {
      return await readAlone(batchId, input, options);
    } finally {
      underWay.delete(batchId);
    }
  }

  async function readAlone(batchId: string, input: ReadingInput, options: ReadOptions): Promise<Batch> {
    if (!(await leases.take(readingLease(batchId), READING_LEASE_SECONDS))) return present(batchId);
    try {
      const batch = await present(batchId);
      if (batch.state !== 'reading') return batch;
      await forget(batchId);
      await readRows(batch, input, options);
      return await conclude(batch);
    } catch (error) {
      return await giveUp(batchId, error, options.signal);
    } finally {
      await leases
        .release(readingLease(batchId))
        .catch((error: unknown) => log.warn({ err: error }, 'lease not released'));
    }
  }

  async function present(batchId: string): Promise<Batch> {
    const batch = await findBatch(database, batchId);
    if (!batch) throw new Error(`No import batch ${batchId}`);
    return batch;
  }

  async function forget(batchId: string): Promise<void> {
    await writer.execute(Prisma.sql`DELETE FROM import_row WHERE batch_id = ${batchId}`);
    await writer.execute(Prisma.sql`DELETE FROM import_row_issue WHERE batch_id = ${batchId}`);
    await updateBatch(writer, batchId, { rowCount: 0, rowsDone: 0 }, { quietly: true });
  }

  async function readRows(batch: Batch, input: ReadingInput, { signal, onProgress }: ReadOptions): Promise<void> {
    let rowCount = 0;
    let noted = 0;
    const onRows = async (rowsDone: number): Promise<void> => {
      rowCount ||= (await present(batch.id)).rowCount;
      onProgress?.(rowsDone, rowCount);
      if (rowsDone - noted < NOTE_EVERY) return;
      noted = rowsDone;
      await leases.take(readingLease(batch.id), READING_LEASE_SECONDS);
      await updateBatch(writer, batch.id, { rowsDone }, { quietly: true });
    };
    if (input.source === 'students') {
      await refuseIfImported(batch, await sha256Of(input));
      await readStudents(environment, batch.id, input, { signal, onRows });
    } else {
      const { companies, sha256 } =
        'reading' in input ? input.reading : await readGetentCompanies({ url: input.url, signal });
      await refuseIfImported(batch, sha256);
      if (companies.length === 0) throw new SourceError('FILE_EMPTY');
      await readCompanies(environment, batch.id, companies, { signal, onRows });
    }
  }

  async function sha256Of(input: { path: string } | { buffer: Uint8Array }): Promise<string> {
    if ('buffer' in input) return createHash('sha256').update(input.buffer).digest('hex');
    return sha256OfFile(input.path);
  }

  /** @throws SourceError `ALREADY_IMPORTED`: the content is that of the last applied batch, and nobody forces it */
  async function refuseIfImported(batch: Batch, sha256: string): Promise<void> {
    await updateBatch(writer, batch.id, { fileSha256: sha256 }, { quietly: true });
    if (batch.forced) return;
    const last = await findLastApplied(database, batch.source);
    if (last?.fileSha256 === sha256) throw new SourceError('ALREADY_IMPORTED');
  }

  async function conclude(read: Batch): Promise<Batch> {
    const totals = await countTotals(database, read.id);
    const last = await findLastApplied(database, read.source);
    const suspicions = findSuspicions(
      { rows: totals.rows, rejected: totals.rejected, previousRows: last?.rowCount ?? null },
      await settings.get('importSafety'),
    );
    return inBulkTransaction(database, async (tx) => {
      await updateBatch(tx, read.id, {
        // A dry run of the command line is over once it is read: it waits for nobody.
        state: read.dryRun ? 'discarded' : suspicions.length > 0 ? 'needs_confirmation' : 'ready',
        totals,
        suspicions,
        rowCount: totals.rows,
        // Applying counts from the first row again.
        rowsDone: 0,
        readAt: clock.now(),
      });
      const batch = await findBatch(tx, read.id);
      if (!batch) throw new Error(`No import batch ${read.id}`);
      if (batch.origin === 'schedule' && batch.state === 'needs_confirmation')
        await mailWaitingBatch({ tx, outbox, publicAdminUrl }, batch);
      return batch;
    });
  }

  async function giveUp(batchId: string, error: unknown, signal: AbortSignal | undefined): Promise<Batch> {
    // A source that does not answer fails like a database that is away, and is no reason to read the batch again.
    const refused = error instanceof SourceError;
    // Our database is away, or the process stops: the batch is read again by whoever comes next.
    if (!refused && isDatabaseDown(error)) throw error;
    const batch = await present(batchId);
    if (signal?.aborted && batch.storedFile) return batch;
    if (!refused && !signal?.aborted) log.error({ err: error, batch: batchId }, 'import not read');
    const reason = signal?.aborted ? 'interrupted' : ((error as NodeJS.ErrnoException).code ?? 'error');
    return inBulkTransaction(database, async (tx) => {
      await tx.execute(Prisma.sql`DELETE FROM import_row WHERE batch_id = ${batchId}`);
      await updateBatch(tx, batchId, {
        state: refused ? 'refused' : 'failed',
        errorCode: refused ? error.code : null,
        errorDetail: refused ? { ...error.details } : { reason },
        readAt: clock.now(),
      });
      const after = await findBatch(tx, batchId);
      if (!after) throw new Error(`No import batch ${batchId}`);
      if (after.origin === 'schedule' && after.errorCode !== 'ALREADY_IMPORTED')
        await mailRefusedBatch({ tx, outbox, publicAdminUrl }, after);
      return after;
    });
  }

  return { read };
}

/** @throws SourceError when there is no such file, or it is too heavy to be worth the effort */
export async function sha256OfFile(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.size > WORKBOOK_LIMITS.bytes)
      throw new SourceError('FILE_TOO_LARGE', { limit: 'bytes', allowed: WORKBOOK_LIMITS.bytes });
    return await fileSha256(path);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(
      'FILE_UNREADABLE',
      { reason: (error as NodeJS.ErrnoException).code ?? 'read' },
      { cause: error },
    );
  }
}

/** What a source is called in lists, when it is no file. */
export function sourceName(source: ImportSource, path?: string): string {
  return source === 'companies' ? 'GetEnt' : (path?.split(/[\\/]/).pop() ?? '');
}
