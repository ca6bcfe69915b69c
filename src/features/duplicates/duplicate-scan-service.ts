/**
 * The search for duplicates over the whole base: records that share a value are compared two by two, pairs alike enough are
 * proposed, those that no longer are go. What people decided about a pair stands. After the first, a search looks only at
 * what changed since the one before.
 */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { newId } from '../../shared/ids.ts';
import type { AuditService } from '../audit/index.ts';
import type { NirVault } from '../students/index.ts';
import type { Groups } from './duplicate-blocks.ts';
import { companyKind, personKind, type DuplicateKind, type DuplicateSubject } from './duplicate-kinds.ts';
import { PROPOSED_FROM, type Comparison } from './person-pair.ts';

/** Name of the scheduled job, whose last run tells where the next one begins. */
export const DUPLICATE_SCAN_JOB = 'duplicates.scan';

/** A change is dated when it is written and seen when it is committed: a search looks again at the last moments before the one before it. */
const OVERLAP_MS = 10 * 60_000;
/** Changed records looked at together. */
const CHANGED_PER_STEP = 500;
const ROWS_PER_STATEMENT = 500;

export interface ScanFigures {
  /** Pairs compared. */
  readonly compared: number;
  /** Pairs proposed that were not before. */
  readonly found: number;
  /** Pairs no longer proposed, because one of the records changed. */
  readonly dropped: number;
  /** Groups too large to mean anything. */
  readonly skippedGroups: number;
}

export interface ScanResult {
  readonly students: ScanFigures;
  readonly companies: ScanFigures;
  /** Set when only what changed since then was looked at. */
  readonly since: Date | null;
}

interface Tally {
  compared: number;
  dropped: number;
  skippedGroups: number;
}

interface Pair {
  readonly firstId: string;
  readonly secondId: string;
  readonly comparison: Comparison<string>;
}

export type DuplicateScanService = ReturnType<typeof createDuplicateScanService>;

