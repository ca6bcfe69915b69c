import { isCellError, isCellErrorWord, type CellValue } from '../../connectors/workbook/index.ts';
import { parsePostalAddress } from '../../shared/address.ts';
import { parseEmail } from '../../shared/email.ts';
import type { RowErrorCode, RowWarningCode } from '../../shared/issue-codes.ts';
import { splitFullName } from '../../shared/names.ts';
import { holdsNir, parseNir } from '../../shared/nir.ts';
import { parsePhoneCell } from '../../shared/phone.ts';
import { normaliseStudentNumber } from '../../shared/student-number.ts';
import { parseStudentStatus, type StudentStatus } from '../../shared/student-status.ts';
import type { CompanyIndex, CompanyMatch } from './company-matcher.ts';
import { rowDigest } from './row-digest.ts';
import { RowIssues, type CellIssue } from './row-issues.ts';
import { STUDENT_CELL_FIELDS, type StudentCellField } from './student-columns.ts';

/** What a row of the référentiel says about a person. Phones are E.164; null means nothing stored. */
export interface StudentFields {
  lastName: string;
  firstName: string;
  /** Fifteen characters without separators. */
  nir: string;
  status: StudentStatus;
  street: string | null;
  postcode: string | null;
  city: string | null;
  personalPhone: string | null;
  professionalPhone: string | null;
  /** `id_entreprise` of the company an alumnus is linked to. */
  companyLegacyId: number | null;
  /** The company as written, where it is linked to none. */
  companyText: string | null;
  cursus: string | null;
  email: string | null;
}

export interface StudentRow {
  /** Complete and ready to be written; null when the row has an error. */
  fields: StudentFields | null;
  /** What could be read in spite of the errors. */
  readable: Partial<StudentFields>;
  /** The NIR when it is intact, on a rejected row too: the person is present in the file. */
  nir: string | null;
  /** As typed without separators, in capitals; null without the column. */
  studentNumber: string | null;
  /** The company of an alumnus as written in the file (the base of merges) and what it matched. */
  company: { text: string; match: CompanyMatch } | null;
  errors: RowErrorCode[];
  warnings: RowWarningCode[];
  cellIssues: CellIssue<StudentCellField>[];
  /** The name cell as it probably should be. */
  suggestion: string | null;
  /** Equal for two rows with the same content in the known columns; the NIR counts after clean-up. */
  digest: string;
}

export interface StudentRowContext {
  companies: CompanyIndex;
  /** The full NIR that a `Jeton` of one of our reports stands for; null when it is none of ours. */
  resolveToken?: (token: string) => string | null;
}

/** Characters that the columns of a person hold. */
const LONGEST = { name: 120, street: 255, city: 120, company: 255, cursus: 191 } as const;

/**
 * Applies every rule of the référentiel to one row.
 * @param cells the row as the workbook reader gives it, by field
 * @see import rules §2 and §7
 */
export function readStudentRow(cells: Readonly<Record<string, CellValue>>, context: StudentRowContext): StudentRow {
  const issues = new RowIssues<StudentCellField>();
  const text = readCells(cells, issues);
  const nirText = withTokenResolved(text, context);

  const name = readName(text.name, issues);
  const nir = readNir(nirText, issues);
  const status = readStatus(text.status, issues);
  const address = readAddress(text.address, issues);
  const phones = readPhones(text.phones, address.postcode, issues);
  const company = readCompany(text.company, status, context.companies, issues);
  const readable: Partial<StudentFields> = {
    ...name.parts,
    ...(nir === null ? {} : { nir }),
    ...(status === null ? {} : { status }),
    ...address,
    ...phones,
    companyLegacyId: company?.match.kind === 'one' ? company.match.company.legacyId : null,
    companyText: company === null || company.match.kind === 'one' ? null : company.text,
    cursus: issues.fit(text.cursus ?? '', LONGEST.cursus, 'cursus') || null,
    email: readEmail(text.email, issues),
  };
  const { errors, warnings, cellIssues } = issues;
  return {
    fields: errors.length === 0 ? (readable as StudentFields) : null,
    readable,
    nir,
    studentNumber: normaliseStudentNumber(text.studentNumber ?? '') || null,
    company,
    errors,
    warnings,
    cellIssues,
    suggestion: name.suggestion,
    digest: digestOf(cells, text, nir),
  };
}

/** Cells whose text is kept as it is written: a NIR among it would be kept in clear, and shown. */
const FREE_TEXT: ReadonlySet<StudentCellField> = new Set(['name', 'address', 'company', 'cursus']);

/** Cleaned text by cell; undefined for a cell that holds an error, or a NIR out of its place, which says all there is to say about it. */
type CellTexts = Record<StudentCellField, string | undefined>;

