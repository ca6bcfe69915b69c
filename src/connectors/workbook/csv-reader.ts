import { TextDecoder } from 'node:util';
import { SourceError } from '../../shared/source-error.ts';
import { decodeWindows1252 } from '../../shared/windows-1252.ts';
import { isCellErrorWord, type CellValue, type Sheet, type SheetRow } from './cells.ts';

/**
 * Reads delimited text. It is decoded here, before any reader sees it: UTF-8 (with or without mark) when it is valid, else
 * Windows-1252; Excel's "Unicode text" (UTF-16 with its mark) too. Rows are records: a quoted cell may hold line breaks.
 * @see import rules §1, §7, RFC 4180
 */

export type CsvEncoding = 'utf-8' | 'utf-16' | 'windows-1252';
export type CsvSeparator = ';' | ',' | '\t';

export const CSV_SEPARATORS: readonly CsvSeparator[] = [';', ',', '\t'];

/**
 * Decodes the bytes of a text file.
 * @throws SourceError `FILE_UNREADABLE` when they are no text (an image, a page, an archive, broken UTF-8 after its mark)
 */
export function decodeCsv(bytes: Uint8Array): { text: string; encoding: CsvEncoding } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return { text: checkText(strictDecode('utf-16le', bytes)), encoding: 'utf-16' };
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return { text: checkText(strictDecode('utf-16be', bytes)), encoding: 'utf-16' };
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const utf8 = strictDecode('utf-8', bytes);
  if (utf8 !== null || hasMark) return { text: checkText(utf8), encoding: 'utf-8' };
  const { text, wellFormed } = decodeWindows1252(bytes);
  return { text: checkText(wellFormed ? text : null), encoding: 'windows-1252' };
}

function strictDecode(encoding: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Text has no control characters other than tabs, line ends and page breaks, and does not begin like a web page. */
function checkText(text: string | null): string {
  if (text === null || /[^\P{Cc}\t\n\v\f\r\u0080-\u009f]/u.test(text)) {
    throw new SourceError('FILE_UNREADABLE', { reason: 'not a text' });
  }
  if (/^\s*(?:<[!?a-z]|%PDF|\{\\rtf)/i.test(text.slice(0, 1000)))
    throw new SourceError('FILE_UNREADABLE', { reason: 'markup' });
  return text;
}

/** Rows handed on at a time. */
const ROWS_AT_A_TIME = 500;

/** The one sheet of a text, cut with a separator. Excel's first line `sep=;` is not a row. */
export function openCsv(text: string, separator: CsvSeparator): Sheet {
  const hint = /^sep=[;,\t]\r?\n/i.exec(text);
  return { name: null, rows: readRecords(text, hint === null ? 0 : hint[0].length, separator) };
}

/** @throws SourceError `FILE_UNREADABLE` when a quoted cell never ends: the rest of the rows would be lost in it */
function* readRecords(text: string, start: number, separator: CsvSeparator): Generator<SheetRow[]> {
  let batch: SheetRow[] = [];
  let position = start;
  for (let row = 1; position < text.length; row += 1) {
    const cells: (CellValue | undefined)[] = [];
    for (let column = 0; ; column += 1) {
      const field = readField(text, position, separator);
      if (field.text !== '') cells[column] = isCellErrorWord(field.text) ? { error: field.text.trim() } : field.text;
      position = field.end;
      if (text.charAt(position) !== separator) break;
      position += 1;
    }
    position += text.startsWith('\r\n', position) ? 2 : 1;
    if (cells.length > 0) batch.push({ row, cells });
    if (batch.length >= ROWS_AT_A_TIME) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

function readField(text: string, start: number, separator: CsvSeparator): { text: string; end: number } {
  if (text.charAt(start) !== '"') {
    const end = endOfField(text, start, separator);
    return { text: text.slice(start, end), end };
  }
  let value = '';
  let position = start + 1;
  for (;;) {
    const quote = text.indexOf('"', position);
    if (quote === -1) throw new SourceError('FILE_UNREADABLE', { reason: 'quote' });
    value += text.slice(position, quote);
    if (text.charAt(quote + 1) !== '"') {
      const end = endOfField(text, quote + 1, separator);
      return { text: value + text.slice(quote + 1, end), end };
    }
    value += '"';
    position = quote + 2;
  }
}

function endOfField(text: string, start: number, separator: CsvSeparator): number {
  const separatorCode = separator.charCodeAt(0);
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === separatorCode || code === 10 || code === 13) break;
    end += 1;
  }
  return end;
}
