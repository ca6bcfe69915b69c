/**
 * Which students an actor may see, and which of their fields: the one place every query and every page takes it from.
 * @see docs/decisions/003-rights.md
 */
import { Prisma } from '../../db/client.ts';
import type { Reach } from '../../db/list-definition.ts';
import { fieldGroupsOf, scopesOf, type Actor } from '../../shared/actor.ts';
import type { Permission } from '../../shared/permissions.ts';
import { STUDENT_STATUSES, type StudentStatus } from '../../shared/student-status.ts';
import { readsJournalContent } from '../audit/index.ts';

/** Groups of a student's fields a right can open. */
export type StudentFieldGroup = 'identity' | 'contact' | 'nir' | 'grades' | 'finance';

/**
 * SQL condition on the table alias `s`: true for the rows the actor may reach with the permission.
 * A record under limitation is the DPO's alone, who is known by reading what the journal says; a merged one is reached through its survivor.
 */
export function visibleStudents(actor: Actor, permission: Permission = 'students.read'): Prisma.Sql {
  const scopes = scopesOf(actor, permission);
  if (scopes.length === 0) return Prisma.sql`FALSE`;
  const conditions: Prisma.Sql[] = [Prisma.sql`s.merged_into_id IS NULL`];
  if (!scopes.includes('all')) conditions.push(Prisma.sql`s.status IN (${Prisma.join(scopes)})`);
  if (actor.programmeIds) conditions.push(Prisma.sql`s.programme_id IN (${Prisma.join([...actor.programmeIds])})`);
  if (actor.type === 'user' && !readsJournalContent(actor)) conditions.push(Prisma.sql`s.restricted_at IS NULL`);
  return Prisma.join(conditions, ' AND ');
}

/** Field groups the actor may read of a student in a status; none: the student is out of sight. */
export function readableGroups(actor: Actor, status: StudentStatus): ReadonlySet<StudentFieldGroup> {
  if (actor.type !== 'user') return new Set(['identity', 'contact', 'nir', 'grades', 'finance']);
  return fieldGroupsOf(actor, 'students.read', status) as ReadonlySet<StudentFieldGroup>;
}

/** Field groups the actor may change of a student in a status. */
export function editableGroups(actor: Actor, status: StudentStatus): ReadonlySet<StudentFieldGroup> {
  if (actor.type !== 'user') return new Set(['identity', 'contact']);
  return fieldGroupsOf(actor, 'students.update', status) as ReadonlySet<StudentFieldGroup>;
}

/** Where the actor may read a field group among the rows they may see, for lists: everywhere, nowhere, or a condition on `s`. */
export function studentReach(actor: Actor, group: string): Reach {
  const scopes = scopesOf(actor, 'students.read');
  const seen = STUDENT_STATUSES.filter((status) => scopes.includes('all') || scopes.includes(status));
  const readable = seen.filter((status) => readableGroups(actor, status).has(group as StudentFieldGroup));
  if (readable.length === 0) return 'nowhere';
  return readable.length === seen.length ? 'everywhere' : Prisma.sql`s.status IN (${Prisma.join(readable)})`;
}
