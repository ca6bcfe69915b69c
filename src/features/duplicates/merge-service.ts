/**
 * Two records become one, in one transaction: values are chosen field by field, everything that hangs on one follows into the
 * other, and what it takes to go back is sealed for as long as the school allows.
 */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Keys } from '../../shared/encryption.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { linkUnresolvedPositions } from '../companies/index.ts';
import { recordStatusChanges, type NirVault } from '../students/index.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import { findReachable, lockCandidate, mergePermission, type Candidate } from './duplicate-queries.ts';
import { defaultSide, isSame, MERGE_FIELDS, otherSide, type ColumnValues, type Side } from './merge-fields.ts';
import { sealImage, type MergeImage } from './merge-image.ts';
import { moveLink } from './merge-link.ts';
import { closePairs, inheritRefusals } from './merge-pairs.ts';
import { nameOf, readableOn, readRecords, writeRecord, writeWords, type MergeRecord } from './merge-records.ts';
import { fillRows, moveRows, writeColumns } from './merge-rows.ts';

export interface MergeInput {
  readonly candidateId: string;
  /** The record that stays. */
  readonly survivor: Side;
  /** Versions the page was made from. */
  readonly versions: Readonly<Record<Side, number>>;
  /** Side taken for each field; the default one where nothing is said. */
  readonly choices: Readonly<Record<string, Side | undefined>>;
}

/** Why a merge came too late: the pair was decided, or one of the records is not what the page showed. */
export interface MergeConflict {
  readonly reason: 'decided' | 'changed';
  readonly candidate: Candidate;
}

export interface MergeOutcome {
  readonly mergeId: string;
  readonly subjectType: DuplicateSubject;
  readonly survivorId: string;
}

export type MergeService = ReturnType<typeof createMergeService>;

