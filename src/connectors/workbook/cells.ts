/** A cell that holds an error of the spreadsheet instead of a value: `#N/A`, `#REF!`… */
export interface CellError {
  error: string;
}

/** What a cell shows: its text as stored (white space untouched, numbers as the digits they show), or a cell error. */
export type CellValue = string | CellError;

/**
 * Characters that a cell may hold, as in Excel. A longer one (only a text file or a forged workbook has it) is cut here: no field
 * is that long, so that its row is rejected by the rules all the same.
 */
export const LONGEST_CELL = 32_767;

/** One row as a sheet gives it: cells by column index from 0, absent where empty. */
export interface SheetRow {
  /** Row number that a spreadsheet shows, from 1. */
  row: number;
  cells: (CellValue | undefined)[];
}

/** A sheet of any format. It is read once, in order, and may be left early. */
export interface Sheet {
  /** Null where the format has no sheets (CSV). */
  name: string | null;
  rows: AsyncIterable<SheetRow[]> | Iterable<SheetRow[]>;
}

/** Whether a cell is an error of the spreadsheet. */
export function isCellError(value: CellValue | undefined): value is CellError {
  return typeof value === 'object';
}

const CELL_ERROR_WORDS: ReadonlySet<string> = new Set([
  '#N/A',
  '#REF!',
  '#NAME?',
  '#VALUE!',
  '#DIV/0!',
  '#NULL!',
  '#NUM!',
  '#GETTING_DATA',
  '#SPILL!',
  '#CALC!',
  '#FIELD!',
  '#BLOCKED!',
  '#CONNECT!',
  '#UNKNOWN!',
  '#NOM?',
  '#VALEUR!',
  '#NUL!',
  '#NOMBRE!',
]);

/** Whether a text is exactly a word that Excel (English or French) writes for a cell error: how a CSV tells it. */
export function isCellErrorWord(text: string): boolean {
  return CELL_ERROR_WORDS.has(text.trim());
}
