/** Reads of batches for the pages: the list, one batch, its progress, the persons it no longer names. */
import { Prisma, type Reader } from '../../db/client.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { isId } from '../../shared/ids.ts';
import type { SourceErrorDetails } from '../../shared/source-error.ts';
import { visibleStudents } from '../students/index.ts';
import { findBatch, findBatches, stoppedDuring, type Batch } from './batch-store.ts';
import { decidingPermission } from './import-mail.ts';
import type {
  BatchDetail,
  BatchListFilters,
  BatchProgress,
  BatchState,
  BatchSource,
  BatchSummary,
  Keyset,
  MissingPerson,
} from './import-screens.ts';
import { readPage, type Place } from './keyset-page.ts';

/** Rows of companies hold no person's data: whoever decides about them reads them. */
export function mayReadRows(actor: Actor, source: BatchSource): boolean {
  return (
    hasPermission(actor, 'imports.read_rows') ||
    (source === 'companies' && hasPermission(actor, 'imports.decide_companies'))
  );
}

export function mayDecide(actor: Actor, source: BatchSource): boolean {
  return source !== 'grades' && hasPermission(actor, decidingPermission(source));
}

async function namesOf(reader: Reader, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const known = [...new Set(ids.flatMap((id) => id ?? []))];
  if (known.length === 0) return new Map();
  const rows = await reader.query<{ id: string; name: string }>(
    Prisma.sql`SELECT id, name FROM staff_user WHERE id IN (${Prisma.join(known)})`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function toSummary(batch: Batch, names: ReadonlyMap<string, string>): BatchSummary {
  const { id, source, state, origin, fileName, dryRun, errorCode, totals } = batch;
  const { createdAt, readAt, applyStartedAt, appliedAt, cancelledAt } = batch;
  return {
    id,
    source,
    state,
    origin,
    fileName,
    dryRun,
    errorCode,
    totals,
    startedBy: names.get(batch.startedById ?? '') ?? null,
    createdAt,
    readAt,
    applyStartedAt,
    appliedAt,
    cancelledAt,
  };
}

/** Latest first, unless told otherwise. Ids are made in the order of time: they are the key. */
export async function listBatches(
  reader: Reader,
  filters: Place & BatchListFilters,
  pageRows?: number,
): Promise<Keyset<BatchSummary>> {
  const conditions = [Prisma.sql`TRUE`];
  if (filters.states.length > 0) conditions.push(Prisma.sql`b.state IN (${Prisma.join([...filters.states])})`);
  if (filters.source) conditions.push(Prisma.sql`b.source = ${filters.source}`);
  if (filters.q.trim() !== '')
    conditions.push(Prisma.sql`b.file_name LIKE ${`%${filters.q.trim().replace(/[\\%_]/g, '\\$&')}%`}`);
  const where = Prisma.join(conditions, ' AND ');
  const [counted] = await reader.query<{ total: number }>(
    Prisma.sql`SELECT COUNT(*) AS total FROM import_batch b WHERE ${where}`,
  );
  const page = await readPage<Batch>(
    filters,
    Number(counted?.total ?? 0),
    ({ id }) => id,
    (from, backwards, limit) => {
      const ascending = backwards !== (filters.oldestFirst ?? false);
      const sign = Prisma.raw(ascending ? '>' : '<');
      const order = Prisma.raw(ascending ? 'ASC' : 'DESC');
      const place = from !== null && isId(from) ? Prisma.sql`b.id ${sign} ${from}` : Prisma.sql`TRUE`;
      return findBatches(reader, Prisma.sql`${where} AND ${place} ORDER BY b.id ${order} LIMIT ${limit}`);
    },
    pageRows,
  );
  const names = await namesOf(
    reader,
    page.rows.map(({ startedById }) => startedById),
  );
  return { ...page, rows: page.rows.map((batch) => toSummary(batch, names)) };
}

const DAY_MS = 86_400_000;

/** Until when a batch can be cancelled; null: never, or no longer. */
export function undoableUntil(batch: Batch, undoDays: number, now: Date): Date | null {
  const stopped = stoppedDuring(batch);
  if (batch.state !== 'applied' && stopped !== 'cancelling' && !(stopped === 'applying' && batch.position > 0))
    return null;
  const since = batch.appliedAt ?? batch.applyStartedAt;
  if (!since) return null;
  const until = new Date(since.getTime() + undoDays * DAY_MS);
  return until > now ? until : null;
}

/** Everything about a batch but its rows; null when there is none. */
export async function findBatchDetail(
  reader: Reader,
  actor: Actor,
  id: string,
  { undoDays, now }: { undoDays: number; now: Date },
): Promise<BatchDetail | null> {
  const batch = await findBatch(reader, id);
  if (!batch) return null;
  // Counted over every row of the batch: only where it is shown.
  const undone = (outcome: string): Prisma.Sql =>
    batch.state === 'cancelled'
      ? Prisma.sql`(SELECT COUNT(*) FROM import_row WHERE batch_id = ${id} AND undo_outcome = ${outcome})`
      : Prisma.sql`0`;
  const [names, [figures]] = await Promise.all([
    namesOf(reader, [batch.startedById, batch.confirmedById, batch.cancelledById]),
    reader.query<{ restored: number; left: number; openConflicts: number; firstRejected: number | null }>(
      Prisma.sql`SELECT ${undone('restored')} AS restored, ${undone('left')} AS \`left\`,
        (SELECT COUNT(*) FROM edit_conflict WHERE batch_id = ${id} AND state = 'open') AS openConflicts,
        (SELECT MIN(\`row_number\`) FROM import_row WHERE batch_id = ${id} AND outcome = 'rejected') AS firstRejected`,
    ),
  ]);
  return {
    ...toSummary(batch, names),
    version: batch.version,
    fileFormat: batch.fileFormat,
    sheet: batch.sheet,
    headerRow: batch.headerRow,
    columns: batch.columns,
    unknownColumns: batch.unknownColumns,
    otherSheets: batch.otherSheets,
    errorDetail: batch.errorDetail as SourceErrorDetails | null,
    stoppedDuring: stoppedDuring(batch),
    suspicions: batch.suspicions,
    rowCount: batch.rowCount,
    rowsDone: batch.rowsDone,
    confirmedBy: names.get(batch.confirmedById ?? '') ?? null,
    confirmedAt: batch.confirmedAt,
    cancelledBy: names.get(batch.cancelledById ?? '') ?? null,
    undoableUntil: undoableUntil(batch, undoDays, now),
    undo:
      batch.state === 'cancelled'
        ? { restored: Number(figures?.restored ?? 0), left: Number(figures?.left ?? 0) }
        : null,
    openConflicts: Number(figures?.openConflicts ?? 0),
    firstRejected: figures?.firstRejected ?? null,
    mayReadRows: mayReadRows(actor, batch.source),
    mayDecide: mayDecide(actor, batch.source),
  };
}

/** Where long work stands; null when the batch is gone. */
export async function findProgress(reader: Reader, id: string): Promise<BatchProgress | null> {
  const [row] = await reader.query<{ state: BatchState; rowsDone: number; rowCount: number }>(
    Prisma.sql`SELECT state, rows_done AS rowsDone, row_count AS rowCount FROM import_batch WHERE id = ${id}`,
  );
  return row ? { ...row, rowCount: row.rowCount === 0 ? null : row.rowCount } : null;
}

interface MissingRow extends Omit<MissingPerson, 'studentNumber'> {
  studentNumber: string | number | null;
}

/** Records that the source named before and that the batch does not, as far as the actor may see them, by name. */
export async function listMissing(
  reader: Reader,
  actor: Actor,
  batch: Batch,
  place: Place,
): Promise<Keyset<MissingPerson>> {
  const isStudents = batch.source === 'students';
  const table = Prisma.raw(isStudents ? 'student' : 'company');
  const visible = isStudents ? visibleStudents(actor) : Prisma.sql`TRUE`;
  const from = Prisma.sql`FROM import_missing m JOIN ${table} s ON s.id = m.subject_id WHERE m.batch_id = ${batch.id} AND m.kind = 'missing' AND ${visible}`;
  const [counted] = await reader.query<{ total: number }>(Prisma.sql`SELECT COUNT(*) AS total ${from}`);
  const columns = isStudents
    ? Prisma.sql`s.student_number AS studentNumber, CONCAT(s.last_name, ' ', s.first_name) AS name, s.status`
    : Prisma.sql`s.legacy_id AS studentNumber, s.name, '' AS status`;
  return readPage<MissingPerson>(
    place,
    Number(counted?.total ?? 0),
    ({ studentId }) => studentId,
    async (start, backwards, limit) => {
      const sign = Prisma.raw(backwards ? '<' : '>');
      const order = Prisma.raw(backwards ? 'DESC' : 'ASC');
      const after =
        start !== null && isId(start)
          ? Prisma.sql`(s.name_key, s.id) ${sign} (SELECT name_key, id FROM ${table} WHERE id = ${start})`
          : Prisma.sql`TRUE`;
      const rows = await reader.query<MissingRow>(
        Prisma.sql`SELECT s.id AS studentId, ${columns}, s.missing_since AS missingSince ${from} AND ${after} ORDER BY s.name_key ${order}, s.id ${order} LIMIT ${limit}`,
      );
      return rows.map((row) => ({ ...row, studentNumber: String(row.studentNumber ?? '') }));
    },
  );
}
