import type { Translate } from '../../i18n/index.ts';
import type { PageContext } from '../../http/render.ts';
import { uiFor } from '../../http/ui.ts';
import { groupBy } from '../../shared/grouping.ts';
import type { Permission, Scope } from '../../shared/permissions.ts';
import { STUDENT_STATUSES } from '../../shared/student-status.ts';
import { journalOfRecordUrl } from '../audit/index.ts';
import { userUrl } from '../users/index.ts';
import { readRight, rightKey, rightSections, rightsOf, type RightRow, type RightSection } from './role-rights.ts';
import { removalProblem, type RoleDetails } from './role-service.ts';
import * as urls from './urls.ts';

type View = Pick<PageContext, 't' | 'lang' | 'can'>;

const permissionLabel = (permission: Permission, t: Translate): string => t(`access.permissions.${permission}.label`);

function groupKey(permission: Permission, group: string): string {
  return `access.groups.${permission.split('.')[0]}.${group}`;
}

/** The words of a line: the permission alone, or one of its field groups. */
function wordsOf({ permission, group }: RightRow, t: Translate): { label: string; hint: string } {
  if (group === null)
    return { label: permissionLabel(permission, t), hint: t(`access.permissions.${permission}.hint`) };
  const key = groupKey(permission, group);
  return {
    label: t('roles.matrix.row', { permission: permissionLabel(permission, t), group: t(`${key}.label`) }),
    hint: t(`${key}.hint`),
  };
}

const scopeLabel = (scope: Scope, t: Translate): string => t(`access.scopes.${scope}`);

/** One right in a sentence: `Voir les fiches : coordonnées (Alumni)`. */
function rightText(key: string, t: Translate): string {
  const right = readRight(key);
  if (!right) return key;
  const { label } = wordsOf({ ...right, scopes: [] }, t);
  return right.scope === 'all' ? label : t('roles.matrix.narrowed', { label, scope: scopeLabel(right.scope, t) });
}

/** Every right of every role: lines are rights under their headings, columns are roles. */
export function presentMatrix(roles: readonly RoleDetails[], { t, can }: View) {
  const granted = roles.map((role) => new Set(rightsOf(role.grants)));
  return {
    header: {
      title: t('roles.list.title'),
      lead: t('roles.list.lead'),
      actions: can('roles.manage')
        ? [{ label: t('roles.list.create'), href: urls.newRoleUrl, icon: 'plus', kind: 'primary', shortcut: 'n' }]
        : [],
    },
    roles: roles.map((role) => ({
      label: role.label,
      href: urls.roleUrl(role.id),
      description: role.description,
      holders: t('roles.list.holders', { count: role.holders.length }),
      requiresSecondFactor: role.requiresSecondFactor,
    })),
    columns: roles.map((role) => ({
      label: role.label,
      hint: t('roles.list.holders', { count: role.holders.length }),
      href: urls.roleUrl(role.id),
    })),
    groups: rightSections.map((section) => ({
      label: t(`access.sections.${section.key}`),
      rows: section.rows.map((row) => ({
        ...wordsOf(row, t),
        cells: granted.map((keys) => {
          const scopes = row.scopes.filter((scope) => keys.has(rightKey({ ...row, scope })));
          if (scopes.length === 0) return { granted: false };
          const everywhere = scopes.includes('all') || STUDENT_STATUSES.every((status) => scopes.includes(status));
          return { granted: true, text: everywhere ? '' : scopes.map((scope) => scopeLabel(scope, t)).join(', ') };
        }),
      })),
    })),
  };
}

type CellOf = (key: string) => object;

/**
 * A section as a table of its own: columns are the scopes its rights can be narrowed to; the field groups of a permission stand
 * under its name, then come the permissions that have none.
 */
function sectionTable(section: RightSection, rows: readonly RightRow[], cellOf: CellOf, t: Translate) {
  const line = (row: RightRow) => ({
    ...wordsOf(row, t),
    ...(row.group === null ? {} : { label: t(`${groupKey(row.permission, row.group)}.label`) }),
    cells: section.scopes.map((scope) => (row.scopes.includes(scope) ? cellOf(rightKey({ ...row, scope })) : null)),
  });
  const parted = groupBy(
    rows.filter((row) => row.group !== null),
    (row) => row.permission,
  );
  const groups = [...parted].map(([permission, own]) => ({
    label: permissionLabel(permission, t),
    rows: own.map(line),
  }));
  const whole = rows.filter((row) => row.group === null).map(line);
  if (whole.length > 0) groups.push({ label: groups.length > 0 ? t('roles.form.actions') : '', rows: whole });
  const alone = section.scopes.length === 1;
  return {
    title: t(`access.sections.${section.key}`),
    columns: section.scopes.map((scope) => ({ label: alone ? t('common.matrix.granted') : scopeLabel(scope, t) })),
    groups,
  };
}

