/** How rows of companies and contacts are shown in lists. */
import type { Cell, CellTools, ListLook } from '../../http/list-page.ts';
import { html } from '../../http/safe-html.ts';
import type { Tone } from '../../http/ui-badges.ts';
import { formatDate, formatDateTime, formatRelative } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { formatSiren } from '../../shared/siren.ts';
import { alumniUrl } from '../students/index.ts';
import type { CompanyListRow } from './company-list.ts';
import { STAGE_TONES } from './company-presenter.ts';
import type { ContactListRow } from './contact-list.ts';
import { CONTACT_ROLE_TONES } from './contact-presenter.ts';
import { companyUrl, contactUrl, newCompanyUrl } from './urls.ts';

const phone = (number: string | null | undefined, { ui }: CellTools) =>
  number ? ui.phone(number, formatPhone(number)) : null;

const tags = (labels: string | null | undefined, { ui }: CellTools) =>
  labels ? html`${labels.split('\n').map((label) => html`${ui.tag(label)} `)}` : null;

const updated = (at: Date | undefined, { ui, lang, now }: CellTools) =>
  at ? ui.time(at.toISOString(), formatRelative(at, now, lang), formatDateTime(at, lang)) : null;

const companyCells: Readonly<Record<string, Cell<CompanyListRow>>> = {
  nom: (row, { ui, t, q }) => {
    const marks = [
      row.openToStudents && ui.badge(t('companies.open_short'), { tone: 'success', icon: 'school' }),
      row.archivedAt && ui.statusBadge('record', 'archived'),
      row.missingSince && ui.statusBadge('record', 'missing'),
      row.anomalyCount && ui.statusBadge('record', 'anomaly'),
    ].filter(Boolean);
    const name = row.name ?? '';
    return ui.identity({
      href: companyUrl(row.id),
      name,
      label: ui.highlight(name, q),
      detail: marks.length > 0 ? html`${marks}` : null,
      icon: 'building',
    });
  },
  ville: (row) => row.city ?? null,
  siren: (row) => (row.siren ? html`<span class="mono text-nowrap">${formatSiren(row.siren)}</span>` : null),
  stade: (row, { ui, t }) => {
    if (!row.relationStage) return null;
    return ui.badge(t(`companies.stages.${row.relationStage}`), { tone: STAGE_TONES[row.relationStage] as Tone });
  },
  telephone: (row, tools) => phone(row.phone, tools),
  courriel: (row, { ui }) => ui.email(row.email ?? null),
  alumni: (row, { ui, can }) => {
    if (!row.alumni) return html`<span class="text-secondary">0</span>`;
    const href = alumniUrl(new URLSearchParams({ entreprise: row.id }).toString());
    return can('students.read') ? html`<a href="${href}">${ui.number(row.alumni)}</a>` : ui.number(row.alumni);
  },
  contacts: (row, { ui }) =>
    row.contacts
      ? html`<a href="${companyUrl(row.id, 'contacts')}">${ui.number(row.contacts)}</a>`
      : html`<span class="text-secondary">0</span>`,
  etiquettes: (row, tools) => tags(row.tags, tools),
  maj: (row, tools) => updated(row.updatedAt, tools),
};

export const companiesLook: ListLook<CompanyListRow> = {
  texts: 'companies.list',
  cells: companyCells,
  looks: {
    nom: 'main',
    siren: 'tight',
    stade: 'tight',
    telephone: 'tight',
    alumni: 'number',
    contacts: 'number',
    maj: 'soft',
  },
  rowLabel: (row) => row.name ?? '',
  actions: ({ t, can }) =>
    can('companies.create')
      ? [{ label: t('companies.list.create'), href: newCompanyUrl(), icon: 'plus', kind: 'primary', shortcut: 'n' }]
      : [],
  emptyActions: ({ t, can }) => [
    ...(can('imports.decide_companies')
      ? [{ label: t('companies.list.import'), href: '/imports/nouveau', icon: 'file-import' }]
      : []),
    ...(can('companies.create') ? [{ label: t('companies.list.create'), href: newCompanyUrl(), icon: 'plus' }] : []),
  ],
  emptyIcon: 'building-factory-2',
};

const contactNameOf = (row: ContactListRow): string => [row.lastName, row.firstName].filter(Boolean).join(' ');

const contactCells: Readonly<Record<string, Cell<ContactListRow>>> = {
  nom: (row, { ui, t, q }) => {
    const marks = [
      row.archivedAt && ui.statusBadge('record', 'archived'),
      row.optedOutAt && ui.badge(t('companies.contacts.opted_out'), { tone: 'warning', icon: 'ban' }),
      row.isAlumnus && ui.badge(t('companies.contacts.alumnus'), { tone: 'violet', icon: 'school' }),
    ].filter(Boolean);
    const name = contactNameOf(row);
    return ui.identity({
      href: contactUrl(row.id),
      name,
      label: ui.highlight(name, q),
      detail: marks.length > 0 ? html`${row.jobTitle ? html`${row.jobTitle} ` : ''}${marks}` : (row.jobTitle ?? null),
    });
  },
  entreprise: (row, { ui, can, q }) => {
    if (!row.company || !row.companyId) return null;
    const label = ui.highlight(row.company, q);
    return can('companies.read') ? html`<a href="${companyUrl(row.companyId)}">${label}</a>` : label;
  },
  role: (row, { ui, t }) =>
    row.contactRole
      ? ui.badge(t(`companies.contact_roles.${row.contactRole}`), { tone: CONTACT_ROLE_TONES[row.contactRole] as Tone })
      : null,
  mobile: (row, tools) => phone(row.mobilePhone, tools),
  telephone: (row, tools) => phone(row.phone, tools),
  courriel: (row, { ui }) => (row.optedOutAt ? (row.email ?? null) : ui.email(row.email ?? null)),
  opposition: (row, { lang }) => (row.optedOutAt ? formatDate(row.optedOutAt, lang) : null),
  echange: (row, { lang }) => (row.lastContactOn ? formatDate(row.lastContactOn, lang) : null),
  etiquettes: (row, tools) => tags(row.tags, tools),
  maj: (row, tools) => updated(row.updatedAt, tools),
};

export const contactsLook: ListLook<ContactListRow> = {
  texts: 'companies.contact_list',
  cells: contactCells,
  looks: { nom: 'main', role: 'tight', mobile: 'tight', telephone: 'tight', maj: 'soft' },
  rowLabel: contactNameOf,
  emptyIcon: 'id-badge-2',
};
