/**
 * A merge taken back: both records are as they were before it, but for what people changed since, which is left alone and
 * told.
 */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Keys } from '../../shared/encryption.ts';
import { ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { AuditService } from '../audit/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { recordStatusChanges, type NirVault } from '../students/index.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import { findReachable, findSides, mergePermission } from './duplicate-queries.ts';
import { MERGE_FIELDS, type ColumnValues } from './merge-fields.ts';
import { openImage, type MergeImage } from './merge-image.ts';
import { moveLinkBack } from './merge-link.ts';
import { dropRefusals, reopenPairs } from './merge-pairs.ts';
import { readRecords, writeRecord, writeWords, type MergeRecord } from './merge-records.ts';
import { emptyFilledRows, moveRowsBack } from './merge-rows.ts';
import { fieldChanges } from './merge-service.ts';

const DAY_MS = 86_400_000;

export interface MergeSummary {
  readonly id: string;
  readonly subjectType: DuplicateSubject;
  readonly survivorId: string;
  readonly survivorName: string;
  readonly mergedName: string;
  readonly mergedBy: string;
  readonly mergedAt: Date;
  readonly undoneBy: string | null;
  readonly undoneAt: Date | null;
  /** Until when it can be undone; null when it cannot any more. */
  readonly undoableUntil: Date | null;
}

/** What an undo would do, or did. */
export interface UndoPlan {
  /** Names of the fields that go back to what they were. */
  readonly restored: readonly string[];
  /** Names of the fields that someone changed since: they stay. */
  readonly left: readonly string[];
}

interface MergeRow {
  readonly id: string;
  readonly subjectType: DuplicateSubject;
  readonly survivorId: string;
  readonly mergedId: string;
  readonly beforeImage: Uint8Array | null;
  readonly mergedAt: Date;
  readonly undoneAt: Date | null;
}

export type MergeUndoService = ReturnType<typeof createMergeUndoService>;

export function createMergeUndoService({
  database,
  audit,
  settings,
  clock,
  fieldKeys,
  nirVault,
}: {
  database: Database;
  audit: AuditService;
  settings: SettingsService;
  clock: Clock;
  fieldKeys: Keys;
  nirVault: NirVault | null;
}) {
  const untilOf = async (mergedAt: Date): Promise<Date> =>
    new Date(mergedAt.getTime() + (await settings.get('undo')).days * DAY_MS);

  /** The last merges of a kind whose survivor the actor may see and merge, newest first. */
  async function list(actor: Actor, subjectType: DuplicateSubject): Promise<MergeSummary[]> {
    const rows = await database.query<
      Omit<MergeRow, 'beforeImage'> & { hasImage: number; mergedBy: string; undoneBy: string | null }
    >(
      Prisma.sql`SELECT m.id, m.subject_type AS subjectType, m.survivor_id AS survivorId, m.merged_id AS mergedId, m.before_image IS NOT NULL AS hasImage, m.merged_at AS mergedAt, m.undone_at AS undoneAt, maker.name AS mergedBy, undoer.name AS undoneBy FROM \`merge\` m JOIN staff_user maker ON maker.id = m.merged_by_id LEFT JOIN staff_user undoer ON undoer.id = m.undone_by_id WHERE m.subject_type = ${subjectType} ORDER BY m.merged_at DESC, m.id DESC LIMIT 100`,
    );
    if (rows.length === 0) return [];
    const reachable = await findReachable(
      database,
      actor,
      subjectType,
      rows.map(({ survivorId }) => survivorId),
    );
    const shown = rows.filter(({ survivorId }) => reachable.has(survivorId));
    const names = await findSides(
      database,
      subjectType,
      shown.flatMap((row) => [row.survivorId, row.mergedId]),
    );
    const { days } = await settings.get('undo');
    return shown.map(({ hasImage, mergedId, ...row }) => {
      const until = new Date(row.mergedAt.getTime() + days * DAY_MS);
      const undoable = Boolean(hasImage) && row.undoneAt === null && until > clock.now();
      return {
        ...row,
        survivorName: names.get(row.survivorId)?.name ?? '',
        mergedName: names.get(mergedId)?.name ?? '',
        undoableUntil: undoable ? until : null,
      };
    });
  }

  return {
    list,

    /** What undoing would restore and leave. @throws as `undo` */
    async plan(actor: Actor, mergeId: string): Promise<UndoPlan & { summary: MergeSummary }> {
      const plan = await inTransaction(database, async (tx) => {
        const { image, survivor, row } = await openMerge(tx, actor, mergeId);
        return { ...compare(image, survivor.values), subjectType: row.subjectType };
      });
      const summary = (await list(actor, plan.subjectType)).find(({ id }) => id === mergeId);
      if (!summary) throw new NotFoundError();
      return { restored: plan.restored, left: plan.left, summary };
    },

    /**
     * Takes a merge back.
     * @throws RuleViolation `MERGE_UNDONE`, `MERGE_EXPIRED`, `MERGED_AGAIN`; NotFoundError, ForbiddenError
     */
    async undo(actor: Actor, mergeId: string): Promise<UndoPlan & { subjectType: DuplicateSubject; mergedId: string }> {
      return inTransaction(database, (tx) => undoIn(tx, actor, mergeId));
    },

    /** Forgets what it takes to undo merges that are too old for it. @returns how many */
    async forgetExpired(): Promise<number> {
      const { days } = await settings.get('undo');
      const limit = new Date(clock.now().getTime() - days * DAY_MS);
      return inTransaction(database, (tx) =>
        tx.execute(
          Prisma.sql`UPDATE \`merge\` SET before_image = NULL WHERE before_image IS NOT NULL AND merged_at < ${limit}`,
        ),
      );
    },
  };

  async function openMerge(tx: Transaction, actor: Actor, mergeId: string) {
    const [row] = await tx.query<MergeRow>(
      Prisma.sql`SELECT id, subject_type AS subjectType, survivor_id AS survivorId, merged_id AS mergedId, before_image AS beforeImage, merged_at AS mergedAt, undone_at AS undoneAt FROM \`merge\` WHERE id = ${mergeId} FOR UPDATE`,
    );
    if (!row) throw new NotFoundError();
    if (!hasPermission(actor, mergePermission(row.subjectType))) throw new ForbiddenError();
    if (row.undoneAt) throw new RuleViolation('MERGE_UNDONE', 'duplicates.errors.undone', { status: 409 });
    if (!row.beforeImage || (await untilOf(row.mergedAt)) <= clock.now())
      throw new RuleViolation('MERGE_EXPIRED', 'duplicates.errors.expired');
    const records = await readRecords(tx, row.subjectType, [row.survivorId, row.mergedId], { lock: true });
    const [survivor, merged] = [records.get(row.survivorId), records.get(row.mergedId)];
    if (!survivor || !merged) throw new NotFoundError();
    if (survivor.values['merged_into_id'] !== null || merged.values['merged_into_id'] !== survivor.id)
      throw new RuleViolation('MERGED_AGAIN', 'duplicates.errors.merged_again', { status: 409 });
    if ((await findReachable(tx, actor, row.subjectType, [survivor.id])).size === 0) throw new NotFoundError();
    return { row, survivor, merged, image: openImage(fieldKeys, mergeId, row.beforeImage) };
  }

  async function undoIn(tx: Transaction, actor: Actor, mergeId: string) {
    const { row, survivor, merged, image } = await openMerge(tx, actor, mergeId);
    const { subjectType } = row;
    const ids = { survivorId: survivor.id, mergedId: merged.id };
    const { restored, left, columns } = compare(image, survivor.values);

    await writeRecord(tx, subjectType, survivor, columns);
    const given = await withoutTakenSiren(tx, image, merged.id);
    await writeRecord(tx, subjectType, merged, given);
    await moveLinkBack(tx, subjectType, ids, image, nirVault);
    await moveRowsBack(tx, subjectType, image.moved, ids);
    await emptyFilledRows(tx, image.filled);
    await writeWords(tx, subjectType, survivor.id, { ...survivor.values, ...columns });
    await writeWords(tx, subjectType, merged.id, { ...merged.values, ...given });
    await reopenPairs(tx, image.closedPairs);
    await dropRefusals(tx, image.inheritedRefusals);
    await tx.execute(
      Prisma.sql`UPDATE duplicate_candidate SET state = 'open', decided_by_id = NULL, decided_at = NULL, version = version + 1 WHERE subject_type = ${subjectType} AND state = 'merged' AND first_id IN (${ids.survivorId}, ${ids.mergedId}) AND second_id IN (${ids.survivorId}, ${ids.mergedId})`,
    );
    await tx.execute(
      Prisma.sql`UPDATE \`merge\` SET undone_by_id = ${actor.id}, undone_at = ${clock.now()}, before_image = NULL WHERE id = ${mergeId}`,
    );
    await tell(tx, actor, subjectType, survivor, merged, columns, left);
    return { subjectType, mergedId: merged.id, restored, left };
  }

  async function tell(
    tx: Transaction,
    actor: Actor,
    subjectType: DuplicateSubject,
    survivor: MergeRecord,
    merged: MergeRecord,
    columns: ColumnValues,
    left: readonly string[],
  ): Promise<void> {
    const [from, to] = [survivor.values['status'], columns['status']];
    if (subjectType === 'student' && from && to)
      await recordStatusChanges(tx, [
        {
          studentId: survivor.id,
          from: from as StudentStatus,
          to: to as StudentStatus,
          origin: 'undo',
          actorId: actor.id,
        },
      ]);
    for (const [record, changes, detail] of [
      [survivor, fieldChanges(survivor.values, columns), { mergedId: merged.id, left }],
      [merged, {}, { survivorId: survivor.id }],
    ] as const)
      audit.record(tx, actor, {
        action: 'merge.undone',
        subjectType,
        subjectId: record.id,
        personId: subjectType === 'student' ? record.id : null,
        ...(Object.keys(changes).length > 0 ? { changes } : {}),
        detail,
      });
  }
}

/** Which fields go back, which stay because they are no longer what the merge made them, and the columns to write. */
function compare(image: MergeImage, now: ColumnValues): UndoPlan & { columns: ColumnValues } {
  const columns: Record<string, string | number | boolean | null> = {};
  const restored: string[] = [];
  const left: string[] = [];
  for (const field of [...MERGE_FIELDS[image.subjectType], ...LINK_COLUMNS]) {
    const changed = field.columns.filter((column) => Object.hasOwn(image.survivorAfter, column));
    if (changed.length === 0) continue;
    const untouched = field.columns.every(
      (column) => !Object.hasOwn(image.survivorAfter, column) || same(now[column], image.survivorAfter[column]),
    );
    const told = MERGE_FIELDS[image.subjectType].some(({ name }) => name === field.name);
    if (told) (untouched ? restored : left).push(field.name);
    if (untouched) for (const column of changed) columns[column] = image.survivorBefore[column] ?? null;
  }
  return { restored, left, columns };
}

/** What came with the link to a source: it goes back without being told. */
const LINK_COLUMNS = [
  { name: 'legacy', columns: ['legacy_id'] },
  { name: 'missing', columns: ['missing_since'] },
  { name: 'anomalies', columns: ['anomaly_count'] },
] as const;

function same(left: ColumnValues[string] | undefined, right: ColumnValues[string] | undefined): boolean {
  const plain = (value: ColumnValues[string] | undefined) =>
    typeof value === 'boolean' ? Number(value) : (value ?? null);
  return plain(left) === plain(right);
}

/** A register number that someone else bears by now does not come back. */
async function withoutTakenSiren(tx: Transaction, image: MergeImage, mergedId: string): Promise<ColumnValues> {
  const { siren = null, ...others } = image.mergedBefore;
  if (image.subjectType === 'student' || !Object.hasOwn(image.mergedBefore, 'siren')) return image.mergedBefore;
  const holders = await tx.query<{ id: string }>(
    Prisma.sql`SELECT id FROM company WHERE siren = ${siren} AND id <> ${mergedId}`,
  );
  return holders.length > 0 ? others : image.mergedBefore;
}
