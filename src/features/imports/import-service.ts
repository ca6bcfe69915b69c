/** The imports as pages, the command line and jobs use them: who may do what, and what is refused. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inBulkTransaction } from '../../db/bulk-transaction.ts';
import { Prisma } from '../../db/client.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { isId, newId } from '../../shared/ids.ts';
import { wholeList } from '../../shared/whole-list.ts';
import {
  findBatchDetail,
  findProgress,
  listBatches,
  listMissing,
  mayDecide,
  mayReadRows,
  undoableUntil,
} from './batch-queries.ts';
import { sourceName } from './batch-reader.ts';
import { findBatch, insertBatch, stoppedDuring, updateBatch, type Batch, type ImportSource } from './batch-store.ts';
import { createDailyImport } from './daily-import.ts';
import { createEditConflictService } from './edit-conflict-service.ts';
import { createImportEngine } from './import-engine.ts';
import { autonomous, type ImportEnvironment } from './import-environment.ts';
import { purgeImports } from './import-retention.ts';
import type { BatchDetail, ImportScreens } from './import-screens.ts';
import { jsonReport } from './json-report.ts';
import { verdictOf } from './report-verdict.ts';
import { createRowCorrection } from './row-correction.ts';
import { findRowDetail, listRows } from './row-queries.ts';
import { storeFile } from './stored-file.ts';
import { writeWorkbookReport } from './workbook-report.ts';

/** Batches read together for a file. */
const FILE_CHUNK = 500;

export type ImportService = ReturnType<typeof createImportService>;

