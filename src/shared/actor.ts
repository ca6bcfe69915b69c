import type { Grant, Permission, Scope } from './permissions.ts';

/**
 * Who acts: a signed-in member of staff, the system itself (jobs) or the command line.
 * Services and queries take it first and decide from it what is visible and allowed.
 */
export interface Actor {
  readonly type: 'user' | 'system' | 'cli';
  readonly id: string | null;
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Programmes the actor is limited to; null: all. */
  readonly programmeIds: readonly string[] | null;
  /** Address and request the action came from, for the journal. */
  readonly ip: string | null;
  readonly requestId: string | null;
  /** What the signed-in person chose, for pages and messages. */
  readonly language: 'fr' | 'en';
}

/** The system itself: every right, named in the journal as the job that acts. */
export function systemActor(name: string, type: 'system' | 'cli' = 'system'): Actor {
  return { type, id: null, name, grants: [], programmeIds: null, ip: null, requestId: null, language: 'fr' };
}

const isUnlimited = (actor: Actor): boolean => actor.type !== 'user';

/** True when the actor holds the permission on at least one scope. */
export function hasPermission(actor: Actor, permission: Permission): boolean {
  return isUnlimited(actor) || actor.grants.some((grant) => grant.permission === permission);
}

/** The scopes on which the actor holds the permission; `all` stands alone when present. */
export function scopesOf(actor: Actor, permission: Permission): Scope[] {
  if (isUnlimited(actor)) return ['all'];
  const scopes = new Set(actor.grants.filter((grant) => grant.permission === permission).map((grant) => grant.scope));
  return scopes.has('all') ? ['all'] : [...scopes];
}

/** The field groups a permission opens to the actor on a scope (a student's status): `all` grants count everywhere. */
export function fieldGroupsOf(actor: Actor, permission: Permission, scope: Scope): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const grant of actor.grants) {
    if (grant.permission !== permission) continue;
    if (grant.scope !== 'all' && scope !== grant.scope) continue;
    for (const group of grant.fieldGroups) groups.add(group);
  }
  return groups;
}

/** True when the actor may see or touch a field group of the permission on a scope. */
export function hasFieldGroup(actor: Actor, permission: Permission, scope: Scope, group: string): boolean {
  return isUnlimited(actor) || fieldGroupsOf(actor, permission, scope).has(group);
}
