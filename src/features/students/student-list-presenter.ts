/** How rows of students and alumni are shown in lists. */
import type { Cell, ListLook } from '../../http/list-page.ts';
import type { PageContext } from '../../http/render.ts';
import { html } from '../../http/safe-html.ts';
import { formatDateTime, formatRelative } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import type { StudentRow } from './student-list.ts';
import { newStudentUrl, studentUrl } from './urls.ts';

const nameOf = (row: StudentRow): string => `${row.lastName ?? ''} ${row.firstName ?? ''}`.trim();

/** What stands beside a number without a column of its own. */
const MARKS: readonly { icon: string; tone: string; label: string; shown: (row: StudentRow) => boolean }[] = [
  {
    icon: 'archive',
    tone: 'text-secondary',
    label: 'common.status.record.archived',
    shown: (row) => Boolean(row.archivedAt),
  },
  {
    icon: 'user-question',
    tone: 'text-warning',
    label: 'common.status.record.missing',
    shown: (row) => Boolean(row.missingSince),
  },
  {
    icon: 'alert-triangle',
    tone: 'text-warning',
    label: 'common.status.record.anomaly',
    shown: (row) => Boolean(row.anomalyCount),
  },
];

/** Few rows bear a mark: the others do not pay for looking. */
const isMarked = ({ archivedAt, missingSince, anomalyCount }: StudentRow): boolean =>
  Boolean(archivedAt || missingSince || anomalyCount);

const marksOf = (row: StudentRow, { ui, t }: Pick<Parameters<Cell<StudentRow>>[1], 'ui' | 't'>) =>
  MARKS.filter(({ shown }) => shown(row)).map(({ icon, tone, label }) => {
    const text = t(label);
    return html` <span class="${tone}" title="${text}">${ui.icon(icon, { size: 'sm', label: text })}</span>`;
  });

const cells: Readonly<Record<string, Cell<StudentRow>>> = {
  nom: (row, { ui, q, t }) => {
    const name = nameOf(row);
    const marks = isMarked(row) && marksOf(row, { ui, t });
    const detail = html`<span class="mono">${row.studentNumber}</span>${marks}`;
    return ui.identity({ href: studentUrl(row.id), name, label: ui.highlight(name, q), detail });
  },
  numero: (row) => html`<span class="mono">${row.studentNumber}</span>`,
  statut: (row, { ui }) => (row.status ? ui.statusBadge('student', row.status) : null),
  courriel: (row, { ui }) => ui.email(row.email ?? null),
  'courriel-ecole': (row, { ui }) => ui.email(row.schoolEmail ?? null),
  telephone: (row, { ui }) => phone(row.personalPhone, ui),
  'telephone-pro': (row, { ui }) => phone(row.professionalPhone, ui),
  ville: (row, { ui }) => {
    const place = [row.postcode, row.city].filter(Boolean).join(' ');
    return place === '' ? null : ui.clip(place);
  },
  entreprise: (row, { can }) => {
    if (!row.company) return null;
    const linked = row.companyId && can('companies.read');
    return linked ? html`<a href="/entreprises/${row.companyId}">${row.company}</a>` : row.company;
  },
  etiquettes: (row, { ui }) =>
    row.tags ? html`${row.tags.split('\n').map((label) => html`${ui.tag(label)} `)}` : null,
  maj: (row, { ui, lang, now }) =>
    row.updatedAt
      ? ui.time(
          row.updatedAt.toISOString(),
          formatRelative(row.updatedAt, now, lang),
          formatDateTime(row.updatedAt, lang),
        )
      : null,
};

function phone(number: string | null | undefined, ui: Parameters<Cell<StudentRow>>[1]['ui']) {
  return number ? ui.phone(number, formatPhone(number)) : null;
}

const looks = {
  nom: 'main',
  numero: 'tight',
  statut: 'tight',
  formation: 'wordy',
  telephone: 'tight',
  'telephone-pro': 'tight',
  maj: 'soft',
} as const;

const importAction = ({ t, can }: PageContext): object[] =>
  can('imports.decide_students')
    ? [{ label: t('students.list.import'), href: '/imports/nouveau', icon: 'file-import' }]
    : [];

export const studentsLook: ListLook<StudentRow> = {
  texts: 'students.list',
  cells,
  looks,
  rowLabel: nameOf,
  actions: ({ t, can }) =>
    can('students.create')
      ? [{ label: t('students.list.create'), href: newStudentUrl(), icon: 'user-plus', kind: 'primary', shortcut: 'n' }]
      : [],
  emptyActions: importAction,
  emptyIcon: 'users',
};

export const alumniLook: ListLook<StudentRow> = {
  texts: 'students.alumni',
  cells,
  looks,
  rowLabel: nameOf,
  emptyActions: importAction,
  emptyIcon: 'school',
};