export function createImportService(environment: ImportEnvironment) {
  const { database, settings, clock, vault, audit, dataDir, log } = environment;
  const engine = createImportEngine(environment);
  const conflicts = createEditConflictService(environment);
  const correctRow = createRowCorrection(environment);
  const statements = autonomous(database);

  function require(allowed: boolean): void {
    if (!allowed) throw new ForbiddenError();
  }

  /** @throws NotFoundError */
  async function present(id: string): Promise<Batch> {
    const batch = isId(id) ? await findBatch(database, id) : null;
    if (!batch) throw new NotFoundError();
    return batch;
  }

  async function readable(actor: Actor, id: string): Promise<Batch> {
    const batch = await present(id);
    require(mayReadRows(actor, batch.source));
    return batch;
  }

  async function decidable(actor: Actor, id: string): Promise<Batch> {
    const batch = await present(id);
    require(mayDecide(actor, batch.source));
    return batch;
  }

  async function detail(actor: Actor, id: string): Promise<BatchDetail> {
    require(hasPermission(actor, 'imports.read'));
    const { days } = await settings.get('undo');
    const found = isId(id) ? await findBatchDetail(database, actor, id, { undoDays: days, now: clock.now() }) : null;
    if (!found) throw new NotFoundError();
    return found;
  }

  /** Moves a batch by a person's decision and journals it. @throws ConflictError when it moved meanwhile */
  async function decide(
    actor: Actor,
    { id, version }: { readonly id: string; readonly version: number },
    action: 'import.confirmed' | 'import.discarded' | 'import.undo_started',
    change: Partial<Batch>,
    condition: Prisma.Sql,
  ): Promise<void> {
    const moved = await inBulkTransaction(database, async (tx) => {
      const done = await updateBatch(tx, id, change, { condition: Prisma.sql`version = ${version} AND ${condition}` });
      if (done) audit.record(tx, actor, { action, subjectType: 'import', subjectId: id });
      return done;
    });
    if (!moved) throw new ConflictError(await detail(actor, id));
    engine.wake();
  }

  async function start(actor: Actor, source: ImportSource, fileName: string, force: boolean): Promise<string> {
    const id = newId();
    await insertBatch(statements, {
      id,
      source,
      state: 'reading',
      origin: 'page',
      fileName,
      forced: force,
      startedById: actor.id,
    });
    return id;
  }

  const screens: ImportScreens = {
    list(actor, filters) {
      require(hasPermission(actor, 'imports.read'));
      return listBatches(database, filters);
    },

    everything(actor, filters) {
      require(hasPermission(actor, 'imports.read'));
      return wholeList((after) => listBatches(database, { ...filters, after, before: null }, FILE_CHUNK));
    },

    async startFromUpload(actor, { path, fileName, force }) {
      require(mayDecide(actor, 'students'));
      const id = await start(actor, 'students', fileName, force);
      try {
        await updateBatch(statements, id, { storedFile: await storeFile(vault, dataDir, id, path) }, { quietly: true });
      } catch (error) {
        log.error({ err: error, batch: id }, 'uploaded file not stored');
        const reason = (error as NodeJS.ErrnoException).code ?? 'error';
        await updateBatch(statements, id, { state: 'failed', errorDetail: { reason } });
      }
      engine.wake();
      return { id };
    },

    async startFromGetent(actor, { force }) {
      require(mayDecide(actor, 'companies'));
      if (!environment.getentUrl) throw new RuleViolation('GETENT_NOT_SET', 'import-report.errors.getent_not_set');
      const id = await start(actor, 'companies', sourceName('companies'), force);
      engine.wake();
      return { id };
    },

    get: detail,
    progress: (id) => findProgress(database, id),

    async rows(actor, { id, ...filters }) {
      return listRows(database, actor, vault, await readable(actor, id), filters);
    },

    async row(actor, id, rowNumber) {
      const found = await findRowDetail(database, actor, vault, await readable(actor, id), rowNumber);
      if (!found) throw new NotFoundError();
      return found;
    },

    async missing(actor, { id, ...place }) {
      return listMissing(database, actor, await readable(actor, id), place);
    },

    async confirm(actor, input) {
      const batch = await decidable(actor, input.id);
      const isOpen = ['ready', 'needs_confirmation'].includes(batch.state) || stoppedDuring(batch) === 'applying';
      await decide(
        actor,
        input,
        'import.confirmed',
        { state: 'applying', confirmedById: actor.id, confirmedAt: clock.now() },
        isOpen ? Prisma.sql`state = ${batch.state}` : Prisma.sql`FALSE`,
      );
    },

    async discard(actor, input) {
      await decidable(actor, input.id);
      await decide(
        actor,
        input,
        'import.discarded',
        { state: 'discarded' },
        Prisma.sql`state IN ('ready', 'needs_confirmation')`,
      );
    },

    async cancel(actor, input) {
      const batch = await decidable(actor, input.id);
      const { days } = await settings.get('undo');
      if (!undoableUntil(batch, days, clock.now()))
        throw batch.version === input.version
          ? new RuleViolation('UNDO_TOO_LATE', 'import-report.errors.undo_too_late', { status: 409 })
          : new ConflictError(await detail(actor, input.id));
      await decide(
        actor,
        input,
        'import.undo_started',
        { state: 'cancelling', position: 0, rowsDone: 0, cancelledById: actor.id },
        Prisma.sql`state = ${batch.state}`,
      );
    },

    async correctRow(actor, { id, rowNumber, cells }) {
      return correctRow(actor, { batch: await decidable(actor, id), rowNumber, cells });
    },

    conflicts: (actor, filters) => conflicts.list(actor, filters),
    decideConflicts: (actor, input) => conflicts.decide(actor, input),

    async writeJsonReport(actor, id, output) {
      await pipeline(await jsonStream(actor, id), output);
    },

    async writeWorkbookReport(actor, id, output) {
      const batch = await readable(actor, id);
      verdictOf(batch);
      await writeWorkbookReport(database, actor, vault, batch, output);
    },
  };

  async function jsonStream(actor: Actor, id: string): Promise<Readable> {
    const batch = await readable(actor, id);
    return Readable.from(jsonReport(database, actor, vault, batch, verdictOf(batch)));
  }

  return {
    ...screens,
    /** The JSON report as a stream of text. @throws RuleViolation `IMPORT_UNDER_WAY` */
    jsonReport: jsonStream,
    run: engine.run,
    work: engine.work,
    workIfAny: engine.workIfAny,
    /** Reads STUDENT_FILE or GETENT_URL when its content changed, and applies what is safe. */
    runDaily: createDailyImport(environment, engine),
    /** Deletes rows, images and files past their time. */
    purge: () => purgeImports(environment),
    onWork: engine.onWork,
    stop: engine.stop,
  };
}
