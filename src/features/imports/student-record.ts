import type { StudentStatus } from '../../shared/student-status.ts';
import { statusLabel } from '../../shared/student-status.ts';
import type { StudentFields, StudentRow } from './student-row-rules.ts';

/** What the référentiel says of a person, field by field, as merges compare it. The company is the text as written. */
export interface StudentRecord {
  lastName: string;
  firstName: string;
  status: StudentStatus;
  street: string | null;
  postcode: string | null;
  city: string | null;
  personalPhone: string | null;
  professionalPhone: string | null;
  /** Of alumni only. */
  company: string | null;
  cursus: string | null;
  email: string | null;
}

export type StudentRecordField = keyof StudentRecord;

/** Fields of one cell that make sense only together. */
export const ADDRESS_FIELDS = ['street', 'postcode', 'city'] as const;

/** A row of the référentiel ready to be planned. */
export interface StudentEntry {
  readonly record: StudentRecord;
  /** Fifteen characters. */
  readonly nir: string;
  /** As typed in the optional column. */
  readonly studentNumber: string | null;
}

/** The entry of a judged row; null when the rules reject it. */
export function entryOf(row: StudentRow): StudentEntry | null {
  const { fields } = row;
  if (fields === null) return null;
  return {
    nir: fields.nir,
    studentNumber: row.studentNumber,
    record: {
      lastName: fields.lastName,
      firstName: fields.firstName,
      status: fields.status,
      street: fields.street,
      postcode: fields.postcode,
      city: fields.city,
      personalPhone: fields.personalPhone,
      professionalPhone: fields.professionalPhone,
      company: row.company?.text ?? null,
      cursus: fields.cursus,
      email: fields.email,
    },
  };
}

/** The company of a record once looked up. */
export interface ResolvedCompany {
  readonly legacyId: number | null;
  /** Null where a company answers to the name. */
  readonly text: string | null;
}

/**
 * What is staged of a row: the values as the CRM holds them afterwards, named as in reports, the two digits of the NIR that may be
 * shown, and under `source` what it takes to make the entry again (the NIR itself is in the encrypted cells).
 */
export interface StagedStudent extends Omit<StudentFields, 'nir' | 'status'> {
  status: 'prospect' | 'en fonction' | 'alumni';
  nirKey: string;
  source: Partial<StudentRecord> & { company: string | null; studentNumber: string | null };
}

/**
 * @param values the record once the row is applied
 * @param company of `values`
 */
export function stageStudent(entry: StudentEntry, values: StudentRecord, company: ResolvedCompany | null): string {
  const source: Record<string, unknown> = { company: entry.record.company, studentNumber: entry.studentNumber };
  for (const field of Object.keys(entry.record) as StudentRecordField[])
    if (field !== 'company' && entry.record[field] !== values[field]) source[field] = entry.record[field];
  const staged: StagedStudent = {
    lastName: values.lastName,
    firstName: values.firstName,
    status: statusLabel(values.status),
    street: values.street,
    postcode: values.postcode,
    city: values.city,
    personalPhone: values.personalPhone,
    professionalPhone: values.professionalPhone,
    companyLegacyId: company?.legacyId ?? null,
    companyText: company?.text ?? null,
    cursus: values.cursus,
    email: values.email,
    nirKey: entry.nir.slice(-2),
    source: source as StagedStudent['source'],
  };
  return JSON.stringify(staged);
}

/** The record that a staged row asks for. */
export function recordOfStaged({ source, ...staged }: StagedStudent): StudentRecord {
  const status: StudentStatus = staged.status === 'en fonction' ? 'en_fonction' : staged.status;
  const { studentNumber: _studentNumber, ...differing } = source;
  return {
    lastName: staged.lastName,
    firstName: staged.firstName,
    status,
    street: staged.street,
    postcode: staged.postcode,
    city: staged.city,
    personalPhone: staged.personalPhone,
    professionalPhone: staged.professionalPhone,
    cursus: staged.cursus,
    email: staged.email,
    ...differing,
  };
}
