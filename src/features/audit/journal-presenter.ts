import { plainList, type ActiveFilter } from '../../http/plain-list.ts';
import type { PageContext } from '../../http/render.ts';
import { href } from '../../http/ui-links.ts';
import { formatDateTime } from '../../shared/dates.ts';
import { actionLabel, actionLook, actorLabel, jobLabel, listLabel, subjectLabel } from './event-words.ts';
import { eventJson, presentChanges, presentDetail, type ChangeView } from './history-presenter.ts';
import type { JournalQuery } from './journal-schemas.ts';
import type { JournalPage } from './journal-service.ts';
import { journalPath } from './urls.ts';

const SUBJECT_TYPES = ['student', 'company', 'contact', 'user', 'role', 'import', 'list', 'setting', 'tag', 'job'];

/** Where the record of a subject is, and the right that opens it. */
const RECORDS: Readonly<Record<string, { path: string; permission: string }>> = {
  student: { path: '/etudiants/', permission: 'students.read' },
  company: { path: '/entreprises/', permission: 'companies.read' },
  contact: { path: '/contacts/', permission: 'contacts.read' },
  import: { path: '/imports/', permission: 'imports.read' },
};

interface RowView {
  readonly id: string;
  readonly iso: string;
  readonly time: string;
  readonly actor: string;
  readonly isPerson: boolean;
  readonly action: string;
  readonly icon: string;
  readonly tone: string;
  readonly subject: string;
  readonly subjectKind: string;
  readonly subjectHref: string | null;
  readonly ip: string | null;
  readonly requestId: string | null;
  readonly detail: string;
  readonly changes: readonly ChangeView[];
}

/** What an event without a name is known by. */
export function subjectText(row: JournalPage['rows'][number], t: PageContext['t']): string {
  const said =
    row.subjectType === 'list'
      ? listLabel(row.subjectId, t)
      : row.subjectType === 'job'
        ? jobLabel(row.subjectId, t)
        : null;
  return row.subjectName ?? said ?? (row.subjectId.length > 20 ? row.subjectId.slice(-8) : row.subjectId);
}

function rowsOf(found: JournalPage, { t, lang, can }: PageContext): RowView[] {
  return found.rows.map((row) => {
    const record = RECORDS[row.subjectType];
    return {
      id: row.id,
      iso: row.occurredAt.toISOString(),
      time: formatDateTime(row.occurredAt, lang),
      actor: actorLabel(row, t),
      isPerson: row.actorName !== null,
      action: actionLabel(row.action, t),
      ...actionLook(row.action),
      subject: subjectText(row, t),
      subjectKind: subjectLabel(row.subjectType, t),
      subjectHref: record && can(record.permission) ? `${record.path}${row.subjectId}` : null,
      ip: row.ip,
      requestId: row.requestId,
      detail: presentDetail(row, t, lang),
      changes: presentChanges(row, t, lang),
    };
  });
}

/** The parameters of the address without those of paging. */
function criteriaOf(query: JournalQuery): Record<string, string | null> {
  return {
    q: query.q,
    action: query.action,
    acteur: query.acteur,
    objet: query.objet,
    fiche: query.fiche,
    du: query.du,
    au: query.au,
  };
}

export function presentJournal(
  found: JournalPage,
  choices: { actions: readonly string[]; actors: readonly { id: string; name: string }[] },
  query: JournalQuery,
  page: PageContext,
) {
  const { t, lang } = page;
  const params = criteriaOf(query);
  const sort = { tri: query.tri === '-date' ? null : query.tri };
  const without = (name: string) => href(journalPath, { ...params, ...sort }, { [name]: null });
  const actorName = (value: string) =>
    value === 'system' || value === 'cli'
      ? t(`audit.actors.${value}`)
      : (choices.actors.find((actor) => actor.id === value)?.name ?? value);
  const shown: Record<string, (value: string) => string> = {
    q: (value) => value,
    action: (value) => actionLabel(value, t),
    acteur: actorName,
    objet: (value) => subjectLabel(value, t),
    fiche: (value) => value.slice(-8),
    du: (value) => value.split('-').reverse().join('/'),
    au: (value) => value.split('-').reverse().join('/'),
  };
  const activeFilters = Object.entries(params).flatMap(([name, value]): ActiveFilter[] =>
    value === null || value === '' || name === 'q'
      ? []
      : [{ label: t(`audit.filters.${name}`), value: shown[name]?.(value) ?? value, removeHref: without(name) }],
  );
  return {
    reading: found.reading,
    rows: rowsOf(found, page),
    list: plainList({
      id: 'journal',
      path: journalPath,
      params: { ...params, ...sort },
      q: query.q,
      searchLabel: t('audit.search'),
      totalText: t(found.totalIsMinimum ? 'audit.more_than' : 'audit.total', { count: found.total }),
      found,
      activeFilters,
      sort: query.tri,
      hasFiles: true,
    }),
    filters: [
      {
        name: 'action',
        label: t('audit.filters.action'),
        kind: 'select',
        value: query.action ?? '',
        emptyOption: t('audit.any_action'),
        options: choices.actions
          .map((value) => ({ value, label: actionLabel(value, t) }))
          .sort((a, b) => a.label.localeCompare(b.label, lang)),
      },
      {
        name: 'acteur',
        label: t('audit.filters.acteur'),
        kind: 'select',
        value: query.acteur ?? '',
        emptyOption: t('audit.anyone'),
        options: [
          ...choices.actors.map((actor) => ({ value: actor.id, label: actor.name })),
          { value: 'system', label: t('audit.actors.system') },
          { value: 'cli', label: t('audit.actors.cli') },
        ],
      },
      {
        name: 'objet',
        label: t('audit.filters.objet'),
        kind: 'select',
        value: query.objet ?? '',
        emptyOption: t('audit.anything'),
        options: SUBJECT_TYPES.map((value) => ({ value, label: subjectLabel(value, t) })),
      },
      { name: 'fiche', label: t('audit.filters.fiche'), value: query.fiche ?? '', maxlength: 36, spellcheck: 'false' },
      { name: 'du', label: t('audit.filters.du'), kind: 'date', value: query.du ?? '' },
      { name: 'au', label: t('audit.filters.au'), kind: 'date', value: query.au ?? '' },
    ],
  };
}

/** `{ rows, total, next, previous }`: names and values only for those who read the content. */
export function journalJson(found: JournalPage) {
  const content = found.reading === 'content';
  return {
    rows: found.rows.map((row) => {
      const { changes, detail, values, subject, ...event } = eventJson(row);
      return {
        ...event,
        subject: { ...(subject as object), ...(row.subjectName === null ? {} : { name: row.subjectName }) },
        ip: row.ip,
        requestId: row.requestId,
        ...(content ? { changes, detail, values } : {}),
      };
    }),
    total: found.total,
    totalIsMinimum: found.totalIsMinimum,
    next: found.next,
    previous: found.previous,
  };
}
