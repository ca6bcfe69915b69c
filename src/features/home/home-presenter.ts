import type { Language, Translate } from '../../i18n/index.ts';
import { hasPermission, scopesOf, type Actor } from '../../shared/actor.ts';
import { formatDateTime, formatRelative } from '../../shared/dates.ts';
import type { Permission } from '../../shared/permissions.ts';
import { STUDENT_STATUSES, type StudentStatus } from '../../shared/student-status.ts';
import { ATTENTION_CAP, type Attention, type RecentBatch, type RecentRecord } from './home-queries.ts';
import { SMALLEST_CELL, type Figures, type HomeOverview } from './home-service.ts';

interface TaskSource {
  readonly key: keyof Attention;
  readonly href: string;
  readonly icon: string;
  readonly tone: 'danger' | 'warning' | 'info';
  readonly permissions: readonly Permission[];
}

/** What can wait for a person, the most pressing first, with where it is dealt with. */
const TASKS: readonly TaskSource[] = [
  {
    key: 'batchesToConfirm',
    href: '/imports?etat=a-traiter',
    icon: 'clipboard-check',
    tone: 'danger',
    permissions: ['imports.decide_students', 'imports.decide_companies'],
  },
  {
    key: 'openConflicts',
    href: '/imports/ecarts',
    icon: 'git-compare',
    tone: 'warning',
    permissions: ['imports.decide_students'],
  },
  {
    key: 'studentDuplicates',
    href: '/doublons?type=etudiants',
    icon: 'copy-check',
    tone: 'warning',
    permissions: ['students.merge'],
  },
  {
    key: 'companyDuplicates',
    href: '/doublons?type=entreprises',
    icon: 'copy-check',
    tone: 'warning',
    permissions: ['companies.merge'],
  },
  {
    key: 'studentsWithAnomalies',
    href: '/etudiants?anomalie=1',
    icon: 'alert-triangle',
    tone: 'info',
    permissions: ['students.update'],
  },
  {
    key: 'missingStudents',
    href: '/etudiants?absent=1',
    icon: 'user-question',
    tone: 'info',
    permissions: ['students.update'],
  },
];

/** Making a formatter costs more than the rest of the page: each language has its own, made once. */
const numbers = { fr: new Intl.NumberFormat('fr-FR'), en: new Intl.NumberFormat('en-GB') };
const longDay = { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'Europe/Paris' } as const;
const days = { fr: new Intl.DateTimeFormat('fr-FR', longDay), en: new Intl.DateTimeFormat('en-GB', longDay) };

interface PresentationContext {
  readonly t: Translate;
  readonly lang: Language;
  readonly now: Date;
}

function presentTasks(actor: Actor, attention: Attention, { t, lang }: PresentationContext) {
  const number = numbers[lang];
  return TASKS.filter(
    (task) => attention[task.key] > 0 && task.permissions.some((permission) => hasPermission(actor, permission)),
  ).map((task) => {
    const count = attention[task.key];
    const shown =
      count > ATTENTION_CAP ? t('home.more_than', { number: number.format(ATTENTION_CAP) }) : number.format(count);
    return {
      href: task.href,
      icon: task.icon,
      tone: task.tone,
      figure: shown,
      label: t(`home.tasks.${task.key}`, { count }),
    };
  });
}

function presentFigures(figures: Figures, { t }: PresentationContext, actor: Actor) {
  const told = new Map(figures.statuses.map((row) => [row.status, row]));
  const href = (address: string, status: StudentStatus) => {
    const scopes = scopesOf(actor, 'students.read');
    return scopes.includes('all') || scopes.includes(status) ? address : '';
  };
  const shown = STUDENT_STATUSES.flatMap((status) => {
    const people = told.get(status)?.people ?? (told.has(status) ? null : 0);
    return people === null ? [] : [{ status, people }];
  });
  return {
    isEmpty: figures.isEmpty,
    cards: [
      ...STUDENT_STATUSES.map((status) => ({
        label: t(`home.figures.${status}`),
        value: shown.find((row) => row.status === status)?.people ?? t('home.figures.few', { number: SMALLEST_CELL }),
        icon: { prospect: 'user-question', en_fonction: 'users', alumni: 'school' }[status],
        tone: { prospect: 'accent', en_fonction: 'info', alumni: 'violet' }[status],
        href: href(`/etudiants?statut=${status}`, status),
      })),
      {
        label: t('home.figures.companies'),
        value: figures.companies,
        icon: 'building-factory-2',
        tone: 'neutral',
        href: hasPermission(actor, 'companies.read') ? '/entreprises' : '',
      },
    ],
    statusRows: shown.map(({ status, people }) => ({
      label: t(`common.status.student.${status}`),
      values: [people],
    })),
    programmeRows: figures.programmes.map((row) => ({
      label: row.label,
      values: [row.people],
      href: href(`/etudiants?statut=en_fonction&formation=${row.id}`, 'en_fonction'),
    })),
  };
}

function presentBatch(batch: RecentBatch, { t, lang, now }: PresentationContext) {
  const totals = batch.totals ? (JSON.parse(batch.totals) as Record<string, number>) : null;
  const parts = totals
    ? (['created', 'updated', 'rejected'] as const)
        .filter((outcome) => (totals[outcome] ?? 0) > 0)
        .map((outcome) => t(`home.batch.${outcome}`, { count: totals[outcome] ?? 0 }))
    : [];
  return {
    href: `/imports/${batch.id}`,
    source: t(`home.batch.source.${batch.source}`),
    fileName: batch.fileName,
    state: batch.state,
    totals: parts.join(' · '),
    iso: batch.createdAt.toISOString(),
    when: formatRelative(batch.createdAt, now, lang),
    exact: formatDateTime(batch.createdAt, lang),
  };
}

function presentRecord(record: RecentRecord, { lang, now }: PresentationContext) {
  return {
    href: `/${record.kind === 'student' ? 'etudiants' : 'entreprises'}/${record.id}`,
    name: record.name,
    kind: record.kind,
    status: record.status,
    iso: record.updatedAt.toISOString(),
    when: formatRelative(record.updatedAt, now, lang),
    exact: formatDateTime(record.updatedAt, lang),
  };
}

/** Plain values for views/home/home.ejs. */
export function presentHome(actor: Actor, overview: HomeOverview, context: PresentationContext) {
  return {
    firstName: actor.name.split(' ')[0] ?? '',
    today: days[context.lang].format(context.now),
    tasks: overview.attention ? presentTasks(actor, overview.attention, context) : [],
    decides: overview.attention !== null,
    figures: overview.figures ? presentFigures(overview.figures, context, actor) : null,
    batches: overview.batches.map((batch) => presentBatch(batch, context)),
    records: overview.recent.map((record) => presentRecord(record, context)),
  };
}
