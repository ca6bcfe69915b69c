/** Runs batches: reads what waits to be read, applies and undoes what was decided, in this process or after another one that died. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GetentReading } from '../../connectors/getent/index.ts';
import { Prisma } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { newId } from '../../shared/ids.ts';
import { SourceError } from '../../shared/source-error.ts';
import { createBatchReader, sha256OfFile, sourceName, type ReadingInput } from './batch-reader.ts';
import {
  findBatch,
  findBatches,
  insertBatch,
  updateBatch,
  type Batch,
  type BatchOrigin,
  type ImportSource,
} from './batch-store.ts';
import { createBatchWriter } from './batch-writer.ts';
import { autonomous, readingLease, type ImportEnvironment } from './import-environment.ts';
import { openStoredFile } from './stored-file.ts';

/** What a run is told as it goes. */
export interface RunProgress {
  readonly phase: 'reading' | 'applying';
  readonly rowsDone: number;
  /** 0 while unknown. */
  readonly rowCount: number;
}

export interface RunOptions {
  readonly origin: BatchOrigin;
  readonly from:
    | { readonly source: 'students'; readonly path: string; readonly fileName?: string }
    | { readonly source: 'companies'; readonly url: string }
    | { readonly source: 'companies'; readonly reading: GetentReading };
  /** Reads a content again that is that of the last applied batch. */
  readonly force?: boolean;
  /** Reads and reports only. */
  readonly dryRun?: boolean;
  /** Applies a suspicious batch too. */
  readonly confirm?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** A batch in state reading that nobody reads and nobody can read again is given up after this time. */
const ABANDONED_AFTER_MINUTES = 10;
/** Milliseconds between two looks at a batch that another process applies. */
const LOOK_EVERY = 250;

export type ImportEngine = ReturnType<typeof createImportEngine>;

export function createImportEngine(environment: ImportEnvironment) {
  const { database, vault, leases, clock, dataDir, log } = environment;
  const reader = createBatchReader(environment);
  const writer = createBatchWriter(environment);
  const statements = autonomous(database);
  const stopping = new AbortController();
  let listener: (() => void) | null = null;
  let working: Promise<void> | null = null;
  let again = false;

  async function present(id: string): Promise<Batch> {
    const batch = await findBatch(database, id);
    if (!batch) throw new Error(`No import batch ${id}`);
    return batch;
  }

  /** Decides to apply a batch that was read. @returns false when it moved meanwhile */
  async function startApplying(actor: Actor, batch: Batch): Promise<boolean> {
    return updateBatch(
      statements,
      batch.id,
      { state: 'applying', confirmedById: actor.id, confirmedAt: clock.now() },
      { condition: Prisma.sql`state = ${batch.state} AND version = ${batch.version}` },
    );
  }

  /** Applies a batch, or waits for the process that does. */
  async function follow(id: string, { signal, onProgress }: Pick<RunOptions, 'signal' | 'onProgress'>): Promise<Batch> {
    for (;;) {
      const batch = await present(id);
      if (batch.state !== 'applying' || signal?.aborted) return batch;
      onProgress?.({ phase: 'applying', rowsDone: batch.rowsDone, rowCount: batch.rowCount });
      let working = '';
      const held = await writer.workAll({
        signal,
        onBatch: (next) => (working = next.id),
        onProgress: (rowsDone, rowCount) => {
          if (working === id) onProgress?.({ phase: 'applying', rowsDone, rowCount });
        },
      });
      if (!held) await sleep(LOOK_EVERY);
    }
  }

  /** A run of the same content that was killed while it applied: it goes on rather than begin again. */
  async function findInterrupted(from: RunOptions['from']): Promise<Batch | null> {
    const sha256 = await contentOf(from);
    if (sha256 === null) return null;
    const [batch] = await findBatches(
      database,
      Prisma.sql`b.source = ${from.source} AND b.state = 'applying' AND b.file_sha256 = ${sha256} ORDER BY b.id DESC LIMIT 1`,
    );
    return batch ?? null;
  }

  async function contentOf(from: RunOptions['from']): Promise<string | null> {
    if (from.source === 'companies') return 'reading' in from ? from.reading.sha256 : null;
    try {
      return await sha256OfFile(from.path);
    } catch (error) {
      // The reading says what is wrong with the file, in a batch.
      if (error instanceof SourceError) return null;
      throw error;
    }
  }

  /**
   * Reads a source and, when it is clean or confirmed, applies it: what the command line and the daily work do.
   * @returns the batch as it stands at the end: applied, needs_confirmation, refused, failed, or discarded after a dry run
   */
  async function run(actor: Actor, options: RunOptions): Promise<Batch> {
    const { from, origin, signal, onProgress } = options;
    const interrupted = options.dryRun ? null : await findInterrupted(from);
    if (interrupted) return follow(interrupted.id, options);
    const id = newId();
    await insertBatch(statements, {
      id,
      source: from.source,
      state: 'reading',
      origin,
      fileName: 'path' in from ? (from.fileName ?? sourceName('students', from.path)) : sourceName('companies'),
      forced: options.force ?? false,
      dryRun: options.dryRun ?? false,
      startedById: actor.id,
    });
    const batch = await reader.read(id, from, {
      signal,
      onProgress: (rowsDone, rowCount) => onProgress?.({ phase: 'reading', rowsDone, rowCount }),
    });
    const clean = batch.state === 'ready' || (batch.state === 'needs_confirmation' && options.confirm === true);
    if (!clean || signal?.aborted) return batch;
    await startApplying(actor, batch);
    return follow(id, options);
  }

  /** Batches that pages asked to be read, and those whose reader died. */
  async function readPending(signal?: AbortSignal): Promise<void> {
    const waiting = await findBatches(
      database,
      Prisma.sql`b.state = 'reading' AND b.source IN ('students', 'companies') ORDER BY b.id`,
    );
    for (const batch of waiting) {
      if (signal?.aborted) return;
      if (await leases.isHeld(readingLease(batch.id))) continue;
      const input = await inputOf(batch);
      if (input) await reader.read(batch.id, input, { signal });
      else await giveUpAbandoned(batch);
    }
  }

  async function inputOf(batch: Batch): Promise<ReadingInput | null> {
    if (batch.source === 'companies')
      return batch.origin === 'page' && environment.getentUrl
        ? { source: 'companies', url: environment.getentUrl }
        : null;
    if (batch.storedFile === null) return null;
    try {
      return { source: 'students', buffer: await openStoredFile(vault, dataDir, batch.id, batch.storedFile) };
    } catch (error) {
      log.error({ err: error, batch: batch.id }, 'stored file not readable');
      await updateBatch(statements, batch.id, { state: 'failed', errorDetail: { reason: 'stored file' } });
      return null;
    }
  }

  async function giveUpAbandoned(batch: Batch): Promise<void> {
    await updateBatch(
      statements,
      batch.id,
      { state: 'failed', errorDetail: { reason: 'interrupted' } },
      {
        condition: Prisma.sql`state = 'reading' AND created_at < NOW(3) - INTERVAL ${ABANDONED_AFTER_MINUTES} MINUTE`,
      },
    );
  }

  /** Does everything that waits, oldest first; what another process is at is left to it. */
  async function work(signal?: AbortSignal): Promise<void> {
    await readPending(signal);
    await writer.workAll({ signal });
  }

  /** Does what waits, when something does: one read when nothing does. */
  async function workIfAny(signal?: AbortSignal): Promise<void> {
    const [any] = await database.query(
      Prisma.sql`SELECT 1 FROM import_batch WHERE state IN ('reading', 'applying', 'cancelling') LIMIT 1`,
    );
    if (any) await work(signal);
  }

  async function workUntilDone(): Promise<void> {
    do {
      again = false;
      await work(stopping.signal);
    } while (again && !stopping.signal.aborted);
  }

  return {
    run,
    work,
    workIfAny,

    /** Called by the worker of this process: told as soon as something waits. */
    onWork(told: () => void): void {
      listener = told;
    },

    /** Something waits: tells the worker of this process, or works here when it has not started. */
    wake(): void {
      if (listener) listener();
      else if (working) again = true;
      else if (environment.worksHere && !stopping.signal.aborted)
        working = workUntilDone()
          .catch((error: unknown) => log.warn({ err: error }, 'imports left for later'))
          .finally(() => {
            working = null;
          });
    },

    /** Waits for the part under way; the rest is for another time. */
    async stop(): Promise<void> {
      stopping.abort();
      await working;
    },
  };
}

/** The latest batch of a source that says something of its content: what the daily work compares with. */
export async function findLatestContent(
  environment: Pick<ImportEnvironment, 'database'>,
  source: ImportSource,
): Promise<Batch | null> {
  const [batch] = await findBatches(
    environment.database,
    Prisma.sql`b.source = ${source} AND b.file_sha256 IS NOT NULL AND b.state <> 'failed' AND b.dry_run = FALSE ORDER BY b.id DESC LIMIT 1`,
  );
  return batch ?? null;
}
