/** Accounts as pages show them. One file because the list, the record and the form share the same few words. */
import type { FileColumn } from '../../http/list-export.ts';
import { fileLinks } from '../../http/list-files.ts';
import { html, type SafeHtml } from '../../http/safe-html.ts';
import type { PageContext } from '../../http/render.ts';
import { uiFor } from '../../http/ui.ts';
import { formatDateTime, formatRelative } from '../../shared/dates.ts';
import { journalOfRecordUrl } from '../audit/index.ts';
import type { UserPage, UserRow } from './user-queries.ts';
import { userStates, type UserListQuery, type UserState } from './user-schemas.ts';
import type { Choice, UserDetails } from './user-service.ts';
import * as urls from './urls.ts';

type View = Pick<PageContext, 't' | 'lang' | 'can'>;

function stateOf(user: { disabledAt: Date | null; hasPassword: boolean }): UserState {
  if (user.disabledAt) return 'disabled';
  return user.hasPassword ? 'active' : 'invited';
}

/** Locals of the list: those of the component _data-list, with its header. */
export function presentUserList(
  found: UserPage,
  query: UserListQuery,
  roles: readonly Choice[],
  now: Date,
  view: View,
) {
  const { t, lang, can } = view;
  const ui = uiFor(t, lang);
  const params = { q: query.q, role: query.role, etat: query.etat, tri: query.tri === 'nom' ? null : query.tri };
  const url = (changes: Parameters<typeof ui.href>[2]) => ui.href(urls.usersUrl, params, changes);
  const time = (date: Date): SafeHtml =>
    ui.time(date.toISOString(), formatRelative(date, now, lang), formatDateTime(date, lang));
  const roleLabel = roles.find((role) => role.id === query.role)?.label ?? null;
  const create = can('users.manage')
    ? [{ label: t('users.list.create'), href: urls.newUserUrl, icon: 'user-plus', kind: 'primary', shortcut: 'n' }]
    : [];
  return {
    header: { title: t('users.list.title'), lead: t('users.list.lead'), actions: create },
    list: {
      id: 'users',
      path: urls.usersUrl,
      params,
      q: query.q,
      searchLabel: t('users.list.search'),
      totalText: t('users.list.total', { count: found.total }),
      sort: { key: query.tri.replace('-', ''), direction: query.tri.startsWith('-') ? 'desc' : 'asc' },
      pager: {
        previousHref: found.previous ? url({ avant: found.previous }) : null,
        nextHref: found.next ? url({ apres: found.next }) : null,
        rangeText: '',
      },
      activeFilters: [
        ...(roleLabel ? [{ label: t('users.fields.role'), value: roleLabel, removeHref: url({ role: null }) }] : []),
        ...(query.etat
          ? [
              {
                label: t('users.fields.state'),
                value: t(`common.status.user.${query.etat}`),
                removeHref: url({ etat: null }),
              },
            ]
          : []),
      ],
      clearHref: urls.usersUrl,
      exports: fileLinks(urls.usersUrl),
      bulk: null,
    },
    filters: [
      {
        name: 'role',
        kind: 'select',
        label: t('users.fields.role'),
        options: roles.map(({ id, label }) => ({ value: id, label })),
        emptyOption: t('users.list.any_role'),
        value: query.role ?? '',
      },
      {
        name: 'etat',
        kind: 'select',
        label: t('users.fields.state'),
        options: userStates.map((value) => ({ value, label: t(`common.status.user.${value}`) })),
        emptyOption: t('users.list.any_state'),
        value: query.etat ?? '',
      },
    ],
    columns: [
      {
        key: 'name',
        label: t('users.fields.name'),
        sort: 'nom',
        main: true,
        cell: (row: UserRow) =>
          ui.identity({
            href: urls.userUrl(row.id),
            name: row.name,
            label: ui.highlight(row.name, query.q),
            detail: ui.highlight(row.email, query.q),
          }),
      },
      {
        key: 'roles',
        label: t('users.fields.roles'),
        cell: (row: UserRow) =>
          row.roleLabels.length > 0 ? html`${row.roleLabels.map((label) => html`${ui.badge(label)} `)}` : null,
      },
      {
        key: 'state',
        label: t('users.fields.state'),
        tight: true,
        cell: (row: UserRow) => ui.statusBadge('user', stateOf(row)),
      },
      {
        key: 'second-factor',
        label: t('users.fields.second_factor'),
        tight: true,
        cell: (row: UserRow) =>
          row.hasSecondFactor ? ui.badge(t('common.actions.yes'), { tone: 'success', icon: 'shield-check' }) : null,
      },
      {
        key: 'last-sign-in',
        label: t('users.fields.last_sign_in'),
        sort: 'connexion',
        soft: true,
        cell: (row: UserRow) => (row.lastSignInAt ? time(row.lastSignInAt) : t('users.list.never')),
      },
    ],
    rows: found.rows,
    rowLabel: (row: UserRow) => row.name,
    empty: { icon: 'users', title: t('users.list.empty_title'), text: t('users.list.empty_text'), actions: create },
  };
}