export function createMergeService({
  database,
  audit,
  clock,
  fieldKeys,
  nirVault,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
  fieldKeys: Keys;
  nirVault: NirVault | null;
}) {
  return {
    /**
     * Merges the two records of a pair.
     * @throws ConflictError<MergeConflict> when someone decided the pair first, or changed a record; RuleViolation `TWO_NIRS`,
     *   `RESTRICTED`; NotFoundError, ForbiddenError
     */
    async merge(actor: Actor, input: MergeInput): Promise<MergeOutcome> {
      return inTransaction(database, (tx) => mergeIn(tx, actor, input));
    },
  };

  async function mergeIn(tx: Transaction, actor: Actor, input: MergeInput): Promise<MergeOutcome> {
    const candidate = await lockOpen(tx, actor, input.candidateId);
    const { subjectType } = candidate;
    const { survivor, merged } = await lockBoth(tx, actor, candidate, input);
    const chosen = choose(actor, candidate, { survivor, merged }, input);
    const ids = { survivorId: survivor.id, mergedId: merged.id };

    const link = await moveLink(
      tx,
      subjectType,
      { ...ids, survivor: survivor.values, merged: merged.values },
      nirVault,
    );
    const siren: ColumnValues = takesSiren(chosen, survivor, merged) ? { siren: null } : {};
    const survivorAfter = differing(survivor.values, { ...chosen, ...link.survivor });
    const mergedAfter: ColumnValues = { ...link.merged, ...siren, merged_into_id: survivor.id };
    const filled = subjectType === 'student' ? await fillRows(tx, merged.id, survivor.id) : [];
    const moved = await moveRows(tx, subjectType, merged.id, survivor.id);
    // What is unique leaves one record before the other takes it.
    await writeColumns(tx, subjectType, 'id', merged.id, { ...mergedAfter, version: merged.version + 1 });
    await writeRecord(tx, subjectType, survivor, survivorAfter);
    await writeWords(tx, subjectType, merged.id, null);
    await writeWords(tx, subjectType, survivor.id, { ...survivor.values, ...survivorAfter });

    await decide(tx, actor, candidate);
    const closedPairs = await closePairs(tx, { subjectType, ...ids });
    const inheritedRefusals = await inheritRefusals(tx, { subjectType, ...ids });
    const mergeId = newId();
    const image: MergeImage = {
      version: 1,
      subjectType,
      survivorBefore: pick(survivor.values, survivorAfter),
      survivorAfter,
      mergedBefore: pick(merged.values, mergedAfter),
      moved: link.movedConflicts.length > 0 ? [...moved, { what: 'conflicts', ids: link.movedConflicts }] : moved,
      filled,
      nirMoved: link.nirMoved,
      base: link.base,
      closedConflicts: link.closedConflicts,
      closedPairs,
      inheritedRefusals,
    };
    await tx.execute(
      Prisma.sql`INSERT INTO \`merge\` (id, subject_type, survivor_id, merged_id, before_image, merged_by_id, merged_at) VALUES (${mergeId}, ${subjectType}, ${survivor.id}, ${merged.id}, ${sealImage(fieldKeys, mergeId, image)}, ${actor.id ?? ''}, ${clock.now()})`,
    );
    await tell(tx, actor, candidate, { survivor, merged }, survivorAfter, moved);
    return { mergeId, subjectType, survivorId: survivor.id };
  }

  async function lockOpen(tx: Transaction, actor: Actor, candidateId: string): Promise<Candidate> {
    const candidate = await lockCandidate(tx, candidateId);
    if (!candidate) throw new NotFoundError();
    if (!hasPermission(actor, mergePermission(candidate.subjectType))) throw new ForbiddenError();
    if (candidate.state !== 'open') throw new ConflictError<MergeConflict>({ reason: 'decided', candidate });
    return candidate;
  }

  async function lockBoth(tx: Transaction, actor: Actor, candidate: Candidate, input: MergeInput) {
    const { subjectType, firstId, secondId } = candidate;
    const records = await readRecords(tx, subjectType, [firstId, secondId], { lock: true });
    const sides = { first: records.get(firstId), second: records.get(secondId) };
    const [survivor, merged] = [sides[input.survivor], sides[otherSide(input.survivor)]];
    if (!survivor || !merged) throw new NotFoundError();
    if (survivor.values['merged_into_id'] !== null || merged.values['merged_into_id'] !== null)
      throw new ConflictError<MergeConflict>({ reason: 'decided', candidate });
    if ((await findReachable(tx, actor, subjectType, [firstId, secondId])).size < 2) throw new NotFoundError();
    if (survivor.values['restricted_at'] || merged.values['restricted_at'])
      throw new RuleViolation('RESTRICTED', 'duplicates.errors.restricted');
    const changed =
      survivor.version !== input.versions[input.survivor] ||
      merged.version !== input.versions[otherSide(input.survivor)];
    if (changed) throw new ConflictError<MergeConflict>({ reason: 'changed', candidate });
    return { survivor, merged };
  }

  /** Columns of the survivor after the choices; what the actor may not read is decided by what is there. */
  function choose(
    actor: Actor,
    { subjectType }: Candidate,
    { survivor, merged }: Pair,
    input: MergeInput,
  ): ColumnValues {
    const mayRead = readableOn(actor, subjectType, [survivor, merged]);
    const sides =
      input.survivor === 'first'
        ? { first: survivor.values, second: merged.values }
        : { first: merged.values, second: survivor.values };
    return Object.fromEntries(
      MERGE_FIELDS[subjectType].flatMap((field) => {
        const byDefault = defaultSide(field, input.survivor, sides.first, sides.second);
        const side = (mayRead(field.group) ? input.choices[field.name] : undefined) ?? byDefault;
        // Values that say the same are not written over each other.
        if (side === input.survivor || isSame(field, sides.first, sides.second)) return [];
        return field.columns.map((column) => [column, sides[side][column] ?? null]);
      }),
    );
  }

  async function tell(
    tx: Transaction,
    actor: Actor,
    { subjectType }: Candidate,
    { survivor, merged }: Pair,
    after: ColumnValues,
    moved: MergeImage['moved'],
  ): Promise<void> {
    const from = survivor.values['status'] as StudentStatus | undefined;
    const to = after['status'] as StudentStatus | undefined;
    if (subjectType === 'student' && from && to)
      await recordStatusChanges(tx, [{ studentId: survivor.id, from, to, origin: 'merge', actorId: actor.id }]);
    // Posts that named either of two companies alike now name one.
    if (subjectType === 'company') await linkUnresolvedPositions(tx, [survivor.id]);
    const counts = Object.fromEntries(moved.map(({ what, ids }) => [what, ids.length]));
    const common = { action: `${subjectType}.merged`, subjectType } as const;
    audit.record(tx, actor, {
      ...common,
      subjectId: survivor.id,
      personId: subjectType === 'student' ? survivor.id : null,
      changes: fieldChanges(survivor.values, after),
      detail: { mergedName: nameOf(subjectType, merged.values), mergedId: merged.id, moved: counts },
    });
    audit.record(tx, actor, {
      ...common,
      subjectId: merged.id,
      personId: subjectType === 'student' ? merged.id : null,
      detail: { survivorId: survivor.id },
    });
  }
}

