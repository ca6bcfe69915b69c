/** Forms of a person: the fields of each section, what they hold, and two versions of them side by side. */
import type { FieldErrors } from '../../http/forms.ts';
import type { PageContext } from '../../http/render.ts';
import { countryName, countryOptions } from '../../shared/countries.ts';
import { dayOf, formatDate } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { StudentRow, StudyChoices } from './student-record-queries.ts';
import type { StudentRecord } from './student-record-service.ts';
import type { StudentSection } from './urls.ts';

/** Texts of a form by field, as they are typed. */
export type FormTexts = Readonly<Record<string, string>>;
export type TypedValues = Readonly<Record<string, string | string[]>>;

/** Values of a person as they are stored, from wherever they come. */
export type StoredValues = Readonly<Record<string, unknown>>;

export interface FieldView {
  readonly name: string;
  readonly label: string;
  readonly [option: string]: unknown;
}

const PHONES: ReadonlySet<string> = new Set(['personalPhone', 'professionalPhone']);

export const SECTION_FIELDS: Readonly<Record<StudentSection, readonly string[]>> = {
  identite: ['lastName', 'firstName', 'schoolEmail'],
  coordonnees: ['email', 'birthDate', 'personalPhone', 'professionalPhone', 'street', 'postcode', 'city', 'country'],
  formation: ['programme', 'cohort'],
  statut: ['status', 'reason'],
  nir: ['nir'],
};

/** What a field holds, as it is typed. */
function typedText(field: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return PHONES.has(field) && text !== '' ? formatPhone(text) : text;
}

/** Texts of a section from stored values; a field that is absent there stays absent. */
export function textsOf(section: StudentSection, values: StoredValues): FormTexts {
  return Object.fromEntries(
    SECTION_FIELDS[section].flatMap((field) =>
      values[field] === undefined ? [] : [[field, typedText(field, values[field])]],
    ),
  );
}

export const valuesOfRecord = (record: StudentRecord): StoredValues => ({ ...record, ...record.contact });
export const valuesOfRow = (row: StudentRow): StoredValues => ({ ...row, birthDate: dayOf(row.birthDate) });

/** A value as people read it, where it is typed otherwise. */
function readText(field: string, text: string, { t, lang }: PageContext): string {
  if (text === '') return '';
  if (field === 'birthDate') return formatDate(new Date(`${text}T12:00:00Z`), lang);
  if (field === 'country') return countryName(text, lang);
  return field === 'status' ? t(`common.status.student.${text}`) : text;
}

const SPANS: Readonly<Record<string, string>> = { street: '', postcode: 'third', city: 'two-thirds', reason: '' };
const LOOKS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  lastName: { required: true, autocomplete: 'off', maxlength: 120 },
  firstName: { required: true, autocomplete: 'off', maxlength: 120 },
  schoolEmail: { kind: 'email', autocomplete: 'off', maxlength: 191 },
  email: { kind: 'email', autocomplete: 'off', maxlength: 191 },
  birthDate: { kind: 'date' },
  personalPhone: { kind: 'tel', autocomplete: 'off', maxlength: 60 },
  professionalPhone: { kind: 'tel', autocomplete: 'off', maxlength: 60 },
  street: { autocomplete: 'off', maxlength: 255 },
  postcode: { autocomplete: 'off', maxlength: 16 },
  city: { autocomplete: 'off', maxlength: 120 },
  programme: { autocomplete: 'off', maxlength: 191, attributes: { list: 'programmes' } },
  cohort: { autocomplete: 'off', maxlength: 120, attributes: { list: 'cohorts' } },
  reason: { required: true, maxlength: 255, noDraft: true },
  nir: { required: true, autocomplete: 'off', inputmode: 'text', maxlength: 60, spellcheck: 'false', noDraft: true },
};
const HINTED: ReadonlySet<string> = new Set([
  'schoolEmail',
  'personalPhone',
  'professionalPhone',
  'reason',
  'nir',
  'programme',
  'cohort',
]);

/** Locals of `_field` for one field. */
export function fieldView(
  field: string,
  page: PageContext,
  {
    texts,
    errors = {},
    statuses = [],
  }: { texts: TypedValues; errors?: FieldErrors; statuses?: readonly StudentStatus[] },
): FieldView {
  const { t, lang } = page;
  return {
    name: field,
    label: t(`student-record.fields.${field}`),
    span: SPANS[field] ?? 'half',
    ...(HINTED.has(field) ? { hint: t(`student-record.hints.${field}`) } : {}),
    ...(LOOKS[field] ?? {}),
    ...(field === 'country' ? { kind: 'select', options: countryOptions(lang) } : {}),
    ...(field === 'status'
      ? {
          kind: 'radio',
          inline: true,
          required: true,
          span: '',
          options: statuses.map((value) => ({ value, label: t(`common.status.student.${value}`) })),
        }
      : {}),
    value: texts[field] ?? '',
    errors: errors[field] ?? [],
  };
}

/**
 * What was typed beside what the database holds now. What the author of the form had not touched is taken from the base unless
 * they choose otherwise.
 * @param opened texts of the form when it was opened
 */
export function presentConflict(
  section: StudentSection,
  { mine, theirs, opened }: { mine: FormTexts; theirs: FormTexts; opened: FormTexts },
  page: PageContext,
): object[] {
  return SECTION_FIELDS[section].map((field) => {
    // A field that the form did not hold is nobody's change; a reason is the author's alone.
    const mineText = mine[field] ?? theirs[field] ?? '';
    const theirsText = theirs[field] ?? mineText;
    return {
      name: field,
      label: page.t(`student-record.fields.${field}`),
      mine: readText(field, mineText, page),
      theirs: readText(field, theirsText, page),
      mineValue: mineText,
      theirsValue: theirsText,
      same: mineText === theirsText,
      ...(opened[field] === mineText ? { pick: 'theirs' } : {}),
    };
  });
}

/** The form as it was opened, carried by the form itself. */
export function openedTexts(original: unknown): FormTexts {
  if (typeof original !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(original);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).flatMap(([field, value]) => (typeof value === 'string' ? [[field, value]] : [])),
    );
  } catch (error) {
    // Someone played with the hidden field: it only ever helps them.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Suggestions of the fields that name programmes and cohorts. */
export function datalistsOf(choices: StudyChoices): { id: string; values: readonly string[] }[] {
  return [
    { id: 'programmes', values: choices.programmes },
    { id: 'cohorts', values: choices.cohorts },
  ];
}

/** True when a label names nothing yet: the form then offers to make it. */
export function offersCreation(errors: FieldErrors, typed: TypedValues, page: PageContext): boolean {
  const unknown = [page.t('student-record.errors.programme_unknown'), page.t('student-record.errors.cohort_unknown')];
  return typed['create'] === '1' || Object.values(errors).some((texts) => texts.some((text) => unknown.includes(text)));
}
