import { SourceError } from '../../shared/source-error.ts';
import { cleanText, foldText } from '../../shared/text.ts';
import { isCellError, LONGEST_CELL, type CellValue, type Sheet, type SheetRow } from './cells.ts';

/** A column that a workbook may have. */
export interface ColumnSpec {
  /** Name under which the cells come out; several specs may not share it. */
  field: string;
  /** Known spellings of the header; case, accents, punctuation and line breaks make no difference. */
  headers: readonly string[];
  /** Without it there is no header row. */
  mandatory?: boolean;
  /** Recognised, hence not reported as unknown, but never read. */
  ignored?: boolean;
}

/** A column of the sheet as it stands. */
export interface SheetColumn {
  /** From 0. */
  index: number;
  /** As written, white space collapsed. */
  header: string;
  /** Null when no rule knows the header. */
  field: string | null;
}

export interface TableHeader {
  sheet: string | null;
  /** Row number of the header row, from 1. */
  headerRow: number;
  columns: SheetColumn[];
  /** Headers that no rule knows, in the order of the sheet. */
  unknownColumns: string[];
  /** Further sheets that have the headers too; they are not read. */
  otherSheets: string[];
}

/** Values of one row, in the order of the fields that are read; null where the cell is empty. */
export type TableRow = [row: number, ...values: (CellValue | null)[]];

/** Finds the table of a workbook and gives its rows. */
export class TableReader {
  readonly #specs: readonly ColumnSpec[];
  readonly #fieldByHeader = new Map<string, ColumnSpec>();
  readonly #fieldByCell = new Map<string, string | null>();
  /** Names of the fields in the order of the values of a row. */
  readonly fields: string[];
  #bestMissing: string[];
  #sawAnyCell = false;

  constructor(specs: readonly ColumnSpec[]) {
    this.#specs = specs;
    for (const spec of specs) for (const header of spec.headers) this.#fieldByHeader.set(foldText(header), spec);
    this.fields = specs.filter((spec) => spec.ignored !== true).map((spec) => spec.field);
    this.#bestMissing = this.#mandatory();
  }

  /**
   * Reads the first sheet that has the mandatory headers.
   * @param onRows called with the data rows, a few hundred at a time
   * @throws SourceError `COLUMN_MISSING` when no row of any sheet has the headers, `FILE_EMPTY` when there is no data row
   */
  async read(sheets: readonly Sheet[], onRows: (rows: TableRow[]) => void): Promise<TableHeader> {
    let found: TableHeader | null = null;
    const otherSheets: string[] = [];
    for (const sheet of sheets) {
      if (found === null) found = await this.#readSheet(sheet, onRows);
      else if (await this.hasHeader(sheet)) otherSheets.push(sheet.name ?? '');
    }
    if (found === null) {
      throw this.#sawAnyCell
        ? new SourceError('COLUMN_MISSING', { missing: this.#bestMissing })
        : new SourceError('FILE_EMPTY');
    }
    return { ...found, otherSheets };
  }

  /** Whether a sheet has a header row; reads no further than that. */
  async hasHeader(sheet: Sheet): Promise<boolean> {
    for await (const rows of sheet.rows) {
      if (rows.some((row) => this.#matchHeader(row) !== null)) return true;
    }
    return false;
  }

  async #readSheet(sheet: Sheet, onRows: (rows: TableRow[]) => void): Promise<TableHeader | null> {
    let header: { headerRow: number; columns: SheetColumn[] } | null = null;
    let places: (number | undefined)[] = [];
    let mandatory: SheetColumn[] = [];
    let dataRows = 0;
    for await (const batch of sheet.rows) {
      const rows: TableRow[] = [];
      for (const row of batch) {
        if (header === null) {
          header = this.#matchHeader(row);
          if (header === null) continue;
          places = this.#placesOf(header.columns);
          // The last one first: the status has few values, so that one look tells that a row is no header.
          mandatory = this.#mandatory().flatMap(
            (field) => header?.columns.find((column) => column.field === field) ?? [],
          );
          mandatory.reverse();
          continue;
        }
        const values = this.#valuesOf(row, places);
        if (values !== null && !this.#repeatsHeader(row, mandatory)) rows.push([row.row, ...values]);
      }
      dataRows += rows.length;
      if (rows.length > 0) onRows(rows);
    }
    if (header === null) return null;
    if (dataRows === 0) throw new SourceError('FILE_EMPTY');
    const unknownColumns = header.columns.filter((column) => column.field === null).map((column) => column.header);
    return { sheet: sheet.name, ...header, unknownColumns, otherSheets: [] };
  }

  #mandatory(): string[] {
    return this.#specs.filter((spec) => spec.mandatory === true).map((spec) => spec.field);
  }

  /** The columns of a row that has all the mandatory headers; the first of two equal headers counts. */
  #matchHeader(row: SheetRow): { headerRow: number; columns: SheetColumn[] } | null {
    const columns: SheetColumn[] = [];
    const fields = new Set<string>();
    row.cells.forEach((cell, index) => {
      if (cell === undefined || isCellError(cell) || cell.length > LONGEST_HEADER) {
        this.#sawAnyCell ||= cell !== undefined;
        return;
      }
      const header = cleanText(cell);
      if (header === '') return;
      this.#sawAnyCell = true;
      const spec = this.#fieldByHeader.get(foldText(header));
      const field = spec === undefined || fields.has(spec.field) ? null : spec.field;
      if (field !== null) fields.add(field);
      columns.push({ index, header, field });
    });
    const missing = this.#mandatory().filter((field) => !fields.has(field));
    if (missing.length < this.#bestMissing.length) this.#bestMissing = missing;
    return missing.length === 0 ? { headerRow: row.row, columns } : null;
  }

  #placesOf(columns: SheetColumn[]): (number | undefined)[] {
    return this.fields.map((field) => columns.find((column) => column.field === field)?.index);
  }

  /** The values of the known columns; null for a row that is empty there. */
  #valuesOf(row: SheetRow, places: (number | undefined)[]): (CellValue | null)[] | null {
    let empty = true;
    const values = places.map((place) => {
      const value = place === undefined ? undefined : row.cells[place];
      if (value === undefined || (!isCellError(value) && isBlank(value))) return null;
      empty = false;
      return isCellError(value) || value.length <= LONGEST_CELL ? value : value.slice(0, LONGEST_CELL);
    });
    return empty ? null : values;
  }

  /** Whether every mandatory column holds a spelling of its own header again. */
  #repeatsHeader(row: SheetRow, mandatory: SheetColumn[]): boolean {
    return mandatory.every(({ index, field }) => {
      const cell = row.cells[index];
      if (typeof cell !== 'string' || cell.length > LONGEST_HEADER) return false;
      return this.#fieldNamedBy(cell) === field;
    });
  }

  /** Remembers its answers, since the few statuses of a school come back on every row. */
  #fieldNamedBy(cell: string): string | null {
    let field = this.#fieldByCell.get(cell);
    if (field === undefined) {
      field = this.#fieldByHeader.get(foldText(cell))?.field ?? null;
      if (this.#fieldByCell.size < 1000) this.#fieldByCell.set(cell, field);
    }
    return field;
  }
}

/** Characters that a header may have; longer cells are not compared with headers. */
const LONGEST_HEADER = 200;

function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  return (first <= 0x20 || first >= 0x7f) && cleanText(text) === '';
}