interface Pair {
  readonly survivor: MergeRecord;
  readonly merged: MergeRecord;
}

async function decide(tx: Transaction, actor: Actor, candidate: Candidate): Promise<void> {
  await tx.execute(
    Prisma.sql`UPDATE duplicate_candidate SET state = 'merged', decided_by_id = ${actor.id}, decided_at = CURRENT_TIMESTAMP(3), version = version + 1 WHERE id = ${candidate.id}`,
  );
}

function takesSiren(chosen: ColumnValues, survivor: MergeRecord, merged: MergeRecord): boolean {
  const siren = chosen['siren'] ?? null;
  return siren !== null && siren === merged.values['siren'] && siren !== survivor.values['siren'];
}

/** Columns whose value is another after than before. */
function differing(before: ColumnValues, after: ColumnValues): ColumnValues {
  return Object.fromEntries(
    Object.entries(after).filter(([column, value]) => (before[column] ?? null) !== (value ?? null)),
  );
}

function pick(values: ColumnValues, like: ColumnValues): ColumnValues {
  return Object.fromEntries(Object.keys(like).map((column) => [column, values[column] ?? null]));
}

/** Journal names of the columns; programmes are told by the words of the person's course. */
const JOURNAL_NAMES: Readonly<Record<string, string>> = {
  last_name: 'lastName',
  first_name: 'firstName',
  status: 'status',
  cursus: 'cursus',
  school_email: 'schoolEmail',
  birth_date: 'birthDate',
  email: 'email',
  personal_phone: 'personalPhone',
  professional_phone: 'professionalPhone',
  street: 'street',
  postcode: 'postcode',
  city: 'city',
  country: 'country',
  name: 'name',
  siren: 'siren',
  sector: 'sector',
  naf_code: 'nafCode',
  headcount_code: 'headcountCode',
  phone: 'phone',
  website: 'website',
  relation_stage: 'relationStage',
  open_to_students: 'openToStudents',
  legacy_id: 'legacyId',
};

/** Field → [before, after] for the journal; a day without its hour. */
export function fieldChanges(before: ColumnValues, after: ColumnValues): FieldChanges {
  const shown = (column: string, value: ColumnValues[string]) => {
    if (column === 'birth_date' && typeof value === 'string') return value.slice(0, 10);
    return column === 'open_to_students' ? Boolean(value) : value;
  };
  return Object.fromEntries(
    Object.entries(after).flatMap(([column, value]) => {
      const name = JOURNAL_NAMES[column];
      return name ? [[name, [shown(column, before[column] ?? null), shown(column, value)]]] : [];
    }),
  );
}
