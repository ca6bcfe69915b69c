/**
 * Lists as files, streamed: a chunk is read once the one before has left, so that memory stays flat for a million rows.
 */
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type ExcelJS from 'exceljs';
import type { Response } from 'express';
import type { Translate } from '../i18n/index.ts';
import { formatDateTime } from '../shared/dates.ts';
import {
  BYTE_ORDER_MARK,
  csvLine,
  neutraliseForWorkbook,
  wallClockInParis,
  type ExportValue,
} from '../shared/export-cells.ts';
import type { PageContext } from './render.ts';

/** A column of a file; those of declared lists are such. */
export interface FileColumn<Row> {
  readonly key: string;
  /** i18n key of the heading. */
  readonly label: string;
  value(row: Row, t: Translate): ExportValue;
}

export interface ListFile<Row> {
  /** Without extension: `etudiants-2026-09-01`. */
  readonly name: string;
  readonly columns: readonly FileColumn<Row>[];
  readonly chunks: AsyncIterable<readonly Row[]>;
  readonly page: PageContext;
}

/** Rows of one sheet at most: a spreadsheet holds 1 048 576, the heading among them. */
const ROWS_PER_SHEET = 1_000_000;

function announce(res: Response, name: string, type: string): void {
  res.status(200);
  res.set('Content-Type', type);
  res.set('Content-Disposition', `attachment; filename="${name}"`);
  res.set('X-Accel-Buffering', 'no');
}

/** True when the reader went away: nothing to answer and nothing to log. */
function wasAbandoned(error: unknown, res: Response): boolean {
  return (error as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE' && (res.destroyed || !res.writable);
}

function csvText(value: ExportValue, lang: PageContext['lang']): string {
  if (value === null) return '';
  if (value instanceof Date) return formatDateTime(value, lang);
  return typeof value === 'number' ? String(value).replace('.', ',') : value;
}

/** A French CSV: UTF-8 with its mark, `;`, headings in the language of the page. */
export async function sendCsv<Row>(res: Response, file: ListFile<Row>): Promise<void> {
  const { columns, page } = file;
  async function* lines(): AsyncGenerator<string> {
    yield BYTE_ORDER_MARK + csvLine(columns.map(({ label }) => page.t(label)));
    for await (const rows of file.chunks)
      yield rows.map((row) => csvLine(columns.map((column) => csvText(column.value(row, page.t), page.lang)))).join('');
  }
  announce(res, `${file.name}.csv`, 'text/csv; charset=utf-8');
  try {
    await pipeline(Readable.from(lines()), res);
  } catch (error) {
    if (!wasAbandoned(error, res)) throw error;
  }
}

function workbookCell(value: ExportValue): string | number | Date | null {
  if (value instanceof Date) return wallClockInParis(value);
  return typeof value === 'string' ? neutraliseForWorkbook(value) : value;
}

/** A workbook; a list longer than a sheet goes on in a second one. */
export async function sendWorkbook<Row>(res: Response, file: ListFile<Row>): Promise<void> {
  const { columns, page } = file;
  // Loaded by the first who needs it: it takes as long to start as the rest of the server, and 30 MB.
  const { default: excel } = await import('exceljs');
  announce(res, `${file.name}.xlsx`, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
  const sink = new PassThrough();
  const sent = pipeline(sink, res);
  const workbook = new excel.stream.xlsx.WorkbookWriter({ stream: sink, useStyles: true, useSharedStrings: false });
  const write = async (): Promise<void> => {
    let sheets = 0;
    let rowsInSheet = 0;
    const open = (): ExcelJS.Worksheet => {
      sheets += 1;
      rowsInSheet = 0;
      const opened = workbook.addWorksheet(page.t('lists.sheet', { number: sheets }), {
        views: [{ state: 'frozen', ySplit: 1 }],
      });
      opened.columns = columns.map(() => ({ width: 24 }));
      const heading = opened.addRow(columns.map(({ label }) => neutraliseForWorkbook(page.t(label))));
      heading.font = { bold: true };
      heading.commit();
      return opened;
    };
    let sheet = open();
    for await (const rows of file.chunks) {
      for (const row of rows) {
        if (rowsInSheet === ROWS_PER_SHEET) {
          sheet.commit();
          sheet = open();
        }
        const added = sheet.addRow(columns.map((column) => workbookCell(column.value(row, page.t))));
        added.eachCell((cell) => {
          if (cell.value instanceof Date) cell.numFmt = 'dd/mm/yyyy hh:mm';
        });
        added.commit();
        rowsInSheet += 1;
      }
      if (sink.destroyed) return;
      if (sink.writableNeedDrain) await Promise.race([once(sink, 'drain'), once(sink, 'close')]);
    }
    sheet.commit();
    await workbook.commit();
  };
  try {
    await Promise.all([write(), sent]);
  } catch (error) {
    sink.destroy();
    if (!wasAbandoned(error, res)) throw error;
  }
}
