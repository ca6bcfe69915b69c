/** Two records side by side, as the page of a merge takes them. */
import type { Translate } from '../../i18n/index.ts';
import { formatDate } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { formatSiren } from '../../shared/siren.ts';
import { addressText } from '../companies/index.ts';
import { presentReasons, recordUrl, scoreTone, type PresentationContext } from './duplicate-presenter.ts';
import type { PairComparison } from './duplicate-service.ts';
import {
  defaultSide,
  isSame,
  MERGE_FIELDS,
  otherSide,
  type ColumnValues,
  type MergeField,
  type Side,
} from './merge-fields.ts';
import { nameOf, type MergeRecord } from './merge-records.ts';
import { dismissUrl, duplicatesUrl, duplicateUrl, mergeUrl } from './urls.ts';

const text = (value: ColumnValues[string] | undefined): string | null =>
  value === null || value === undefined || value === '' ? null : String(value);

/** A field of a record in words. */
function fieldText(
  { name }: MergeField,
  values: ColumnValues,
  labels: ReadonlyMap<string, string>,
  { t, lang }: PresentationContext,
): string | null {
  const of = (column: string) => text(values[column]);
  switch (name) {
    case 'status':
      return t(`common.status.student.${String(values['status'])}`);
    case 'programme': {
      const programme = labels.get(String(values['programme_id'])) ?? of('cursus');
      return [programme, labels.get(String(values['cohort_id']))].filter(Boolean).join(' · ') || null;
    }
    case 'birthDate': {
      const day = of('birth_date');
      return day ? formatDate(new Date(`${day.slice(0, 10)}T12:00:00Z`), lang) : null;
    }
    case 'address':
      return addressText(
        { street: of('street'), postcode: of('postcode'), city: of('city'), country: of('country') },
        lang,
      );
    case 'personalPhone':
      return phone(of('personal_phone'));
    case 'professionalPhone':
      return phone(of('professional_phone'));
    case 'phone':
      return phone(of('phone'));
    case 'siren':
      return of('siren') ? formatSiren(String(values['siren'])) : null;
    case 'headcountCode':
      return of('headcount_code') ? t(`companies.headcounts.${String(values['headcount_code'])}`) : null;
    case 'relationStage':
      return t(`companies.stages.${String(values['relation_stage'])}`);
    case 'openToStudents':
      return t(values['open_to_students'] ? 'common.actions.yes' : 'common.actions.no');
    case 'lastName':
      return of('last_name');
    case 'firstName':
      return of('first_name');
    case 'schoolEmail':
      return of('school_email');
    case 'nafCode':
      return of('naf_code');
    default:
      return of(name);
  }
}

function phone(e164: string | null): string | null {
  return e164 === null ? null : formatPhone(e164);
}

/** Locals of the view `duplicates/compare`. */
export function presentComparison(
  { candidate, records, mayRead, survivor, moving, nirs, labels }: PairComparison,
  context: PresentationContext,
  typed: Readonly<Record<string, string | string[]>> = {},
) {
  const { t, lang } = context;
  const { subjectType } = candidate;
  const order: readonly Side[] = [survivor, otherSide(survivor)];
  const [first, second] = [records.first.values, records.second.values];
  const readable = MERGE_FIELDS[subjectType].filter(({ group }) => mayRead(group));
  const differing = readable.filter((field) => !isSame(field, first, second));
  const record = (side: Side, one: MergeRecord) => ({
    side,
    name: nameOf(subjectType, one.values),
    href: recordUrl(subjectType, one.id),
    number: subjectType === 'student' ? text(one.values['student_number']) : null,
    created: t('duplicates.created', { date: formatDate(one.createdAt, lang) }),
    isArchived: one.values['archived_at'] !== null,
    keepHref: duplicateUrl(candidate.id, side),
  });
  const chosen = (field: MergeField): Side => {
    const said = typed[`field_${field.name}`];
    return said === 'first' || said === 'second' ? said : defaultSide(field, survivor, first, second);
  };
  return {
    subjectType,
    reasons: presentReasons(subjectType, candidate.reasons, t),
    // A pair that someone put together was not scored.
    score: candidate.score > 0 ? t('duplicates.score', { score: candidate.score }) : null,
    tone: scoreTone(candidate.score),
    survivor,
    records: order.map((side) => record(side, records[side])),
    versions: { first: records.first.version, second: records.second.version },
    differing: differing.map((field) => ({
      name: `field_${field.name}`,
      label: t(`duplicates.fields.${field.name}`),
      options: order.map((side) => ({
        side,
        text: fieldText(field, records[side].values, labels, context),
        checked: chosen(field) === side,
      })),
    })),
    identical: readable
      .filter((field) => isSame(field, first, second))
      .map((field) => ({
        label: t(`duplicates.fields.${field.name}`),
        value: fieldText(field, first, labels, context),
      }))
      .filter(({ value }) => value !== null),
    hiddenText: readable.length < MERGE_FIELDS[subjectType].length ? t('duplicates.hidden_fields') : null,
    moving: moving
      .filter(({ rows }) => rows > 0)
      .map(({ what, rows }) => t(`duplicates.moving.${what}`, { count: rows })),
    links: linkTexts(subjectType, records, survivor, nirs, t),
    blocked: blockedText({ first, second }, nirs, t),
    mergeAction: mergeUrl(candidate.id),
    dismissAction: dismissUrl(candidate.id),
    cancelHref: duplicatesUrl(subjectType),
  };
}

/** What goes over beside the rows: the number, the key of the source. */
function linkTexts(
  subjectType: PairComparison['candidate']['subjectType'],
  records: PairComparison['records'],
  survivor: Side,
  nirs: PairComparison['nirs'],
  t: Translate,
): string[] {
  const merged = otherSide(survivor);
  if (subjectType === 'student') return nirs?.[merged] && !nirs[survivor] ? [t('duplicates.moving.nir')] : [];
  const [own, given] = [records[survivor].values['legacy_id'] ?? null, records[merged].values['legacy_id'] ?? null];
  if (given === null) return [];
  return [t(own === null ? 'duplicates.moving.legacy' : 'duplicates.moving.legacy_stays', { id: given })];
}

/** Why the two cannot be merged; null when they can. */
function blockedText(
  values: Readonly<Record<Side, ColumnValues>>,
  nirs: PairComparison['nirs'],
  t: Translate,
): string | null {
  if (nirs?.first && nirs.second) return t('duplicates.errors.two_nirs');
  const restricted = values.first['restricted_at'] ?? values.second['restricted_at'] ?? null;
  return restricted === null ? null : t('duplicates.errors.restricted');
}
