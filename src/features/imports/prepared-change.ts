import { newId } from '../../shared/ids.ts';
import { programmeKey } from '../students/index.ts';
import { withIds, type NewConflict } from './edit-conflict-writer.ts';
import type { NewPositionRow } from './student-creation-writer.ts';
import type { StudentChange } from './student-plan.ts';

/** A change with everything its statements need. */
export interface PreparedChange {
  readonly row: number;
  readonly change: StudentChange;
  readonly updated: boolean;
  readonly programmeId: string | null;
  readonly cohortId: string | null;
  readonly opened: NewPositionRow | null;
  readonly conflicts: readonly NewConflict[];
}

/** Which programme a person ends up on: another cursus leaves the cohort of the last one. */
export function prepare(row: number, change: StudentChange, programmes: ReadonlyMap<string, string>): PreparedChange {
  const { state, values, applied, position } = change;
  const programmeId = applied.includes('cursus')
    ? (programmes.get(programmeKey(values.cursus ?? '')) ?? null)
    : state.programmeId;
  return {
    row,
    change,
    updated: applied.length > 0,
    programmeId,
    cohortId: programmeId === state.programmeId ? state.cohortId : null,
    opened: position && { id: newId(), studentId: state.id, ...position },
    conflicts: withIds(row, state.id, change.conflicts),
  };
}

/** The change makes an alumni profile, or touches it. */
export const touchesProfile = ({ change: { applied, values } }: PreparedChange): boolean =>
  values.status === 'alumni' && (applied.includes('status') || applied.includes('cursus'));

/** Enrolments that changes ask for. */
export function enrolmentsOf(updated: readonly PreparedChange[]) {
  return updated.flatMap(({ change: { applied, state }, programmeId }) =>
    applied.includes('cursus') && programmeId ? [{ studentId: state.id, programmeId, origin: 'import' as const }] : [],
  );
}