export function createDuplicateScanService({
  database,
  audit,
  nirVault,
}: {
  database: Database;
  audit: AuditService;
  nirVault: NirVault | null;
}) {
  const kinds: Readonly<Record<DuplicateSubject, DuplicateKind>> = {
    student: personKind(nirVault),
    company: companyKind,
  };

  async function compareGroups(kind: DuplicateKind, { groups, skipped }: Groups, tally: Tally): Promise<void> {
    tally.skippedGroups += skipped;
    const ids = [...new Set(groups.flat())];
    if (ids.length === 0) return;
    const records = await kind.load(database, ids);
    const pairs = new Map<string, Pair>();
    for (const group of groups) {
      const members = group.filter((id) => records.has(id)).sort();
      members.forEach((firstId, index) => {
        for (const secondId of members.slice(index + 1)) {
          const comparison = records.compare(firstId, secondId);
          tally.compared += 1;
          if (comparison && comparison.score >= PROPOSED_FROM)
            pairs.set(`${firstId} ${secondId}`, { firstId, secondId, comparison });
        }
      });
    }
    await propose(kind.subjectType, [...pairs.values()]);
  }

  /** A pair that waits takes its new score; one that was decided keeps its decision. */
  async function propose(subjectType: DuplicateSubject, pairs: readonly Pair[]): Promise<void> {
    for (let start = 0; start < pairs.length; start += ROWS_PER_STATEMENT) {
      const rows = pairs
        .slice(start, start + ROWS_PER_STATEMENT)
        .map(
          ({ firstId, secondId, comparison }) =>
            Prisma.sql`(${newId()}, ${subjectType}, ${firstId}, ${secondId}, ${comparison.score}, ${JSON.stringify(comparison.reasons)})`,
        );
      await database.query(
        Prisma.sql`INSERT INTO duplicate_candidate (id, subject_type, first_id, second_id, score, reasons) VALUES ${Prisma.join(rows)} ON DUPLICATE KEY UPDATE score = IF(state = 'open', VALUES(score), score), reasons = IF(state = 'open', VALUES(reasons), reasons)`,
      );
    }
  }

  /** Looks again at the pairs that wait; one that an import or a person proposed waits whatever became of it. */
  async function review(kind: DuplicateKind, ids: readonly string[] | null, tally: Tally): Promise<void> {
    let place = '';
    for (;;) {
      const around = ids
        ? Prisma.sql`AND (first_id IN (${Prisma.join([...ids])}) OR second_id IN (${Prisma.join([...ids])}))`
        : Prisma.empty;
      const waiting: { id: string; firstId: string; secondId: string }[] = await database.query<{
        id: string;
        firstId: string;
        secondId: string;
      }>(
        Prisma.sql`SELECT id, first_id AS firstId, second_id AS secondId FROM duplicate_candidate WHERE subject_type = ${kind.subjectType} AND state = 'open' AND batch_id IS NULL AND reasons NOT LIKE '%"by_hand"%' AND id > ${place} ${around} ORDER BY id LIMIT ${ROWS_PER_STATEMENT}`,
      );
      if (waiting.length === 0) return;
      const records = await kind.load(database, [...new Set(waiting.flatMap((pair) => [pair.firstId, pair.secondId]))]);
      const stale = waiting.filter(({ firstId, secondId }) => {
        const comparison = records.compare(firstId, secondId);
        return comparison !== null && comparison.score < PROPOSED_FROM;
      });
      if (stale.length > 0)
        await database.query(
          Prisma.sql`DELETE FROM duplicate_candidate WHERE state = 'open' AND id IN (${Prisma.join(stale.map(({ id }) => id))})`,
        );
      tally.dropped += stale.length;
      place = waiting.at(-1)?.id ?? place;
    }
  }

  async function openPairs(subjectType: DuplicateSubject): Promise<number> {
    const [row] = await database.query<{ pairs: number }>(
      Prisma.sql`SELECT COUNT(*) AS pairs FROM duplicate_candidate WHERE subject_type = ${subjectType} AND state = 'open'`,
    );
    return row?.pairs ?? 0;
  }

  async function* changedSince(kind: DuplicateKind, since: Date): AsyncGenerator<string[]> {
    let place: { at: Date; id: string } = { at: since, id: '' };
    for (;;) {
      const rows: { id: string; updatedAt: Date }[] = await database.query<{ id: string; updatedAt: Date }>(
        Prisma.sql`SELECT id, updated_at AS updatedAt FROM ${Prisma.raw(kind.subjectType)} WHERE updated_at >= ${place.at} AND (updated_at > ${place.at} OR id > ${place.id}) ORDER BY updated_at, id LIMIT ${CHANGED_PER_STEP}`,
      );
      const last = rows.at(-1);
      if (!last) return;
      yield rows.map(({ id }) => id);
      place = { at: last.updatedAt, id: last.id };
    }
  }

  async function scanKind(kind: DuplicateKind, since: Date | null): Promise<ScanFigures> {
    const tally: Tally = { compared: 0, dropped: 0, skippedGroups: 0 };
    const before = await openPairs(kind.subjectType);
    if (since === null) {
      await review(kind, null, tally);
      for await (const groups of kind.groups(database)) await compareGroups(kind, groups, tally);
    } else {
      for await (const ids of changedSince(kind, since)) {
        await review(kind, ids, tally);
        for await (const groups of kind.groupsAround(database, ids)) await compareGroups(kind, groups, tally);
      }
    }
    const found = Math.max(0, (await openPairs(kind.subjectType)) - before + tally.dropped);
    return { compared: tally.compared, found, dropped: tally.dropped, skippedGroups: tally.skippedGroups };
  }

  return {
    /** From when on a search looks at what changed: shortly before the last one that went to its end began; null: there was none. */
    async lastScan(): Promise<Date | null> {
      const [row] = await database.query<{ startedAt: Date }>(
        Prisma.sql`SELECT started_at AS startedAt FROM job_run WHERE job = ${DUPLICATE_SCAN_JOB} AND result = 'done' ORDER BY started_at DESC LIMIT 1`,
      );
      return row ? new Date(row.startedAt.getTime() - OVERLAP_MS) : null;
    },

    /** Compares two records now, whatever their score; null when one of them may not be looked at. */
    async compare(
      subjectType: DuplicateSubject,
      firstId: string,
      secondId: string,
    ): Promise<Comparison<string> | null> {
      return (await kinds[subjectType].load(database, [firstId, secondId])).compare(firstId, secondId);
    },

    /**
     * Looks for duplicates among students and companies.
     * @param since looks at what changed since then; null: at everything
     */
    async scan(actor: Actor, { since }: { since: Date | null }): Promise<ScanResult> {
      const students = await scanKind(kinds.student, since);
      const companies = await scanKind(kinds.company, since);
      await inTransaction(database, async (tx) => {
        audit.record(tx, actor, {
          action: 'duplicate.scanned',
          subjectType: 'job',
          subjectId: DUPLICATE_SCAN_JOB,
          detail: { students: { ...students }, companies: { ...companies } },
        });
      });
      return { students, companies, since };
    },
  };
}
