/** The record as pages and machines are given it; what the actor may not read was left out before. */
import type { PageContext } from '../../http/render.ts';
import type { SafeHtml } from '../../http/safe-html.ts';
import { countryName } from '../../shared/countries.ts';
import { formatDate, formatDateTime, formatRelative } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { anomalyList } from '../anomalies/index.ts';
import { maskOf, presentNir, type ShownNir } from './nir-presenter.ts';
import type { ContactDetails, RecordTab, StudentRecord } from './student-record-service.ts';
import {
  alumniUrl,
  editStudentUrl,
  studentArchiveUrl,
  studentConflictsUrl,
  studentTwinUrl,
  studentsUrl,
  studentTabUrl,
  studentTagsUrl,
  studentUrl,
  type StudentTab,
} from './urls.ts';

export const TAB_PATHS: Readonly<Record<Exclude<RecordTab, 'identity'>, StudentTab>> = {
  studies: 'parcours',
  career: 'carriere',
  notes: 'notes',
  history: 'historique',
  imports: 'imports',
};

const TAB_ICONS: Readonly<Record<RecordTab, string>> = {
  identity: 'id',
  studies: 'school',
  career: 'briefcase',
  notes: 'notes',
  history: 'history',
  imports: 'file-import',
};

export function fullName(person: { lastName: string; firstName: string }): string {
  return `${person.lastName} ${person.firstName}`;
}

function tabsOf(record: StudentRecord, current: RecordTab, { t }: PageContext) {
  const { rights, counts } = record;
  const shown: Record<RecordTab, boolean> = {
    identity: true,
    studies: true,
    career: record.hasCareer,
    notes: rights.readNotes,
    history: true,
    imports: rights.readImports,
  };
  const count: Partial<Record<RecordTab, number | undefined>> = {
    career: counts.positions,
    notes: counts.notes,
    imports: counts.imports,
  };
  return (Object.keys(shown) as RecordTab[])
    .filter((tab) => shown[tab])
    .map((tab) => ({
      label: t(`student-record.tabs.${tab}`),
      href: tab === 'identity' ? studentUrl(record.id) : studentTabUrl(record.id, TAB_PATHS[tab]),
      icon: TAB_ICONS[tab],
      count: count[tab] || undefined,
      current: tab === current,
    }));
}

interface Notice {
  readonly tone: string;
  readonly icon: string;
  readonly title: string;
  readonly text: string | SafeHtml;
  readonly actions?: readonly object[];
}

/** What is odd, field by field, and where to go from here. */
function anomalyNotice(record: StudentRecord, { t, can }: PageContext): Notice {
  const decides = can('imports.decide_students') && record.openConflicts > 0;
  return {
    tone: 'warning',
    icon: 'alert-triangle',
    title: t('student-record.notices.anomalies', { count: record.anomalyCount }),
    text: anomalyList(record.anomalies, t) ?? t('student-record.notices.anomalies_text'),
    actions: [
      ...(decides ? [{ label: t('student-record.notices.decide'), href: studentConflictsUrl(record.id) }] : []),
      ...(record.rights.readImports
        ? [{ label: t('student-record.notices.see_imports'), href: studentTabUrl(record.id, TAB_PATHS.imports) }]
        : []),
    ],
  };
}

function noticesOf(record: StudentRecord, page: PageContext) {
  const { t, lang } = page;
  const notices: Notice[] = [];
  if (record.restrictedAt)
    notices.push({
      tone: 'warning',
      icon: 'shield-lock',
      title: t('student-record.notices.restricted', { date: formatDate(record.restrictedAt, lang) }),
      text: t('student-record.notices.restricted_text'),
    });
  if (record.archived)
    notices.push({
      tone: 'neutral',
      icon: 'archive',
      title: t('student-record.notices.archived', {
        date: formatDate(record.archived.at, lang),
        who: record.archived.by ?? t('student-record.someone'),
      }),
      text: record.archived.reason ?? '',
    });
  if (record.missingSince)
    notices.push({
      tone: 'warning',
      icon: 'user-question',
      title: t('student-record.notices.missing', { date: formatDate(record.missingSince, lang) }),
      text: t('student-record.notices.missing_text'),
    });
  if (record.anomalyCount > 0) notices.push(anomalyNotice(record, page));
  return notices;
}

/** What asks before a record is put away: in a dialog, or as a page. */
export function archiveConfirmation(
  record: Pick<StudentRecord, 'id' | 'lastName' | 'firstName'>,
  { t }: PageContext,
  errors: readonly string[] = [],
) {
  return {
    id: 'archive',
    title: t('student-record.archive.title', { name: fullName(record) }),
    message: t('student-record.archive.message'),
    consequences: [t('student-record.archive.lists'), t('student-record.archive.imports')],
    action: studentArchiveUrl(record.id),
    confirmLabel: t('common.actions.archive'),
    icon: 'archive',
    tone: 'warning',
    reason: {
      name: 'reason',
      label: t('student-record.archive.reason'),
      required: true,
      maxlength: 255,
      errors,
    },
  };
}

