/** The queue of duplicates: what waits, what was refused, and the two records of a pair side by side. */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { AuditService } from '../audit/index.ts';
import { readableCompanyGroups } from '../companies/index.ts';
import { readableGroups, type NirVault } from '../students/index.ts';
import { COMPANY_CONTACT_REASONS } from './company-pair.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import {
  findCandidate,
  findQueue,
  findReachable,
  findSides,
  lockCandidate,
  mergePermission,
  type Candidate,
  type CandidateSide,
  type QueuePlace,
} from './duplicate-queries.ts';
import type { DuplicateScanService } from './duplicate-scan-service.ts';
import type { MergeConflict } from './merge-service.ts';
import { readableOn, readRecords, type MergeRecord } from './merge-records.ts';
import { otherSide, type Side } from './merge-fields.ts';
import { countMovable } from './merge-rows.ts';
import { CONTACT_REASONS } from './person-pair.ts';

/** Pairs on a page. */
const PAGE = 20;

/** Why a pair waits, when someone put it there. */
const BY_HAND = 'by_hand';

/** A pair as the queue shows it. */
export interface QueuedPair extends Candidate {
  readonly first: CandidateSide;
  readonly second: CandidateSide;
}

/** The two records of a pair, ready to be compared. */
export interface PairComparison {
  readonly candidate: Candidate;
  readonly records: Readonly<Record<Side, MergeRecord>>;
  /** Groups of fields the actor may read on both. */
  readonly mayRead: (group: string) => boolean;
  readonly survivor: Side;
  /** What would move into the survivor. */
  readonly moving: readonly { readonly what: string; readonly rows: number }[];
  /** Which of them has a social-security number; null for companies. */
  readonly nirs: Readonly<Record<Side, boolean>> | null;
  /** Words for ids of programmes and cohorts. */
  readonly labels: ReadonlyMap<string, string>;
}

export type DuplicateService = ReturnType<typeof createDuplicateService>;

