/**
 * The stable codes of the import: they appear in reports, in the API, in the database and in tests.
 * A code never changes its meaning; new ones may be added.
 * @see import rules §2, §3, §4, §7
 */

/** Codes that reject a row: nothing of it is written. */
export const ROW_ERROR_CODES = [
  'ADDRESS_FORMAT',
  'CELL_ERROR',
  'CELL_TOO_LONG',
  'COMPANY_NAME_MISSING',
  'DATE_FORMAT',
  'EMAIL_FORMAT',
  'GRADE_FORMAT',
  'GRADE_RANGE',
  'ID_CONFLICT',
  'ID_MISSING',
  'NAME_COMPOUND_FIRST_NAME',
  'NAME_MISSING',
  'NAME_NO_SPACE',
  'NIR_CONFLICT',
  'NIR_FORMAT',
  'NIR_KEY',
  'NIR_MISPLACED',
  'NIR_MISSING',
  'PERSON_ERASED',
  'PERSON_RESTRICTED',
  'PHONE_FORMAT',
  'POSTCODE_FORMAT',
  'STATUS_MISSING',
  'STATUS_UNKNOWN',
  'STUDENT_NUMBER_CONFLICT',
  'STUDENT_UNKNOWN',
  'SUBJECT_UNKNOWN',
] as const;

/** Codes that accompany a row which is written all the same. */
export const ROW_WARNING_CODES = [
  'COMPANY_AMBIGUOUS',
  'COMPANY_IGNORED',
  'COMPANY_POSSIBLE_DUPLICATE',
  'COMPANY_UNKNOWN',
  'EDIT_CONFLICT',
  'PHONE_REGROUPED',
  'PROFESSOR_UNKNOWN',
  'STATUS_BACKWARDS',
  'TEXT_REPAIRED',
] as const;

/** Codes that refuse a whole file or source: nothing is written. */
export const FILE_ERROR_CODES = [
  'ALREADY_IMPORTED',
  'COLUMN_MISSING',
  'FILE_EMPTY',
  'FILE_ENCRYPTED',
  'FILE_TOO_LARGE',
  'FILE_UNREADABLE',
  'SOURCE_UNREACHABLE',
] as const;

export type RowErrorCode = (typeof ROW_ERROR_CODES)[number];
export type RowWarningCode = (typeof ROW_WARNING_CODES)[number];
export type RowIssueCode = RowErrorCode | RowWarningCode;
export type FileErrorCode = (typeof FILE_ERROR_CODES)[number];

const errorCodes: ReadonlySet<string> = new Set(ROW_ERROR_CODES);
const warningCodes: ReadonlySet<string> = new Set(ROW_WARNING_CODES);

/** Whether a code rejects the row that carries it. */
export function isRowErrorCode(code: string): code is RowErrorCode {
  return errorCodes.has(code);
}

/** Whether a code is a warning, kept on a row that is written. */
export function isRowWarningCode(code: string): code is RowWarningCode {
  return warningCodes.has(code);
}

/** Codes once each, in alphabetical order: the order of every report. */
export function sortedCodes<Code extends string>(codes: Iterable<Code>): Code[] {
  return [...new Set(codes)].sort();
}
