/**
 * Second phase of a batch, and its undoing: rows in parts, one transaction a part, the position moving in the same transaction. Killed
 * at any point, whoever takes over goes on after the last part that was committed.
 * @see import rules §5
 */
import { inBulkTransaction } from '../../db/bulk-transaction.ts';
import { Prisma } from '../../db/client.ts';
import { isDatabaseDown } from '../../db/errors.ts';
import type { Transaction } from '../../db/transaction.ts';
import { LeaseLostError } from '../../jobs/leases.ts';
import { systemActor, type Actor } from '../../shared/actor.ts';
import { groupBy } from '../../shared/grouping.ts';
import { linkUnresolvedPositions } from '../companies/index.ts';
import { countTotals, flagMissing, noteMissing, restoreMissing } from './batch-figures.ts';
import { kindOf } from './batch-kind.ts';
import { findBatch, findLastApplied, lockProgress, updateBatch, type Batch } from './batch-store.ts';
import { autonomous, breathe, WRITING_LEASE, type ImportEnvironment } from './import-environment.ts';
import { isSamePlan, type PlannedRow } from './planned-row.ts';
import { findRowsAfter, restageRows, type StoredRow } from './row-store.ts';
import { isPlannable } from './student-source.ts';
import type { WriteContext } from './write-context.ts';

