import { sortedCodes, type RowErrorCode, type RowIssueCode, type RowWarningCode } from '../../shared/issue-codes.ts';
import { cleanText, repairDoubleEncoding } from '../../shared/text.ts';

/** A code and the cell it points at. */
export interface CellIssue<Cell extends string = string> {
  code: RowIssueCode;
  cell: Cell;
}

/** Gathers every failing rule of a row: none hides another. */
export class RowIssues<Cell extends string> {
  readonly #errors: { code: RowErrorCode; cell: Cell }[] = [];
  readonly #warnings: { code: RowWarningCode; cell: Cell }[] = [];

  error(code: RowErrorCode, cell: Cell): void {
    this.#errors.push({ code, cell });
  }

  warn(code: RowWarningCode, cell: Cell): void {
    this.#warnings.push({ code, cell });
  }

  /** Sorted, once each. */
  get errors(): RowErrorCode[] {
    return sortedCodes(this.#errors.map(({ code }) => code));
  }

  /** Sorted, once each. */
  get warnings(): RowWarningCode[] {
    return sortedCodes(this.#warnings.map(({ code }) => code));
  }

  /** Each code with its cell, once each, errors first. */
  get cellIssues(): CellIssue<Cell>[] {
    const seen = new Set<string>();
    return [...this.#errors, ...this.#warnings].filter(({ code, cell }) => {
      const key = `${code} ${cell}`;
      return seen.has(key) ? false : seen.add(key) !== undefined;
    });
  }

  /** The text of a cell as the rules read it, `TEXT_REPAIRED` said where it was stored twice encoded. */
  read(raw: string, cell: Cell): string {
    const { text, repaired } = repairDoubleEncoding(raw);
    if (repaired) this.warn('TEXT_REPAIRED', cell);
    return cleanText(text);
  }

  /** The text, or null with `CELL_TOO_LONG` when no column can hold it. */
  fit(text: string, longest: number, cell: Cell): string | null {
    if (text.length <= longest) return text;
    this.error('CELL_TOO_LONG', cell);
    return null;
  }
}
