import * as spreadsheet from '@e965/xlsx';
import * as codepages from '@e965/xlsx/dist/cpexcel.full.mjs';
import { SourceError } from '../../shared/source-error.ts';
import type { CellValue, Sheet, SheetRow } from './cells.ts';
import { numberText, readNumberFormat, type NumberFormat } from './number-format.ts';

/**
 * Reads `.xls` (BIFF5 and BIFF8 inside an OLE container). The records are walked before the library sees them: it reads a file
 * that breaks off as far as it goes, and a row must never be lost silently.
 * @see MS-XLS 2.3, MS-OFFCRYPTO
 */

spreadsheet.set_cptable(codepages);

const RECORD_BOF = 0x0809;
const RECORD_EOF = 0x000a;
const RECORD_FILE_PASS = 0x002f;

/** The part of the library that reads OLE containers, which it leaves untyped. */
const ole = spreadsheet.CFB as {
  read(bytes: Buffer, options: { type: 'buffer' }): object;
  find(container: object, path: string): OleEntry | null;
};

interface OleEntry {
  content: Uint8Array | number[];
  size: number;
}

/** @throws SourceError `FILE_ENCRYPTED`, `FILE_UNREADABLE` when it is no workbook or breaks off */
export function openXls(bytes: Buffer): Sheet[] {
  const stream = workbookStream(bytes);
  checkRecords(stream);
  const workbook = readWorkbook(bytes);
  const date1904 = workbook.Workbook?.WBProps?.date1904 === true;
  return workbook.SheetNames.map((name) => ({ name, rows: readRows(workbook.Sheets[name], date1904) }));
}

function workbookStream(bytes: Buffer): Buffer {
  let entry: OleEntry | null;
  try {
    const container = ole.read(bytes, { type: 'buffer' });
    const find = (path: string): OleEntry | null => ole.find(container, path);
    if (find('/EncryptedPackage') !== null || find('/EncryptionInfo') !== null) throw new SourceError('FILE_ENCRYPTED');
    entry = find('/Workbook') ?? find('/Book');
  } catch (error) {
    throw error instanceof SourceError ? error : unreadable('ole', error);
  }
  if (entry === null) throw unreadable('not a workbook');
  if (entry.content.length < entry.size) throw unreadable('stream end');
  return Buffer.from(entry.content);
}

/** Every record must be whole, and every substream that begins must end. */
function checkRecords(stream: Buffer): void {
  let open = 0;
  let substreams = 0;
  let offset = 0;
  while (offset + 4 <= stream.length) {
    const type = stream.readUInt16LE(offset);
    const length = stream.readUInt16LE(offset + 2);
    if (type === 0 && length === 0 && open === 0) break;
    if (offset + 4 + length > stream.length) throw unreadable('record');
    if (type === RECORD_FILE_PASS) throw new SourceError('FILE_ENCRYPTED');
    if (type === RECORD_BOF) {
      open += 1;
      substreams += 1;
    }
    if (type === RECORD_EOF) open -= 1;
    offset += 4 + length;
  }
  if (open !== 0 || substreams < 2) throw unreadable('substream');
}

function readWorkbook(bytes: Buffer): spreadsheet.WorkBook {
  try {
    return spreadsheet.read(bytes, {
      type: 'buffer',
      dense: true,
      cellNF: true,
      cellText: false,
      cellHTML: false,
      cellFormula: false,
      bookVBA: false,
    });
  } catch (error) {
    if (error instanceof Error && /password|encrypt/i.test(error.message)) throw new SourceError('FILE_ENCRYPTED');
    throw unreadable('records', error);
  }
}

/** Rows handed on at a time. */
const ROWS_AT_A_TIME = 500;

function* readRows(sheet: spreadsheet.WorkSheet | undefined, date1904: boolean): Generator<SheetRow[]> {
  const data = (sheet?.['!data'] ?? []) as (spreadsheet.CellObject | undefined)[][];
  const formats = new Map<string, NumberFormat>();
  let batch: SheetRow[] = [];
  for (let index = 0; index < data.length; index += 1) {
    const source = data[index];
    if (source === undefined) continue;
    const cells: (CellValue | undefined)[] = [];
    for (let column = 0; column < source.length; column += 1) {
      const value = cellValue(source[column], formats, date1904);
      if (value !== undefined) cells[column] = value;
    }
    if (cells.length > 0) batch.push({ row: index + 1, cells });
    if (batch.length >= ROWS_AT_A_TIME) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

const ERROR_WORDS: Readonly<Record<number, string>> = {
  0x00: '#NULL!',
  0x07: '#DIV/0!',
  0x0f: '#VALUE!',
  0x17: '#REF!',
  0x1d: '#NAME?',
  0x24: '#NUM!',
  0x2a: '#N/A',
  0x2b: '#GETTING_DATA',
};

function cellValue(
  cell: spreadsheet.CellObject | undefined,
  formats: Map<string, NumberFormat>,
  date1904: boolean,
): CellValue | undefined {
  if (cell === undefined) return undefined;
  switch (cell.t) {
    case 's':
      return typeof cell.v === 'string' && cell.v !== '' ? cell.v : undefined;
    case 'n':
      return typeof cell.v === 'number' ? numberText(cell.v, formatOf(cell.z, formats), date1904) : undefined;
    case 'b':
      return cell.v === true ? 'VRAI' : 'FAUX';
    case 'e':
      return { error: ERROR_WORDS[Number(cell.v)] ?? '#N/A' };
    default:
      return undefined;
  }
}

function formatOf(code: unknown, formats: Map<string, NumberFormat>): NumberFormat {
  const key = typeof code === 'string' ? code : '';
  let format = formats.get(key);
  if (format === undefined) {
    format = readNumberFormat(key);
    formats.set(key, format);
  }
  return format;
}

function unreadable(reason: string, cause?: unknown): SourceError {
  return new SourceError('FILE_UNREADABLE', { reason: `xls ${reason}` }, { cause });
}
