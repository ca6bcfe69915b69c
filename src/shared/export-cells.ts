/** What goes into the cells of an export, CSV and workbook alike. */

import { formatDateTime, isoDayInParis } from './dates.ts';

/** Text, number or moment; null is an empty cell. */
export type ExportValue = string | number | Date | null;

/** What a spreadsheet would run rather than show. */
const RUNS = /^[=+\-@\t\r]/;

/**
 * Text that a spreadsheet shows as it is: what would be read as a formula gets an apostrophe before it.
 * White space before the sign changes nothing for some programs, so it is looked through.
 */
export function neutralise(text: string): string {
  return RUNS.test(text) || /^\s+[=+\-@]/.test(text) ? `'${text}` : text;
}

/** Characters XML, and so a workbook, cannot hold. */
const NOT_XML =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The same for a workbook: what XML cannot hold is left out. */
export function neutraliseForWorkbook(text: string): string {
  return neutralise(text.replace(NOT_XML, ''));
}

/** UTF-8 with this mark opens with its accents in the spreadsheets people have. */
export const BYTE_ORDER_MARK = '\ufeff';

const NEEDS_QUOTES = /[";\r\n]/;

/** One line of a French CSV: `;`, quotes where needed, CRLF. Values are neutralised; numbers and dates are already text. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(';')}\r\n`;
}

function csvCell(text: string): string {
  const safe = neutralise(text);
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A spreadsheet knows no time zone: the moment whose UTC reading is what the clocks of Paris showed, to the minute. */
export function wallClockInParis(date: Date): Date {
  return new Date(`${isoDayInParis(date)}T${formatDateTime(date, 'en').slice(-5)}:00Z`);
}
