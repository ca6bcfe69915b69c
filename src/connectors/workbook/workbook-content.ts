import { SourceError } from '../../shared/source-error.ts';
import { CSV_SEPARATORS, decodeCsv, openCsv, type CsvEncoding, type CsvSeparator } from './csv-reader.ts';
import { TableReader, type ColumnSpec, type TableHeader, type TableRow } from './table-reader.ts';
import { openXlsx } from './xlsx-reader.ts';

export type WorkbookFormat = 'xls' | 'xlsx' | 'xlsm' | 'csv';

export interface WorkbookHeader extends TableHeader {
  format: WorkbookFormat;
  /** Of a CSV only. */
  encoding: CsvEncoding | null;
  /** Of a CSV only. */
  separator: CsvSeparator | null;
}

/** Bytes of memory that decoding a byte of text can take: two for the text, as many for the pieces it is joined from. */
const CSV_BYTES_PER_BYTE = 4;

const OLE_SIGNATURE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
const ZIP_SIGNATURE = Buffer.from('PK\u0003\u0004', 'latin1');

/**
 * Reads the table of a workbook held in memory, whatever its name: the content decides the format.
 * @param options.memoryMegabytes what the text of a CSV may take: it is the one thing decoded in one piece
 * @param onRows called with the data rows, a few hundred at a time
 * @throws SourceError with the file-level code
 */
export async function readWorkbookContent(
  bytes: Buffer,
  { columns, memoryMegabytes }: { columns: readonly ColumnSpec[]; memoryMegabytes: number },
  onRows: (rows: TableRow[]) => void,
): Promise<WorkbookHeader> {
  const table = new TableReader(columns);
  if (bytes.length === 0) throw new SourceError('FILE_EMPTY');
  if (bytes.subarray(0, 8).equals(OLE_SIGNATURE)) {
    // Loaded for .xls alone: the library and its code pages weigh more than everything else here.
    const { openXls } = await import('./xls-reader.ts');
    return { format: 'xls', encoding: null, separator: null, ...(await table.read(openXls(bytes), onRows)) };
  }
  if (bytes.subarray(0, 4).equals(ZIP_SIGNATURE)) {
    const { format, sheets } = await openXlsx(bytes);
    return { format, encoding: null, separator: null, ...(await table.read(sheets, onRows)) };
  }
  if (bytes.length * CSV_BYTES_PER_BYTE > memoryMegabytes * 1024 * 1024) {
    throw new SourceError('FILE_TOO_LARGE', { limit: 'memory', allowed: memoryMegabytes });
  }
  const { text, encoding } = decodeCsv(bytes);
  if (text.trim() === '') throw new SourceError('FILE_EMPTY');
  const separator = await findSeparator(text, columns);
  return { format: 'csv', encoding, separator, ...(await table.read([openCsv(text, separator)], onRows)) };
}

/** The separator with which the headers are found; without any, the first, so that the missing columns can be told. */
async function findSeparator(text: string, columns: readonly ColumnSpec[]): Promise<CsvSeparator> {
  for (const separator of CSV_SEPARATORS) {
    try {
      if (await new TableReader(columns).hasHeader(openCsv(text, separator))) return separator;
    } catch (error) {
      // Cut at the wrong places a quoted cell may never end; with the right separator the real reading will tell.
      if (!(error instanceof SourceError)) throw error;
    }
  }
  return separatorSeenMost(text);
}

function separatorSeenMost(text: string): CsvSeparator {
  const beginning = text.slice(0, 10_000);
  const counted = CSV_SEPARATORS.map((separator) => ({ separator, count: beginning.split(separator).length }));
  return counted.reduce((best, candidate) => (candidate.count > best.count ? candidate : best)).separator;
}
