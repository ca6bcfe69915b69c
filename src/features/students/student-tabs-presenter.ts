/** The tabs of a record beside the first: studies, career, imports. */
import type { PageContext } from '../../http/render.ts';
import { dayOf, formatDate, formatDateTime } from '../../shared/dates.ts';
import { sortedCodes } from '../../shared/issue-codes.ts';
import type { CompanyMatch } from './career-service.ts';
import type {
  AlumniProfileRow,
  EnrolmentRow,
  ImportTouchRow,
  PositionRow,
  StatusChangeRow,
} from './student-record-queries.ts';
import type { StaleAttempt } from './student-page.ts';
import type { StudentRecord } from './student-record-service.ts';
import { editStudentUrl, enrolmentUrl, graduationUrl, positionUrl } from './urls.ts';

/** `du 02/09/2024 au 30/06/2026`, `depuis le 02/09/2024`; null when neither day is known. */
function periodText(startedOn: Date | null, endedOn: Date | null, { t, lang }: PageContext): string | null {
  const [start, end] = [startedOn && formatDate(startedOn, lang), endedOn && formatDate(endedOn, lang)];
  if (start && end) return t('student-record.period.from_to', { start, end });
  if (start) return t('student-record.period.since', { start });
  return end ? t('student-record.period.until', { end }) : null;
}

export function presentStudies(
  record: StudentRecord,
  { statusChanges, enrolments }: { statusChanges: readonly StatusChangeRow[]; enrolments: readonly EnrolmentRow[] },
  page: PageContext,
) {
  const { t, lang } = page;
  const canEdit = record.rights.editable.has('identity');
  return {
    statusHref: canEdit ? editStudentUrl(record.id, 'statut') : '',
    statusChanges: statusChanges.map((change) => ({
      iso: change.changedAt.toISOString(),
      date: formatDateTime(change.changedAt, lang),
      from: change.fromStatus,
      to: change.toStatus,
      who: change.actorName ?? t(`student-record.origins.${change.origin}`),
      reason: change.reason,
      importHref: change.batchId && record.rights.readImports ? `/imports/${change.batchId}` : null,
    })),
    studiesHref: canEdit ? editStudentUrl(record.id, 'formation') : '',
    main: { programme: record.programme, cohort: record.cohort, cursus: record.cursus },
    enrolments: enrolments.map((enrolment) => ({
      id: enrolment.id,
      programme: enrolment.programme,
      cohort: enrolment.cohort,
      isMain: enrolment.programme === record.programme,
      isOver: enrolment.endedOn !== null,
      period: periodText(enrolment.startedOn, enrolment.endedOn, page),
      origin: t(`student-record.origins.${enrolment.origin}`),
      editHref: canEdit ? enrolmentUrl(record.id, enrolment.id) : null,
    })),
    addHref: canEdit ? enrolmentUrl(record.id) : null,
  };
}

/** A company the CRM knows, or a name alone. */
function companyView(position: PositionRow, { can }: PageContext) {
  return {
    name: position.companyName ?? position.companyText ?? '',
    city: position.companyCity,
    href: position.companyId && can('companies.read') ? `/entreprises/${position.companyId}` : null,
    isKnown: position.companyId !== null,
  };
}

export function presentCareer(
  record: StudentRecord,
  { profile, positions }: { profile: AlumniProfileRow | null; positions: readonly PositionRow[] },
  page: PageContext,
  attempt: StaleAttempt | null = null,
) {
  const { lang, t } = page;
  const canUpdate = record.rights.updateCareer;
  const views = positions.map((position) => ({
    id: position.id,
    title: position.title,
    company: companyView(position, page),
    period: periodText(position.startedOn, position.endedOn, page),
    origin: t(`student-record.origins.${position.origin}`),
    isCurrent: position.endedOn === null,
    editHref: canUpdate ? positionUrl(record.id, position.id) : null,
  }));
  return {
    profile: profile && {
      cursus: profile.cursus,
      graduatedOn: profile.graduatedOn ? formatDate(profile.graduatedOn, lang) : null,
    },
    graduation:
      profile && canUpdate
        ? {
            action: graduationUrl(record.id),
            value: String(attempt?.values?.['graduatedOn'] ?? dayOf(profile.graduatedOn) ?? ''),
            version: attempt?.conflict ? profile.version : String(attempt?.values?.['version'] ?? profile.version),
            errors: attempt?.errors?.['graduatedOn'] ?? [],
            conflict: attempt?.conflict ?? null,
            isOpen: attempt !== null,
          }
        : null,
    current: views.filter((view) => view.isCurrent),
    past: views.filter((view) => !view.isCurrent),
    addHref: canUpdate ? positionUrl(record.id) : null,
  };
}

export function presentImports(touches: readonly ImportTouchRow[], { t, lang }: PageContext) {
  return touches.map((touch) => ({
    href: `/imports/${touch.batchId}`,
    file: touch.fileName,
    row: touch.rowNumber,
    iso: touch.happenedAt.toISOString(),
    date: formatDateTime(touch.happenedAt, lang),
    outcome: touch.outcome,
    state: touch.state,
    isUndone: touch.undoOutcome === 'restored',
    warnings: sortedCodes(JSON.parse(touch.warnings) as string[]).map((code) => ({
      code,
      label: t(`import-codes.${code}.title`),
      text: t(`import-codes.${code}.text`),
    })),
  }));
}

/** Companies to choose from when several bear the name that was typed. */
export function presentCompanyChoices(matches: readonly CompanyMatch[], { t }: PageContext) {
  return [
    ...matches.map((match) => ({ value: match.id, label: match.name, hint: match.city ?? '' })),
    { value: 'text', label: t('student-record.position.keep_text'), hint: t('student-record.position.keep_text_hint') },
  ];
}
