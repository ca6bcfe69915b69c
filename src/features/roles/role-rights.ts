/**
 * The rights of a role as boxes to tick: one for each permission, scope and field group. Written as `students.create:all` or
 * `students.read:alumni:contact`.
 */
import { isPermission, permissions, type Grant, type Permission, type Scope } from '../../shared/permissions.ts';

export interface Right {
  readonly permission: Permission;
  readonly scope: Scope;
  /** Null where the permission has no field group. */
  readonly group: string | null;
}

/** A line of the matrix: a permission, or one field group of it. */
export interface RightRow {
  readonly permission: Permission;
  readonly group: string | null;
  /** `all` first, then those it can be narrowed to. */
  readonly scopes: readonly Scope[];
}

export interface RightSection {
  readonly key: 'people' | 'companies' | 'contacts' | 'imports' | 'tools' | 'administration' | 'other';
  readonly rows: readonly RightRow[];
  /** Every scope of its rows, `all` first. */
  readonly scopes: readonly Scope[];
}

/** Under which heading the permissions of an entity stand. */
const SECTION_OF: Readonly<Record<string, RightSection['key']>> = {
  students: 'people',
  alumni: 'people',
  companies: 'companies',
  contacts: 'contacts',
  imports: 'imports',
  jobs: 'imports',
  tags: 'tools',
  statistics: 'tools',
  users: 'administration',
  roles: 'administration',
  audit: 'administration',
  settings: 'administration',
};

interface Shape {
  readonly scopes: readonly Scope[];
  readonly fieldGroups: readonly string[];
}
const shapeOf = (permission: Permission): Shape => permissions[permission];

/** Every right there is, under its headings, in the order of src/shared/permissions.ts. */
export const rightSections: readonly RightSection[] = (() => {
  const sections = new Map<RightSection['key'], RightRow[]>();
  for (const permission of Object.keys(permissions) as Permission[]) {
    const { scopes, fieldGroups } = shapeOf(permission);
    const key = SECTION_OF[permission.split('.')[0] ?? ''] ?? 'other';
    const rows = (fieldGroups.length > 0 ? fieldGroups : [null]).map((group) => ({
      permission,
      group,
      scopes: ['all' as const, ...scopes],
    }));
    sections.set(key, [...(sections.get(key) ?? []), ...rows]);
  }
  return [...sections].map(([key, rows]) => ({ key, rows, scopes: [...new Set(rows.flatMap((row) => row.scopes))] }));
})();

export function rightKey({ permission, scope, group }: Right): string {
  return group === null ? `${permission}:${scope}` : `${permission}:${scope}:${group}`;
}

/** Null for what is no right of the product. */
export function readRight(key: string): Right | null {
  const [permission = '', scope = '', group = null, ...rest] = key.split(':');
  if (!isPermission(permission) || rest.length > 0) return null;
  const shape = shapeOf(permission);
  const known = scope === 'all' || (shape.scopes as readonly string[]).includes(scope);
  const fits = group === null ? shape.fieldGroups.length === 0 : shape.fieldGroups.includes(group);
  return known && fits ? { permission, scope: scope as Scope, group } : null;
}

/** The keys of what a role grants. */
export function rightsOf(grants: readonly Grant[]): string[] {
  return grants.flatMap(({ permission, scope, fieldGroups }) =>
    fieldGroups.length > 0
      ? fieldGroups.map((group) => rightKey({ permission, scope, group }))
      : [rightKey({ permission, scope, group: null })],
  );
}

/**
 * The grants that ticked boxes make: the identity of a record comes with any other field of it, and what is granted
 * everywhere is not granted again on a part.
 * @param keys as {@link readRight} knows them; others are left out
 */
export function grantsFrom(keys: readonly string[]): Grant[] {
  const ticked = new Map<Permission, Map<Scope, Set<string>>>();
  for (const right of keys.map(readRight)) {
    if (!right) continue;
    const scopes = ticked.get(right.permission) ?? new Map<Scope, Set<string>>();
    const groups = scopes.get(right.scope) ?? new Set<string>();
    if (right.group !== null) {
      groups.add(right.group);
      if (shapeOf(right.permission).fieldGroups.includes('identity')) groups.add('identity');
    }
    ticked.set(right.permission, scopes.set(right.scope, groups));
  }
  return [...ticked].flatMap(([permission, scopes]) => {
    const order = shapeOf(permission).fieldGroups;
    const everywhere = scopes.get('all');
    return [...scopes].flatMap(([scope, groups]): Grant[] => {
      const added =
        scope === 'all' || !everywhere ? groups : new Set([...groups].filter((one) => !everywhere.has(one)));
      if (scope !== 'all' && everywhere && added.size === 0) return [];
      return [{ permission, scope, fieldGroups: order.filter((group) => added.has(group)) }];
    });
  });
}
