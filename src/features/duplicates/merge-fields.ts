/**
 * What is chosen when two records become one: each field with its columns (an address is one choice), the group of rights it
 * belongs to, and which side is taken when nobody chooses. Pure.
 */
import type { DuplicateSubject } from './duplicate-kinds.ts';

export interface MergeField {
  readonly name: string;
  /** Columns of the table, taken together. */
  readonly columns: readonly string[];
  readonly group: string;
}

const field = (name: string, group: string, ...columns: string[]): MergeField => ({ name, group, columns });

export const MERGE_FIELDS: Readonly<Record<DuplicateSubject, readonly MergeField[]>> = {
  student: [
    field('lastName', 'identity', 'last_name'),
    field('firstName', 'identity', 'first_name'),
    field('status', 'identity', 'status', 'status_since'),
    field('programme', 'identity', 'cursus', 'programme_id', 'cohort_id'),
    field('schoolEmail', 'identity', 'school_email'),
    field('birthDate', 'contact', 'birth_date'),
    field('email', 'contact', 'email'),
    field('personalPhone', 'contact', 'personal_phone'),
    field('professionalPhone', 'contact', 'professional_phone'),
    field('address', 'contact', 'street', 'postcode', 'city', 'country'),
  ],
  company: [
    field('name', 'identity', 'name'),
    field('siren', 'identity', 'siren'),
    field('sector', 'identity', 'sector'),
    field('nafCode', 'identity', 'naf_code', 'naf_nomenclature'),
    field('headcountCode', 'identity', 'headcount_code'),
    field('address', 'identity', 'street', 'postcode', 'city', 'country'),
    field('email', 'contact', 'email'),
    field('phone', 'contact', 'phone'),
    field('website', 'contact', 'website'),
    field('relationStage', 'relation', 'relation_stage'),
    field('openToStudents', 'relation', 'open_to_students'),
  ],
};

/** Columns that tell how a record stands, beside those of its fields. */
export const STATE_COLUMNS: Readonly<Record<DuplicateSubject, readonly string[]>> = {
  student: ['missing_since', 'anomaly_count', 'restricted_at', 'archived_at', 'merged_into_id', 'student_number'],
  company: ['legacy_id', 'missing_since', 'anomaly_count', 'archived_at', 'merged_into_id'],
};

/** A row as the database gives it, by column; dates as ISO text so that values compare and travel as JSON. */
export type ColumnValues = Readonly<Record<string, string | number | boolean | null>>;

/** Makes the values of a row comparable. */
export function columnValues(row: Readonly<Record<string, unknown>>): ColumnValues {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (value instanceof Date) return [column, value.toISOString()];
      if (typeof value === 'bigint') return [column, Number(value)];
      return [column, (value ?? null) as string | number | boolean | null];
    }),
  );
}

export type Side = 'first' | 'second';
export const otherSide = (side: Side): Side => (side === 'first' ? 'second' : 'first');

/** A change of status alone counts, not the day of it; `FR` alone is no address. */
function meaningful({ name, columns }: MergeField): readonly string[] {
  if (name === 'status') return ['status'];
  return name === 'address' ? columns.filter((column) => column !== 'country') : columns;
}

export function isEmpty(mergeField: MergeField, values: ColumnValues): boolean {
  return meaningful(mergeField).every((column) => {
    const value = values[column] ?? null;
    return value === null || value === '' || value === false || (mergeField.name === 'openToStudents' && value === 0);
  });
}

export function isSame(mergeField: MergeField, left: ColumnValues, right: ColumnValues): boolean {
  if (isEmpty(mergeField, left) && isEmpty(mergeField, right)) return true;
  const columns = mergeField.name === 'status' ? ['status'] : mergeField.columns;
  return columns.every((column) => normal(left[column]) === normal(right[column]));
}

function normal(value: string | number | boolean | null | undefined): string | number | null {
  if (typeof value === 'boolean') return Number(value);
  return value ?? null;
}

/** The side taken when nobody chooses: the survivor's, or the other's where the survivor has nothing. */
export function defaultSide(mergeField: MergeField, survivor: Side, first: ColumnValues, second: ColumnValues): Side {
  const sides = { first, second };
  return isEmpty(mergeField, sides[survivor]) && !isEmpty(mergeField, sides[otherSide(survivor)])
    ? otherSide(survivor)
    : survivor;
}