export interface WriteOptions {
  /** Stops after the part under way; the batch goes on another time. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((rowsDone: number, rowCount: number) => void) | undefined;
}

type AllOptions = WriteOptions & { readonly onBatch?: (batch: Batch) => void };

/** Someone else moved the batch: this process has nothing more to do with it. */
class BatchMovedError extends Error {}

export function createBatchWriter(environment: ImportEnvironment) {
  const { database, leases, audit, vault, clock, settings, log, leaseSeconds, chunkRows } = environment;

  /** Whoever decided acts; nobody did for the daily work. */
  async function actorFor(batch: Batch, userId: string | null): Promise<Actor> {
    const system = systemActor(`import ${batch.origin}`, batch.origin === 'cli' ? 'cli' : 'system');
    if (userId === null) return system;
    const [user] = await database.query<{ name: string }>(Prisma.sql`SELECT name FROM staff_user WHERE id = ${userId}`);
    return user ? { ...system, type: 'user', id: userId, name: user.name } : system;
  }

  async function contextFor(batch: Batch, userId: string | null): Promise<Omit<WriteContext, 'tx' | 'now'>> {
    const { prefix } = await settings.get('studentNumbers');
    return { audit, vault, batchId: batch.id, actor: await actorFor(batch, userId), numberPrefix: prefix };
  }

  /** One part: proves the lease, checks that nobody else moved the batch, works, moves the position. */
  function inPart<Result>(
    batch: Batch,
    state: 'applying' | 'cancelling',
    position: number,
    work: (tx: Transaction) => Promise<Result>,
    { foreignKeyChecks }: { foreignKeyChecks: boolean },
  ): Promise<Result> {
    return inBulkTransaction(
      database,
      async (tx) => {
        await leases.fence(tx, WRITING_LEASE, leaseSeconds);
        const progress = await lockProgress(tx, batch.id);
        if (progress?.state !== state || progress.position !== position) throw new BatchMovedError();
        return work(tx);
      },
      { foreignKeyChecks },
    );
  }

  const moveTo = (tx: Transaction, batchId: string, rows: readonly StoredRow[]): Promise<number> =>
    tx.execute(
      Prisma.sql`UPDATE import_batch SET position = ${rows.at(-1)?.row ?? 0}, rows_done = rows_done + ${rows.length} WHERE id = ${batchId}`,
    );

  /** Goes through the rows of a batch after its position, the next part being fetched and prepared while one is written. */
  async function walk<Part>(
    batch: Batch,
    { signal, onProgress }: WriteOptions,
    prepare: (rows: readonly StoredRow[]) => Part,
    work: (part: Part, rows: readonly StoredRow[], position: number) => Promise<void>,
  ): Promise<boolean> {
    const fetchAfter = async (row: number) => {
      const rows = await findRowsAfter(database, batch.id, row, chunkRows);
      return { rows, part: prepare(rows) };
    };
    let { position, rowsDone } = batch;
    let fetched = fetchAfter(position);
    for (;;) {
      const { rows, part } = await fetched;
      if (rows.length === 0) return true;
      if (signal?.aborted) return false;
      const last = rows.at(-1)?.row ?? position;
      fetched = fetchAfter(last);
      fetched.catch(() => undefined);
      await work(part, rows, position);
      position = last;
      rowsDone += rows.length;
      onProgress?.(rowsDone, batch.rowCount);
      await breathe();
    }
  }

  async function apply(batch: Batch, options: WriteOptions): Promise<void> {
    if (batch.applyStartedAt === null)
      await updateBatch(autonomous(database), batch.id, { applyStartedAt: clock.now() }, { quietly: true });
    const context = await contextFor(batch, batch.confirmedById ?? batch.startedById);
    const kind = await kindOf(batch.source).prepare(database, vault, batch.id);
    const prepare = (rows: readonly StoredRow[]) => {
      const plannable = rows.filter(isPlannable);
      return { plannable, opened: kind.open(plannable) };
    };
    const finished = await walk(batch, options, prepare, ({ plannable, opened }, rows, position) =>
      inPart(
        batch,
        'applying',
        position,
        async (tx) => {
          const { plans, write } = await opened.plan(tx);
          await write({ ...context, tx, now: clock.now() });
          await restageRows(tx, batch.id, changedPlans(plannable, plans));
          await moveTo(tx, batch.id, rows);
        },
        { foreignKeyChecks: false },
      ),
    );
    if (finished) await finishApply(batch.id, kind, context.actor);
  }

  async function finishApply(
    batchId: string,
    kind: Awaited<ReturnType<ReturnType<typeof kindOf>['prepare']>>,
    actor: Actor,
  ): Promise<void> {
    const batch = await findBatch(database, batchId);
    if (!batch) return;
    await inPart(
      batch,
      'applying',
      batch.position,
      async (tx) => {
        const now = clock.now();
        await linkUnresolvedPositions(tx);
        await noteMissing(tx, batch.source, batchId);
        await flagMissing(tx, batch.source, batchId, now);
        await kind.finish(tx, batch);
        const totals = await countTotals(tx, batchId);
        await updateBatch(tx, batchId, {
          state: 'applied',
          totals,
          appliedAt: now,
          errorCode: null,
          errorDetail: null,
        });
        // Other readings of the same content, still waiting, have nothing more to say.
        await tx.execute(
          Prisma.sql`UPDATE import_batch SET state = 'discarded', version = version + 1 WHERE source = ${batch.source} AND state IN ('ready', 'needs_confirmation') AND file_sha256 = ${batch.fileSha256} AND id <> ${batchId}`,
        );
        const { rows, created, updated, unchanged, duplicate, rejected, missing } = totals;
        audit.record(tx, actor, {
          action: 'import.applied',
          subjectType: 'import',
          subjectId: batchId,
          detail: { source: batch.source, rows, created, updated, unchanged, duplicate, rejected, missing },
        });
      },
      { foreignKeyChecks: true },
    );
  }

  async function undo(batch: Batch, options: WriteOptions): Promise<void> {
    const context = await contextFor(batch, batch.cancelledById);
    const kind = kindOf(batch.source);
    // An undoing that failed half-way and is asked for again finds rows that it has restored: they say nothing new.
    const notRestored = (rows: readonly StoredRow[]) => rows.filter(({ undoOutcome }) => undoOutcome !== 'restored');
    const finished = await walk(batch, options, notRestored, (left, rows, position) =>
      inPart(
        batch,
        'cancelling',
        position,
        async (tx) => {
          const outcomes = await kind.undo({ ...context, tx, now: clock.now() }, left);
          for (const [outcome, some] of groupBy(outcomes, ([, result]) => result))
            await tx.execute(
              Prisma.sql`UPDATE import_row SET undo_outcome = ${outcome} WHERE batch_id = ${batch.id} AND \`row_number\` IN (${Prisma.join(some.map(([row]) => row))})`,
            );
          await moveTo(tx, batch.id, rows);
        },
        { foreignKeyChecks: true },
      ),
    );
    if (finished) await finishUndo(batch.id, context.actor);
  }

  async function finishUndo(batchId: string, actor: Actor): Promise<void> {
    const batch = await findBatch(database, batchId);
    if (!batch) return;
    await inPart(
      batch,
      'cancelling',
      batch.position,
      async (tx) => {
        // Flags of a later batch say more than those of this one.
        const later = await findLastApplied(tx, batch.source);
        if (!later?.appliedAt || (batch.appliedAt && later.appliedAt < batch.appliedAt))
          await restoreMissing(tx, batch.source, batchId);
        await kindOf(batch.source).finishUndo(tx, batch);
        const counts = await tx.query<{ outcome: string; count: number | bigint }>(
          Prisma.sql`SELECT undo_outcome AS outcome, COUNT(*) AS count FROM import_row WHERE batch_id = ${batchId} AND undo_outcome IS NOT NULL GROUP BY undo_outcome`,
        );
        await updateBatch(tx, batchId, {
          state: 'cancelled',
          cancelledAt: clock.now(),
          errorCode: null,
          errorDetail: null,
        });
        audit.record(tx, actor, {
          action: 'import.cancelled',
          subjectType: 'import',
          subjectId: batchId,
          detail: Object.fromEntries(counts.map(({ outcome, count }) => [outcome, Number(count)])),
        });
      },
      { foreignKeyChecks: true },
    );
  }

  /** Applies or undoes one batch, as its state says; the caller holds the lease. */
  async function work(batch: Batch, options: WriteOptions = {}): Promise<void> {
    try {
      await (batch.state === 'cancelling' ? undo(batch, options) : apply(batch, options));
    } catch (error) {
      if (error instanceof BatchMovedError) return;
      // Whoever comes next goes on: the database is away, or another process took over.
      if (error instanceof LeaseLostError || isDatabaseDown(error)) throw error;
      log.error({ err: error, batch: batch.id }, 'import stopped');
      await updateBatch(autonomous(database), batch.id, {
        state: 'failed',
        errorDetail: { reason: reasonOf(error), during: batch.state },
      });
    }
  }

  /** The lease keeps other processes out; within this one, callers wait for each other. */
  let turn: Promise<unknown> = Promise.resolve();

  /**
   * Applies and undoes what waits for it, oldest first, unless another process is at it.
   * @returns false when another process holds the lease
   */
  function workAll(options: AllOptions = {}): Promise<boolean> {
    const mine = turn.then(
      () => workInTurn(options),
      () => workInTurn(options),
    );
    turn = mine;
    return mine;
  }

  async function workInTurn(options: AllOptions): Promise<boolean> {
    if (!(await leases.take(WRITING_LEASE, leaseSeconds))) return false;
    try {
      for (;;) {
        if (options.signal?.aborted) return true;
        const batch = await nextToWrite();
        if (!batch) return true;
        options.onBatch?.(batch);
        await leases.take(WRITING_LEASE, leaseSeconds);
        await work(batch, options);
      }
    } catch (error) {
      if (error instanceof LeaseLostError) return false;
      throw error;
    } finally {
      await leases.release(WRITING_LEASE).catch((error: unknown) => log.warn({ err: error }, 'lease not released'));
    }
  }

  async function nextToWrite(): Promise<Batch | null> {
    const [row] = await database.query<{ id: string }>(
      Prisma.sql`SELECT id FROM import_batch WHERE state IN ('applying', 'cancelling') AND source IN ('students', 'companies') ORDER BY confirmed_at, created_at, id LIMIT 1`,
    );
    return row ? findBatch(database, row.id) : null;
  }

  return { workAll };
}

function changedPlans(rows: readonly StoredRow[], plans: readonly PlannedRow[]): PlannedRow[] {
  return plans.filter((plan, index) => {
    const row = rows[index];
    return row === undefined || !isSamePlan(row, plan);
  });
}

/** What an operator reads: a word of the driver or of the system, never a value. */
function reasonOf(error: unknown): string {
  const { code, errno, name } = error as { code?: string | number; errno?: number; name?: string };
  return String(code ?? errno ?? name ?? 'error').slice(0, 60);
}
