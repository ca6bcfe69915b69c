import type { RowErrorCode } from './issue-codes.ts';
import { cleanText, stripAccents } from './text.ts';

/** Where a person stands, in the order of a school life. */
export const STUDENT_STATUSES = ['prospect', 'en_fonction', 'alumni'] as const;

export type StudentStatus = (typeof STUDENT_STATUSES)[number];

export type StatusErrorCode = Extract<RowErrorCode, 'STATUS_MISSING' | 'STATUS_UNKNOWN'>;

export type ParsedStatus = { ok: true; status: StudentStatus } | { ok: false; code: StatusErrorCode };

const SPELLINGS: ReadonlyMap<string, StudentStatus> = new Map([
  ['prospect', 'prospect'],
  ['en fonction', 'en_fonction'],
  ['alumni', 'alumni'],
  ['alumnis', 'alumni'],
  ['alumnus', 'alumni'],
  ['alumna', 'alumni'],
]);

/**
 * Reads the status cell; case, accents and the hyphen of `en-fonction` make no difference, other punctuation does
 * (`prospect ?` says that someone doubts it).
 * @see import rules §2 and §7
 */
export function parseStudentStatus(cell: string): ParsedStatus {
  const text = cleanText(stripAccents(cell).replace(/\p{Pd}/gu, ' '));
  if (text === '') return { ok: false, code: 'STATUS_MISSING' };
  const status = SPELLINGS.get(text);
  return status === undefined ? { ok: false, code: 'STATUS_UNKNOWN' } : { ok: true, status };
}

/** Place in prospect < en fonction < alumni, from 0. */
export function statusRank(status: StudentStatus): number {
  return STUDENT_STATUSES.indexOf(status);
}

/** Whether going from one status to another is a move backwards (`STATUS_BACKWARDS`). */
export function isStatusBackwards(from: StudentStatus, to: StudentStatus): boolean {
  return statusRank(to) < statusRank(from);
}

/** The status as reports and exports write it: `prospect`, `en fonction`, `alumni`. */
export function statusLabel(status: StudentStatus): 'prospect' | 'en fonction' | 'alumni' {
  return status === 'en_fonction' ? 'en fonction' : status;
}