function readCells(cells: Readonly<Record<string, CellValue>>, issues: RowIssues<StudentCellField>): CellTexts {
  const texts = {} as CellTexts;
  for (const field of STUDENT_CELL_FIELDS) {
    const value = cells[field];
    // The word of an error comes back as text from our own reports, and from the page that corrects a row.
    const isError = isCellError(value) || isCellErrorWord(value ?? '');
    if (isError) issues.error('CELL_ERROR', field);
    texts[field] = isError ? undefined : issues.read(value ?? '', field);
    if (!FREE_TEXT.has(field) || !holdsNir(texts[field] ?? '')) continue;
    issues.error('NIR_MISPLACED', field);
    texts[field] = undefined;
  }
  return texts;
}

/** A report that comes back corrected carries the masked NIR and a token for the full one; a NIR typed over the mask wins. */
function withTokenResolved(text: CellTexts, { resolveToken }: StudentRowContext): string | undefined {
  if (text.nir?.includes('*') !== true || text.token === undefined || text.token === '') return text.nir;
  return resolveToken?.(text.token) ?? text.nir;
}

function readName(
  text: string | undefined,
  issues: RowIssues<StudentCellField>,
): { parts: { lastName?: string; firstName?: string }; suggestion: string | null } {
  if (text === undefined) return { parts: {}, suggestion: null };
  const name = splitFullName(text);
  if (!name.ok) {
    issues.error(name.code, 'name');
    return { parts: {}, suggestion: name.suggestion ?? null };
  }
  const lastName = issues.fit(name.lastName, LONGEST.name, 'name');
  const firstName = issues.fit(name.firstName, LONGEST.name, 'name');
  return { parts: lastName === null || firstName === null ? {} : { lastName, firstName }, suggestion: null };
}

function readNir(text: string | undefined, issues: RowIssues<StudentCellField>): string | null {
  if (text === undefined) return null;
  const nir = parseNir(text);
  if (nir.ok) return nir.nir;
  issues.error(nir.code, 'nir');
  return null;
}

function readStatus(text: string | undefined, issues: RowIssues<StudentCellField>): StudentStatus | null {
  if (text === undefined) return null;
  const status = parseStudentStatus(text);
  if (status.ok) return status.status;
  issues.error(status.code, 'status');
  return null;
}

type AddressFields = Pick<StudentFields, 'street' | 'postcode' | 'city'>;

function readAddress(text: string | undefined, issues: RowIssues<StudentCellField>): AddressFields {
  const none: AddressFields = { street: null, postcode: null, city: null };
  const parsed = parsePostalAddress(text ?? '');
  if (!parsed.ok) {
    for (const code of parsed.codes) issues.error(code, 'address');
    return none;
  }
  if (parsed.address === null) return none;
  const street = issues.fit(parsed.address.street, LONGEST.street, 'address');
  const city = issues.fit(parsed.address.city, LONGEST.city, 'address');
  return street === null || city === null ? none : { street, postcode: parsed.address.postcode, city };
}

function readPhones(
  text: string | undefined,
  postcode: string | null,
  issues: RowIssues<StudentCellField>,
): Pick<StudentFields, 'personalPhone' | 'professionalPhone'> {
  const phones = parsePhoneCell(text ?? '', { postcode });
  if (!phones.ok) {
    issues.error(phones.code, 'phones');
    return { personalPhone: null, professionalPhone: null };
  }
  for (const code of phones.warnings) issues.warn(code, 'phones');
  return { personalPhone: phones.personal, professionalPhone: phones.professional };
}

function readCompany(
  text: string | undefined,
  status: StudentStatus | null,
  companies: CompanyIndex,
  issues: RowIssues<StudentCellField>,
): StudentRow['company'] {
  if (text === undefined || text === '' || issues.fit(text, LONGEST.company, 'company') === null) return null;
  if (status !== 'alumni') {
    if (status !== null) issues.warn('COMPANY_IGNORED', 'company');
    return null;
  }
  const match = companies.match(text);
  if (match.kind === 'none') issues.warn('COMPANY_UNKNOWN', 'company');
  if (match.kind === 'ambiguous') issues.warn('COMPANY_AMBIGUOUS', 'company');
  return { text, match };
}

function readEmail(text: string | undefined, issues: RowIssues<StudentCellField>): string | null {
  const email = parseEmail(text ?? '');
  if (email.ok) return email.email;
  issues.error(email.code, 'email');
  return null;
}

function digestOf(cells: Readonly<Record<string, CellValue>>, text: CellTexts, nir: string | null): string {
  return rowDigest(
    STUDENT_CELL_FIELDS.filter((field) => field !== 'token').map((field) => {
      const value = cells[field];
      if (isCellError(value)) return `\u0000${value.error}`;
      if (field === 'nir' && nir !== null) return nir;
      // A phone stored as a number lost its 0: it is the same phone.
      return field === 'phones' ? (text.phones ?? '').replace(/^[1-9]\d{8}$/, '0$&') : (text[field] ?? value ?? '');
    }),
  );
}
