/** Which index of `student` answers filters and order of a list at once. The names are those of the schema. */
import { scopesOf, type Actor } from '../../shared/actor.ts';
import { isId } from '../../shared/ids.ts';
import type { ListState } from '../../shared/list-state.ts';
import { STUDENT_STATUSES, type StudentStatus } from '../../shared/student-status.ts';

/** Order → filter that the index begins with ('' for none) → index. */
const INDEXES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nom: {
    '': 'student_list_by_name',
    statut: 'student_list_by_status_name',
    formation: 'student_list_by_programme_name',
    promotion: 'student_list_by_cohort_name',
    ville: 'student_list_by_city_name',
  },
  maj: {
    '': 'student_list_by_updated',
    statut: 'student_list_by_status_updated',
    ville: 'student_list_by_city_updated',
  },
  ville: { '': 'student_list_by_city_name', ville: 'student_list_by_city_name' },
  statut: { '': 'student_list_by_status_name', statut: 'student_list_by_status_name' },
  formation: { '': 'student_list_by_programme_name', formation: 'student_list_by_programme_name' },
};

/**
 * Null when no index answers everything: a filter that is left to check row by row may be rare, and the database knows better.
 * @param only the status all rows of the list have, if any
 */
export function studentListIndex(state: ListState, actor: Actor, only: StudentStatus | null): string | null {
  const filters = Object.keys(state.filters).filter((name) => name !== 'statut');
  const [filter, ...others] = filters;
  if (others.length > 0) return null;
  const statuses = statusesOf(state, actor, only);
  if (statuses.length === 0 || actor.programmeIds) return null;
  // The people of a city are few enough to be checked one by one, whatever the status: read in order, a page is soon full.
  if (filter === 'ville') return INDEXES[state.sort.key]?.['ville'] ?? null;
  const everyStatus = statuses.length === STUDENT_STATUSES.length;
  if (!everyStatus) return filter || statuses.length > 1 ? null : (INDEXES[state.sort.key]?.['statut'] ?? null);
  const isExact = !filter || isId(state.filters[filter]?.[0] ?? '');
  return isExact ? (INDEXES[state.sort.key]?.[filter ?? ''] ?? null) : null;
}

function statusesOf(state: ListState, actor: Actor, only: StudentStatus | null): readonly StudentStatus[] {
  const scopes = scopesOf(actor, 'students.read');
  const asked = (state.filters['statut'] ?? []).filter((value) =>
    (STUDENT_STATUSES as readonly string[]).includes(value),
  );
  return STUDENT_STATUSES.filter(
    (status) =>
      (scopes.includes('all') || scopes.includes(status)) &&
      (only === null || status === only) &&
      (asked.length === 0 || asked.includes(status)),
  );
}