/** Rows of the list as JSON. */
export function userListJson(found: UserPage) {
  return {
    rows: found.rows.map((row) => ({
      id: row.id,
      name: row.name,
      email: row.email,
      state: stateOf(row),
      roles: row.roleLabels,
      secondFactor: row.hasSecondFactor,
      lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    })),
    total: found.total,
    next: found.next,
    previous: found.previous,
  };
}

/** The list as a file. */
export const userFileColumns: readonly FileColumn<UserRow>[] = [
  { key: 'nom', label: 'users.fields.name', value: ({ name }) => name },
  { key: 'courriel', label: 'users.fields.email', value: ({ email }) => email },
  { key: 'role', label: 'users.fields.roles', value: ({ roleLabels }) => roleLabels.join(', ') },
  { key: 'etat', label: 'users.fields.state', value: (row, t) => t(`common.status.user.${stateOf(row)}`) },
  {
    key: 'second-facteur',
    label: 'users.fields.second_factor',
    value: ({ hasSecondFactor }, t) => t(`common.actions.${hasSecondFactor ? 'yes' : 'no'}`),
  },
  { key: 'connexion', label: 'users.fields.last_sign_in', value: ({ lastSignInAt }) => lastSignInAt },
];

/** Locals of a user's page. */
export function presentUser(user: UserDetails, now: Date, { t, lang, can }: View) {
  const ui = uiFor(t, lang);
  const state = stateOf(user);
  const moment = (date: Date | null): SafeHtml | null =>
    date ? ui.time(date.toISOString(), formatDateTime(date, lang), formatRelative(date, now, lang)) : null;
  const manages = can('users.manage');
  const canAct = manages && !user.isOwn;
  return {
    user: { id: user.id, name: user.name, email: user.email, isOwn: user.isOwn, state },
    badges: [ui.statusBadge('user', state)],
    trail: [{ label: t('users.list.title'), href: urls.usersUrl }],
    actions: manages
      ? [
          {
            label: t('common.actions.edit'),
            href: urls.editUserUrl(user.id),
            icon: 'pencil',
            kind: 'primary',
            shortcut: 'e',
          },
        ]
      : [],
    menu: can('audit.read')
      ? [{ label: t('users.page.journal'), href: journalOfRecordUrl('user', user.id), icon: 'history' }]
      : [],
    account: [
      { label: t('users.fields.email'), value: ui.email(user.email) },
      { label: t('users.fields.language'), value: t(`users.languages.${user.language}`) },
      { label: t('users.fields.created'), value: moment(user.createdAt) },
      {
        label: t('users.fields.last_sign_in'),
        value: user.lastSignInAt
          ? html`${moment(user.lastSignInAt)}${user.lastSignInIp && html` · ${user.lastSignInIp}`}`
          : t('users.list.never'),
      },
      { label: t('users.fields.open_sessions'), value: ui.number(user.openSessions) },
      {
        label: t('users.fields.second_factor'),
        value: user.secondFactorSince
          ? ui.badge(t('users.page.second_factor_on'), { tone: 'success', icon: 'shield-check' })
          : user.roles.some((role) => role.requiresSecondFactor)
            ? ui.badge(t('users.page.second_factor_awaited'), { tone: 'warning', icon: 'shield' })
            : t('users.page.second_factor_off'),
      },
    ],
    rights: [
      {
        label: t('users.fields.roles'),
        value:
          user.roles.length > 0
            ? html`${user.roles.map((role) => html`<a class="chip chip-info me-1" href="/roles/${role.id}">${role.label}</a>`)}`
            : t('users.page.no_role'),
      },
      {
        label: t('users.fields.programmes'),
        value:
          user.programmes.length > 0
            ? user.programmes.map(({ label }) => label).join(', ')
            : t('users.page.all_programmes'),
      },
    ],
    does: {
      invite: canAct && state === 'invited',
      disable: canAct && state !== 'disabled',
      enable: canAct && state === 'disabled',
      resetSecondFactor: canAct && user.secondFactorSince !== null,
      signOut: canAct && user.openSessions > 0,
    },
    urls: {
      deactivation: urls.deactivationUrl(user.id),
      secondFactor: urls.userSecondFactorUrl(user.id),
      sessions: urls.userSessionsUrl(user.id),
      link: urls.userLinkUrl(user.id),
    },
  };
}