export function createDuplicateService({
  database,
  audit,
  scans,
  nirVault,
}: {
  database: Database;
  audit: AuditService;
  scans: DuplicateScanService;
  nirVault: NirVault | null;
}) {
  function refuseUnlessMay(actor: Actor, subjectType: DuplicateSubject): void {
    if (!hasPermission(actor, mergePermission(subjectType))) throw new ForbiddenError();
  }

  async function open(actor: Actor, candidateId: string): Promise<Candidate> {
    const candidate = await findCandidate(database, candidateId);
    if (!candidate) throw new NotFoundError();
    refuseUnlessMay(actor, candidate.subjectType);
    return candidate;
  }

  async function labelsOf(records: readonly MergeRecord[]): Promise<Map<string, string>> {
    const ids = records
      .flatMap(({ values }) => [values['programme_id'], values['cohort_id']])
      .filter((id) => typeof id === 'string');
    if (ids.length === 0) return new Map();
    const rows = await database.query<{ id: string; label: string }>(
      Prisma.sql`SELECT id, label FROM programme WHERE id IN (${Prisma.join(ids)}) UNION ALL SELECT id, label FROM cohort WHERE id IN (${Prisma.join(ids)})`,
    );
    return new Map(rows.map(({ id, label }) => [id, label]));
  }

  /** The older record stays unless the newer one is in use and the older is archived. */
  function suggestedSurvivor({ first, second }: Readonly<Record<Side, MergeRecord>>): Side {
    const archived = { first: first.values['archived_at'] !== null, second: second.values['archived_at'] !== null };
    if (archived.first !== archived.second) return archived.first ? 'second' : 'first';
    return first.createdAt <= second.createdAt ? 'first' : 'second';
  }

  async function setState(
    actor: Actor,
    candidateId: string,
    from: 'open' | 'dismissed',
    to: 'open' | 'dismissed',
  ): Promise<Candidate> {
    return inTransaction(database, async (tx) => {
      const candidate = await lockCandidate(tx, candidateId);
      if (!candidate) throw new NotFoundError();
      refuseUnlessMay(actor, candidate.subjectType);
      const { subjectType, firstId, secondId } = candidate;
      if (candidate.state === to) return candidate;
      if (candidate.state !== from) throw new ConflictError<MergeConflict>({ reason: 'decided', candidate });
      if ((await findReachable(tx, actor, subjectType, [firstId, secondId])).size < 2) throw new NotFoundError();
      const decided =
        to === 'open'
          ? Prisma.sql`NULL, decided_at = NULL`
          : Prisma.sql`${actor.id}, decided_at = CURRENT_TIMESTAMP(3)`;
      await tx.execute(
        Prisma.sql`UPDATE duplicate_candidate SET state = ${to}, decided_by_id = ${decided}, version = version + 1 WHERE id = ${candidateId}`,
      );
      for (const [id, otherId] of [
        [firstId, secondId],
        [secondId, firstId],
      ] as const)
        audit.record(tx, actor, {
          action: to === 'dismissed' ? 'duplicate.dismissed' : 'duplicate.reopened',
          subjectType,
          subjectId: id,
          personId: subjectType === 'student' ? id : null,
          detail: { otherId },
        });
      return candidate;
    });
  }

  async function findPair(tx: Transaction, subjectType: DuplicateSubject, firstId: string, secondId: string) {
    const [row] = await tx.query<{ id: string; state: string }>(
      Prisma.sql`SELECT id, state FROM duplicate_candidate WHERE subject_type = ${subjectType} AND first_id = ${firstId} AND second_id = ${secondId} FOR UPDATE`,
    );
    return row ?? null;
  }

  return {
    /** Kinds whose duplicates the actor may decide. */
    kindsFor: (actor: Actor): DuplicateSubject[] =>
      (['student', 'company'] as const).filter((subjectType) => hasPermission(actor, mergePermission(subjectType))),

    /**
     * A page of what waits, or of what was refused.
     * @throws ForbiddenError
     */
    async queue(
      actor: Actor,
      {
        subjectType,
        state,
        after,
      }: { subjectType: DuplicateSubject; state: 'open' | 'dismissed'; after: QueuePlace | null },
    ): Promise<{ pairs: QueuedPair[]; total: number; totalIsMinimum: boolean; next: QueuePlace | null }> {
      refuseUnlessMay(actor, subjectType);
      const { rows, ...page } = await findQueue(database, actor, { subjectType, state, after, limit: PAGE });
      const sides = await findSides(
        database,
        subjectType,
        rows.flatMap(({ firstId, secondId }) => [firstId, secondId]),
      );
      const pairs = rows.flatMap((candidate): QueuedPair[] => {
        const [first, second] = [sides.get(candidate.firstId), sides.get(candidate.secondId)];
        return first && second ? [withinRights(actor, { ...candidate, first, second })] : [];
      });
      return { pairs, ...page };
    },

    /**
     * The two records of a pair.
     * @param survivor the one that would stay; the older one when nothing is said
     * @throws ConflictError<MergeConflict> when the pair was decided; NotFoundError when a record is out of sight
     */
    async compare(actor: Actor, candidateId: string, survivor: Side | null): Promise<PairComparison> {
      const candidate = await open(actor, candidateId);
      const { subjectType, firstId, secondId } = candidate;
      if (candidate.state !== 'open') throw new ConflictError<MergeConflict>({ reason: 'decided', candidate });
      const found = await readRecords(database, subjectType, [firstId, secondId], { lock: false });
      const [first, second] = [found.get(firstId), found.get(secondId)];
      if (!first || !second) throw new NotFoundError();
      if ((await findReachable(database, actor, subjectType, [firstId, secondId])).size < 2) throw new NotFoundError();
      const records = { first, second };
      const staying = survivor ?? suggestedSurvivor(records);
      const digits =
        subjectType === 'student' && nirVault ? await nirVault.keyDigits(database, [firstId, secondId]) : null;
      const mayRead = readableOn(actor, subjectType, [first, second]);
      return {
        candidate: mayRead('contact') ? candidate : { ...candidate, reasons: candidate.reasons.filter(isTellable) },
        records,
        mayRead,
        survivor: staying,
        moving: await countMovable(database, subjectType, records[otherSide(staying)].id, records[staying].id),
        nirs: digits && { first: digits.has(firstId), second: digits.has(secondId) },
        labels: await labelsOf([first, second]),
      };
    },

    /** Remembers that two records are not the same: the pair never waits again. @throws ConflictError<MergeConflict> when it was merged */
    dismiss: (actor: Actor, candidateId: string) => setState(actor, candidateId, 'open', 'dismissed'),

    /** Puts a refused pair back into the queue. */
    reopen: (actor: Actor, candidateId: string) => setState(actor, candidateId, 'dismissed', 'open'),

    /** A record's name, for whoever may see and merge it. @throws NotFoundError */
    async describe(actor: Actor, subjectType: DuplicateSubject, id: string): Promise<{ id: string; name: string }> {
      const reachable = await findReachable(database, actor, subjectType, [id]);
      const side = (await findSides(database, subjectType, [id])).get(id);
      if (!reachable.has(id) || !side) throw new NotFoundError();
      return { id, name: side.name };
    },

    /**
     * Puts two records side by side because someone says they are the same, whatever the search thinks.
     * @returns the id of the pair
     * @throws RuleViolation `SAME_RECORD`; NotFoundError when one of them is out of sight
     */
    async propose(actor: Actor, subjectType: DuplicateSubject, ids: readonly [string, string]): Promise<string> {
      refuseUnlessMay(actor, subjectType);
      const [firstId, secondId] = [...ids].sort() as [string, string];
      if (firstId === secondId) throw new RuleViolation('SAME_RECORD', 'duplicates.errors.same_record');
      const comparison = await scans.compare(subjectType, firstId, secondId);
      return inTransaction(database, async (tx) => {
        if ((await findReachable(tx, actor, subjectType, [firstId, secondId])).size < 2) throw new NotFoundError();
        const known = await findPair(tx, subjectType, firstId, secondId);
        const id = known?.id ?? newId();
        if (!known)
          await tx.execute(
            Prisma.sql`INSERT INTO duplicate_candidate (id, subject_type, first_id, second_id, score, reasons) VALUES (${id}, ${subjectType}, ${firstId}, ${secondId}, ${comparison?.score ?? 0}, ${JSON.stringify([BY_HAND, ...(comparison?.reasons ?? [])])})`,
          );
        else if (known.state !== 'open')
          await tx.execute(
            Prisma.sql`UPDATE duplicate_candidate SET state = 'open', decided_by_id = NULL, decided_at = NULL, version = version + 1 WHERE id = ${id}`,
          );
        return id;
      });
    },
  };
}

/** True for what links two records without telling of how to reach anyone. */
function isTellable(reason: string): boolean {
  return !CONTACT_REASONS.has(reason) && !COMPANY_CONTACT_REASONS.has(reason);
}

/** A pair without what the actor may not read: what links two records by their contact details is not told. */
function withinRights(actor: Actor, pair: QueuedPair): QueuedPair {
  if (pair.subjectType === 'company') {
    const groups = readableCompanyGroups(actor);
    const side = (one: CandidateSide) => (groups.has('identity') ? one : { ...one, number: null, city: null });
    return {
      ...pair,
      first: side(pair.first),
      second: side(pair.second),
      reasons: groups.has('contact') ? pair.reasons : pair.reasons.filter(isTellable),
    };
  }
  const readsContact = (one: CandidateSide) => readableGroups(actor, one.status as StudentStatus).has('contact');
  const side = (one: CandidateSide) => (readsContact(one) ? one : { ...one, city: null });
  const both = readsContact(pair.first) && readsContact(pair.second);
  return {
    ...pair,
    first: side(pair.first),
    second: side(pair.second),
    reasons: both ? pair.reasons : pair.reasons.filter(isTellable),
  };
}
