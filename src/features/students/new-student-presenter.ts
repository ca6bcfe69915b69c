/** The form that creates someone, and the warning that they may exist already. */
import type { InvalidForm } from '../../http/declared-routes.ts';
import type { PageContext } from '../../http/render.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { SimilarStudent } from './similar-students.ts';
import { datalistsOf, fieldView, offersCreation, SECTION_FIELDS, type TypedValues } from './student-form-presenter.ts';
import { TELLING_FIELDS } from './student-form-schemas.ts';
import { fullName } from './student-record-presenter.ts';
import type { StudyChoices } from './student-record-queries.ts';
import { newStudentUrl, similarStudentsUrl, studentsUrl, studentUrl } from './urls.ts';

const TELLING: ReadonlySet<string> = new Set(TELLING_FIELDS);

export interface SimilarView {
  readonly people: readonly {
    readonly name: string;
    readonly href: string;
    readonly detail: string;
    readonly status: StudentStatus;
    readonly isArchived: boolean;
    readonly score: string;
    readonly why: string;
  }[];
  /** Sentences about people out of sight. */
  readonly hidden: readonly string[];
  readonly insisted: boolean;
}

/** Who this may be already; a person out of sight is a sentence and nothing else. */
export function presentSimilar(
  similar: readonly SimilarStudent[],
  insisted: boolean,
  { t, lang }: PageContext,
): SimilarView {
  const percent = new Intl.NumberFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', { style: 'percent' });
  return {
    people: similar.flatMap((one) =>
      one.isVisible
        ? [
            {
              name: fullName(one),
              href: studentUrl(one.id),
              detail: [one.studentNumber, one.programme].filter(Boolean).join(' · '),
              status: one.status,
              isArchived: one.isArchived,
              score: percent.format(one.score / 100),
              why: one.reasons.map((reason) => t(`student-record.similar.reasons.${reason}`)).join(', '),
            },
          ]
        : [],
    ),
    hidden: similar.flatMap((one) =>
      one.isVisible
        ? []
        : [t('student-record.similar.hidden', { service: t(`student-record.similar.services.${one.service}`) })],
    ),
    insisted,
  };
}

export function presentNewStudent(
  {
    powers,
    choices,
    similar,
    problem,
  }: {
    powers: { statuses: StudentStatus[]; contact: boolean; nir: boolean };
    choices: StudyChoices;
    similar: readonly SimilarStudent[];
    problem: Partial<InvalidForm>;
  },
  page: PageContext,
) {
  const { t } = page;
  const [firstStatus = ''] = powers.statuses;
  const texts: TypedValues = { status: firstStatus, country: 'FR', ...problem.values };
  const errors = problem.errors ?? {};
  const live = {
    'hx-post': similarStudentsUrl(),
    'hx-trigger': 'input changed delay:400ms',
    'hx-target': '#similar',
    'hx-swap': 'outerHTML',
    'hx-include': 'closest form',
    'hx-sync': 'closest form:replace',
  };
  const fields = (names: readonly string[]) =>
    names.map((name) => {
      const view = fieldView(name, page, { texts, errors, statuses: powers.statuses });
      return {
        ...view,
        ...(name === 'nir' ? { required: false, hint: t('student-record.hints.nir_optional') } : {}),
        ...(name === 'lastName' ? { autofocus: true } : {}),
        ...(TELLING.has(name) ? { attributes: { ...(view['attributes'] as object | undefined), ...live } } : {}),
      };
    });
  return {
    header: {
      title: t('student-record.new.title'),
      lead: t('student-record.new.lead'),
      trail: [{ label: t('common.nav.students'), href: studentsUrl() }],
    },
    action: newStudentUrl(),
    cancelHref: studentsUrl(),
    groups: [
      { title: t('student-record.sections.identite'), fields: fields(SECTION_FIELDS.identite) },
      { title: t('student-record.new.school'), fields: fields(['status', ...SECTION_FIELDS.formation]), studies: true },
      ...(powers.contact
        ? [{ title: t('student-record.sections.coordonnees'), fields: fields(SECTION_FIELDS.coordonnees) }]
        : []),
      ...(powers.nir ? [{ title: t('student-record.sections.nir'), fields: fields(SECTION_FIELDS.nir) }] : []),
    ],
    creation: offersCreation(errors, texts, page) ? { checked: texts['create'] === '1' } : null,
    datalists: datalistsOf(choices),
    similar: presentSimilar(similar, texts['isSomeoneElse'] === '1', page),
    errors,
    formError: problem.formError ?? null,
    labels: Object.fromEntries(
      [...SECTION_FIELDS.identite, ...SECTION_FIELDS.formation, ...SECTION_FIELDS.coordonnees, 'status', 'nir'].map(
        (name) => [name, t(`student-record.fields.${name}`)],
      ),
    ),
  };
}
