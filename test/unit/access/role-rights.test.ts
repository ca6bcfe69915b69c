import { describe, expect, it } from 'vitest';
import { flattenTexts } from '../../../scripts/lib/i18n.ts';
import { readTexts } from '../../../src/i18n/index.ts';
import { grantsFrom, readRight, rightSections, rightsOf } from '../../../src/features/roles/role-rights.ts';
import {
  builtInRoles,
  incompatiblePair,
  incompatiblePermissions,
  permissionNames,
  permissions,
} from '../../../src/shared/permissions.ts';

describe('the rights of a role', () => {
  it('are all in the matrix, once', () => {
    const rows = rightSections.flatMap((section) => section.rows);
    expect([...new Set(rows.map((row) => row.permission))].toSorted()).toEqual(permissionNames.toSorted());
    expect(new Set(rows.map((row) => `${row.permission} ${row.group}`)).size).toBe(rows.length);
    expect(rightSections.map(({ key }) => key)).not.toContain('other');
  });

  it.each(['fr', 'en'] as const)('are explained in words, in %s', (language) => {
    const texts = flattenTexts({ access: readTexts(language)['access'] });
    const scopes = new Set(rightSections.flatMap((section) => section.scopes));
    const wanted = [
      ...rightSections.flatMap(({ rows }) =>
        rows.flatMap(({ permission, group }) => {
          const key =
            group === null ? `permissions.${permission}` : `groups.${permission.split('.')[0] ?? ''}.${group}`;
          return [`access.${key}.label`, `access.${key}.hint`, `access.permissions.${permission}.label`];
        }),
      ),
      ...rightSections.map(({ key }) => `access.sections.${key}`),
      ...[...scopes].map((scope) => `access.scopes.${scope}`),
      ...incompatiblePermissions.map((pair) => `access.incompatible.${pair.join('__').replaceAll('.', '_')}`),
    ];
    expect(wanted.filter((key) => !texts.has(key))).toEqual([]);
  });

  it.each(builtInRoles.map((role) => [role.key, role] as const))(
    'of %s go through the form unchanged',
    (_key, role) => {
      const order = (grants: typeof role.grants) =>
        grants.map((grant) => `${grant.permission} ${grant.scope} ${grant.fieldGroups.toSorted().join()}`).toSorted();
      expect(order(grantsFrom(rightsOf(role.grants)))).toEqual(order(role.grants));
    },
  );

  it('that the product ships never join what must stay apart', () => {
    for (const role of builtInRoles) expect(incompatiblePair(role.grants.map((grant) => grant.permission))).toBeNull();
    expect(incompatiblePair(['roles.manage', 'students.read', 'students.reveal_nir'])).toEqual([
      'roles.manage',
      'students.reveal_nir',
    ]);
  });

  it.each(builtInRoles.flatMap((role) => role.grants.map((grant) => [role.key, grant.permission, grant] as const)))(
    'of %s fit their permission: %s',
    (_role, permission, grant) => {
      const shape: { scopes: readonly string[]; fieldGroups: readonly string[] } = permissions[permission];
      expect(['all', ...shape.scopes]).toContain(grant.scope);
      expect(shape.fieldGroups).toEqual(expect.arrayContaining([...grant.fieldGroups]));
    },
  );
});

describe('grantsFrom', () => {
  it('grants nothing for nothing', () => {
    expect(grantsFrom([])).toEqual([]);
  });

  it('brings the identity of a record with any other field of it', () => {
    expect(grantsFrom(['students.read:alumni:contact'])).toEqual([
      { permission: 'students.read', scope: 'alumni', fieldGroups: ['identity', 'contact'] },
    ]);
    expect(grantsFrom(['audit.read:all:content'])).toEqual([
      { permission: 'audit.read', scope: 'all', fieldGroups: ['content'] },
    ]);
  });

  it('does not grant on a part what is granted everywhere', () => {
    expect(
      grantsFrom([
        'students.read:all:identity',
        'students.read:alumni:identity',
        'students.read:alumni:contact',
        'students.create:all',
        'students.create:prospect',
      ]),
    ).toEqual([
      { permission: 'students.read', scope: 'all', fieldGroups: ['identity'] },
      { permission: 'students.read', scope: 'alumni', fieldGroups: ['contact'] },
      { permission: 'students.create', scope: 'all', fieldGroups: [] },
    ]);
  });
});

describe('readRight', () => {
  it.each([
    'students.read',
    'students.read:all',
    'students.read:all:relation',
    'students.read:accounting:identity',
    'students.create:all:identity',
    'companies.create:alumni',
    'nothing.read:all',
    'students.create:all:',
    'students.read:all:identity:x',
    '__proto__:all',
    '',
  ])('knows no right %j', (key) => {
    expect(readRight(key)).toBeNull();
  });
});
