/** What an actor may do with one person: decided once, from the person's status, and given to pages and services alike. */
import { hasPermission, scopesOf, type Actor } from '../../shared/actor.ts';
import type { Permission } from '../../shared/permissions.ts';
import { STUDENT_STATUSES, type StudentStatus } from '../../shared/student-status.ts';
import { readsJournalContent } from '../audit/index.ts';
import { editableGroups, readableGroups, type StudentFieldGroup } from './student-visibility.ts';

/** True when the actor holds a permission on people of a status. */
export function holdsOn(actor: Actor, permission: Permission, status: StudentStatus): boolean {
  const scopes = scopesOf(actor, permission);
  return scopes.includes('all') || scopes.includes(status);
}

/** Statuses on which the actor holds a permission. */
export function statusesOf(actor: Actor, permission: Permission): StudentStatus[] {
  return STUDENT_STATUSES.filter((status) => holdsOn(actor, permission, status));
}

export interface RecordRights {
  readonly readable: ReadonlySet<StudentFieldGroup>;
  readonly editable: ReadonlySet<StudentFieldGroup>;
  readonly archive: boolean;
  readonly revealNir: boolean;
  /** Give a number to a person who has none. */
  readonly addNir: boolean;
  readonly readNotes: boolean;
  readonly writeNotes: boolean;
  readonly updateCareer: boolean;
  readonly tag: boolean;
  readonly readImports: boolean;
  /** Reads the journal itself: such a reading is journalled. */
  readonly controls: boolean;
}

/** The person's status, and what stands in the way of changing them. */
export interface RightsSubject {
  readonly status: StudentStatus;
  readonly isRestricted: boolean;
}

/**
 * Rights on a person the actor can see. While processing is limited (RGPD art. 18) nobody changes anything here.
 * @see docs/decisions/003-rights.md
 */
export function recordRights(actor: Actor, { status, isRestricted }: RightsSubject): RecordRights {
  const readable = readableGroups(actor, status);
  const editable = isRestricted ? new Set<StudentFieldGroup>() : editableGroups(actor, status);
  const may = (permission: Permission) => !isRestricted && holdsOn(actor, permission, status);
  return {
    readable,
    editable,
    archive: may('students.archive'),
    revealNir: readable.has('nir') && holdsOn(actor, 'students.reveal_nir', status),
    addNir: readable.has('nir') && editable.has('identity'),
    readNotes: holdsOn(actor, 'students.read_notes', status),
    writeNotes: may('students.write_notes'),
    updateCareer: status === 'alumni' && may('alumni.update'),
    tag: may('tags.manage'),
    readImports: hasPermission(actor, 'imports.read'),
    controls: actor.type === 'user' && readsJournalContent(actor),
  };
}