/** What a role's form holds, whoever filled it. */
export interface RoleValues {
  readonly label: string;
  readonly description: string;
  readonly requiresSecondFactor: boolean;
  readonly droits: readonly string[];
}

export const emptyRole: RoleValues = { label: '', description: '', requiresSecondFactor: false, droits: [] };

export function valuesOf(role: RoleDetails): RoleValues {
  return {
    label: role.label,
    description: role.description,
    requiresSecondFactor: role.requiresSecondFactor,
    droits: rightsOf(role.grants),
  };
}

/** What was typed, as the form shows it again. */
export function typedValues(values: Record<string, string | string[]>): RoleValues {
  const text = (name: string): string => String(values[name] ?? '');
  const rights = values['droits'] ?? [];
  return {
    label: text('label'),
    description: text('description'),
    requiresSecondFactor: values['requiresSecondFactor'] === '1',
    droits: Array.isArray(rights) ? rights : rights.split(','),
  };
}

/** The sections of the form, with a box for each right. */
export function formSections(values: RoleValues, { t }: View) {
  const ticked = new Set(values.droits);
  const box: CellOf = (key) => ({ name: 'droits', value: key, checked: ticked.has(key) });
  return rightSections.map((section) => sectionTable(section, section.rows, box, t));
}

/** Locals of a role's page: what it grants, and to whom. */
export function presentRole(role: RoleDetails, view: View) {
  const { t, lang, can } = view;
  const ui = uiFor(t, lang);
  const keys = new Set(rightsOf(role.grants));
  const isGranted = (row: RightRow): boolean => row.scopes.some((scope) => keys.has(rightKey({ ...row, scope })));
  const manages = can('roles.manage');
  const problem = removalProblem(role);
  return {
    role: { id: role.id, label: role.label, isOwn: role.isOwn && manages },
    header: {
      title: role.label,
      lead: role.description,
      trail: [{ label: t('roles.list.title'), href: urls.rolesUrl }],
      badges: role.requiresSecondFactor
        ? [ui.badge(t('roles.page.second_factor'), { tone: 'info', icon: 'shield-check' })]
        : [],
      actions: [
        ...(manages && !role.isOwn
          ? [
              {
                label: t('common.actions.edit'),
                href: urls.editRoleUrl(role.id),
                icon: 'pencil',
                kind: 'primary',
                shortcut: 'e',
              },
            ]
          : []),
        ...(manages ? [{ label: t('roles.page.copy'), href: urls.copyRoleUrl(role.id), icon: 'copy' }] : []),
      ],
      menu: [
        ...(can('audit.read')
          ? [{ label: t('roles.page.journal'), href: journalOfRecordUrl('role', role.id), icon: 'history' }]
          : []),
        ...(manages && !problem
          ? [{ label: t('roles.delete.label'), href: urls.deleteRoleUrl(role.id), icon: 'trash', danger: true }]
          : []),
      ],
    },
    sections: rightSections.flatMap((section) => {
      const rows = section.rows.filter(isGranted);
      if (rows.length === 0) return [];
      return [sectionTable(section, rows, (key) => ({ granted: keys.has(key) }), t)];
    }),
    holders: role.holders.map(({ id, name }) => ({ name, href: userUrl(id) })),
  };
}

/** Both versions of a role, for the component _conflict: of the rights, what each has and the other lacks. */
export function presentConflict(mine: RoleValues, current: RoleDetails, { t }: View) {
  const theirs = valuesOf(current);
  const yesNo = (value: boolean): string => t(value ? 'common.actions.yes' : 'common.actions.no');
  const beyond = (own: readonly string[], other: readonly string[]): string => {
    const extra = own.filter((key) => !other.includes(key));
    return extra.length === 0
      ? t('roles.conflict.nothing_more')
      : t('roles.conflict.more', { rights: extra.map((key) => rightText(key, t)).join(' ; ') });
  };
  return [
    {
      name: 'label',
      label: t('roles.fields.label'),
      mine: mine.label,
      theirs: theirs.label,
      same: mine.label === theirs.label,
    },
    {
      name: 'description',
      label: t('roles.fields.description'),
      mine: mine.description,
      theirs: theirs.description,
      same: mine.description === theirs.description,
    },
    {
      name: 'requiresSecondFactor',
      label: t('roles.fields.second_factor'),
      mine: yesNo(mine.requiresSecondFactor),
      theirs: yesNo(theirs.requiresSecondFactor),
      mineValue: mine.requiresSecondFactor ? '1' : '',
      theirsValue: theirs.requiresSecondFactor ? '1' : '',
      same: mine.requiresSecondFactor === theirs.requiresSecondFactor,
    },
    {
      name: 'droits',
      label: t('roles.fields.rights'),
      mine: beyond(mine.droits, theirs.droits),
      theirs: beyond(theirs.droits, mine.droits),
      mineValue: mine.droits.join(','),
      theirsValue: theirs.droits.join(','),
      same: [...mine.droits].sort().join() === [...theirs.droits].sort().join(),
    },
  ];
}