/** What an account's form holds, whoever filled it. */
export interface AccountValues {
  readonly name: string;
  readonly email: string;
  readonly language: string;
  readonly roles: readonly string[];
  readonly programmes: readonly string[];
}

const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : value.split(',').filter((id) => id !== '');

/** What was typed, as the form shows it again. */
export function typedValues(values: Record<string, string | string[]>): AccountValues {
  const text = (name: string): string => String(values[name] ?? '');
  return {
    name: text('name'),
    email: text('email'),
    language: text('language'),
    roles: list(values['roles']),
    programmes: list(values['programmes']),
  };
}

export function valuesOf(user: UserDetails): AccountValues {
  return {
    name: user.name,
    email: user.email,
    language: user.language,
    roles: user.roles.map(({ id }) => id),
    programmes: user.programmes.map(({ id }) => id),
  };
}

/** Both versions of an account, field by field, for the component _conflict. */
export function presentConflict(
  mine: AccountValues,
  current: UserDetails,
  choices: { roles: readonly Choice[]; programmes: readonly Choice[] },
  { t }: View,
) {
  const theirs = valuesOf(current);
  const labels = (ids: readonly string[], among: readonly Choice[]): string =>
    ids.map((id) => among.find((choice) => choice.id === id)?.label ?? id).join(', ');
  const plain = (name: 'name' | 'email') => ({
    name,
    label: t(`users.fields.${name}`),
    mine: mine[name],
    theirs: theirs[name],
    same: mine[name] === theirs[name],
  });
  const several = (name: 'roles' | 'programmes') => ({
    name,
    label: t(`users.fields.${name}`),
    mine: labels(mine[name], choices[name]),
    theirs: labels(theirs[name], choices[name]),
    mineValue: mine[name].join(','),
    theirsValue: theirs[name].join(','),
    same: [...mine[name]].sort().join() === [...theirs[name]].sort().join(),
  });
  return [
    plain('name'),
    plain('email'),
    {
      name: 'language',
      label: t('users.fields.language'),
      mine: t(`users.languages.${mine.language}`),
      theirs: t(`users.languages.${theirs.language}`),
      mineValue: mine.language,
      theirsValue: theirs.language,
      same: mine.language === theirs.language,
    },
    several('roles'),
    several('programmes'),
  ];
}