/** Where the record stands: in the list of its kind. */
export function trailOf(record: StudentRecord, { t }: PageContext): { label: string; href: string }[] {
  return [
    record.status === 'alumni'
      ? { label: t('common.nav.alumni'), href: alumniUrl() }
      : { label: t('common.nav.students'), href: studentsUrl() },
  ];
}

/** What is around every tab: name, badges, warnings, tabs, tags. */
export function presentFrame(record: StudentRecord, tab: RecordTab, page: PageContext, now: Date) {
  const { lang } = page;
  const { rights } = record;
  const canEdit = rights.editable.size > 0;
  const studies = [record.programme, record.cohort].filter(Boolean).join(', ');
  return {
    id: record.id,
    name: fullName(record),
    lead: [record.studentNumber, studies].filter(Boolean).join(' · '),
    trail: trailOf(record, page),
    status: record.status,
    isArchived: record.archived !== null,
    isRestricted: record.restrictedAt !== null,
    isMissing: record.missingSince !== null,
    anomalies: record.anomalyCount,
    notices: noticesOf(record, page),
    editHref: canEdit ? editStudentUrl(record.id) : null,
    archive: rights.archive && !record.archived ? archiveConfirmation(record, page) : null,
    archiveHref: studentArchiveUrl(record.id),
    twinHref: page.can('students.merge') && !record.archived && !record.restrictedAt ? studentTwinUrl(record.id) : null,
    canRestore: rights.archive && record.archived !== null,
    tabs: tabsOf(record, tab, page),
    tags: record.tags.map((tag) => ({
      label: tag.label,
      href: `${record.status === 'alumni' ? alumniUrl() : studentsUrl()}?${new URLSearchParams({ etiquette: tag.id }).toString()}`,
    })),
    tagsAction: rights.tag ? studentTagsUrl(record.id) : null,
    updated: formatRelative(record.updatedAt, now, lang),
    updatedAt: formatDateTime(record.updatedAt, lang),
    updatedIso: record.updatedAt.toISOString(),
    printed: formatDateTime(now, lang),
  };
}

/** `12 rue de la Gare` / `29200 Brest` / country when it is not France. */
function addressLines(contact: ContactDetails, { lang }: PageContext): string[] {
  const place = [contact.postcode, contact.city].filter(Boolean).join(' ');
  const lines = [contact.street, place].filter((text): text is string => Boolean(text));
  return contact.country === 'FR' || lines.length === 0 ? lines : [...lines, countryName(contact.country, lang)];
}

const phoneView = (e164: string | null) => (e164 === null ? null : { e164, label: formatPhone(e164) });

/** First tab: who the person is and how to reach them. */
export function presentIdentity(record: StudentRecord, page: PageContext, shown: ShownNir = {}) {
  const { t, lang } = page;
  const { rights, contact } = record;
  return {
    identity: {
      editHref: rights.editable.has('identity') ? editStudentUrl(record.id, 'identite') : '',
      lastName: record.lastName,
      firstName: record.firstName,
      studentNumber: record.studentNumber,
      schoolEmail: record.schoolEmail,
    },
    nir: record.nir
      ? {
          masked: presentNir(record, page, shown),
          addHref: rights.addNir && !record.nir.keyDigits ? editStudentUrl(record.id, 'nir') : null,
        }
      : null,
    contact: contact
      ? {
          editHref: rights.editable.has('contact') ? editStudentUrl(record.id, 'coordonnees') : '',
          birthDate: contact.birthDate ? formatDate(new Date(`${contact.birthDate}T12:00:00Z`), lang) : null,
          email: contact.email,
          personalPhone: phoneView(contact.personalPhone),
          professionalPhone: phoneView(contact.professionalPhone),
          address: addressLines(contact, page),
        }
      : null,
    school: {
      editHref: rights.editable.has('identity') ? editStudentUrl(record.id, 'formation') : '',
      programme: record.programme ?? record.cursus,
      cohort: record.cohort,
    },
    status: {
      editHref: rights.editable.has('identity') ? editStudentUrl(record.id, 'statut') : '',
      value: record.status,
      since: formatDate(record.statusSince, lang),
    },
    about: t(record.origin === 'import' ? 'student-record.about.imported' : 'student-record.about.manual', {
      date: formatDate(record.createdAt, lang),
      who: record.createdBy ?? t('student-record.someone'),
    }),
  };
}

/** The record for a machine, with the same rights as the page. */
export function recordJson(record: StudentRecord): Record<string, unknown> {
  return {
    id: record.id,
    studentNumber: record.studentNumber,
    lastName: record.lastName,
    firstName: record.firstName,
    status: record.status,
    statusSince: record.statusSince.toISOString(),
    schoolEmail: record.schoolEmail,
    programme: record.programme,
    cohort: record.cohort,
    cursus: record.cursus,
    tags: record.tags.map((tag) => tag.label),
    origin: record.origin,
    missingSince: record.missingSince?.toISOString() ?? null,
    anomalyCount: record.anomalyCount,
    archivedAt: record.archived?.at.toISOString() ?? null,
    restrictedAt: record.restrictedAt?.toISOString() ?? null,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    version: record.version,
    ...(record.contact ?? {}),
    ...(record.nir ? { nirMasked: record.nir.keyDigits === null ? null : maskOf(record.nir.keyDigits) } : {}),
  };
}
