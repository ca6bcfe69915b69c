/** What persons were before a batch changed them. */
import { Prisma, type Reader } from '../../db/client.ts';
import { enrolmentsOf, touchesProfile, type PreparedChange } from './prepared-change.ts';
import type { StudentRecord } from './student-record.ts';

/** What a person was before a row changed them. */
export interface StudentImage {
  readonly kind: 'student';
  readonly version: number;
  readonly record: Omit<StudentRecord, 'company'>;
  /** ISO, UTC. */
  readonly statusSince: string;
  readonly programmeId: string | null;
  readonly cohortId: string | null;
  readonly anomalyCount: number;
  /** Null when nothing had ever been read about the person. */
  readonly base: StudentRecord | null;
  readonly baseBatchId: string | null;
  readonly baseChanged: boolean;
  /** Null: there was no alumni profile. Undefined: the row did not touch it. */
  readonly profile?: { readonly cursus: string | null } | null;
  /** Positions the row closed. */
  readonly closed: readonly string[];
  /** The position it opened. */
  readonly opened: string | null;
  /** Programme on which the row enrolled the person. */
  readonly enrolledOn: string | null;
  readonly addedConflicts: readonly string[];
  readonly settledConflicts: readonly string[];
  readonly addedNir: boolean;
}

/** Images of persons about to change. */
export async function imagesOf(
  reader: Reader,
  prepared: readonly PreparedChange[],
): Promise<{ row: number; image: StudentImage }[]> {
  const profiled = prepared.filter(touchesProfile).map(({ change }) => change.state.id);
  const enrolling = enrolmentsOf(prepared);
  const [profiles, enrolled] = await Promise.all([
    profiled.length === 0
      ? []
      : reader.query<{ studentId: string; cursus: string | null }>(
          Prisma.sql`SELECT student_id AS studentId, cursus FROM alumni_profile WHERE student_id IN (${Prisma.join(profiled)})`,
        ),
    enrolling.length === 0
      ? []
      : reader.query<{ studentId: string; programmeId: string }>(
          Prisma.sql`SELECT student_id AS studentId, programme_id AS programmeId FROM enrolment WHERE student_id IN (${Prisma.join(enrolling.map(({ studentId }) => studentId))})`,
        ),
  ]);
  const profileOf = new Map(profiles.map(({ studentId, cursus }) => [studentId, { cursus }]));
  const already = new Set(enrolled.map(({ studentId, programmeId }) => `${studentId} ${programmeId}`));
  return prepared.map((one) => {
    const { state, baseChanged, closes, settled, addsNir, applied } = one.change;
    const enrols = applied.includes('cursus') && one.programmeId && !already.has(`${state.id} ${one.programmeId}`);
    return {
      row: one.row,
      image: {
        kind: 'student',
        version: state.version,
        record: state.record,
        statusSince: state.statusSince.toISOString(),
        programmeId: state.programmeId,
        cohortId: state.cohortId,
        anomalyCount: state.anomalyCount,
        base: state.base,
        baseBatchId: state.baseBatchId,
        baseChanged,
        ...(touchesProfile(one) ? { profile: profileOf.get(state.id) ?? null } : {}),
        closed: closes.map(({ id }) => id),
        opened: one.opened?.id ?? null,
        enrolledOn: enrols ? one.programmeId : null,
        addedConflicts: one.conflicts.map(({ id }) => id),
        settledConflicts: settled,
        addedNir: addsNir,
      },
    };
  });
}
