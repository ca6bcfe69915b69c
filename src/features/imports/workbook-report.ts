/**
 * The report of a batch as a workbook that can be corrected and imported again: the columns of the source as they were, the NIR
 * masked, then `Résultat`, `Motif` and, where a NIR was masked, the `Jeton` that stands for it.
 * @see import rules §7
 */
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Reader } from '../../db/client.ts';
import { translator } from '../../i18n/index.ts';
import type { Actor } from '../../shared/actor.ts';
import { neutraliseForWorkbook } from '../../shared/export-cells.ts';
import type { NirVault } from '../students/index.ts';
import type { Batch } from './batch-store.ts';
import { codeAdvice, codeTitle } from './import-words.ts';
import { cellText, shownCell } from './row-queries.ts';
import { findRowsAfter, openCells, type StoredRow } from './row-store.ts';
import { tokenOf } from './row-token.ts';
import { withoutLimited } from './row-visibility.ts';

const ROWS_AT_A_TIME = 1_000;
/** Columns that reports add: those of an earlier report that was read are replaced. */
const ADDED: ReadonlySet<string | null> = new Set(['result', 'reason', 'token', null]);

/** The workbook goes to people of the school, whose files are in French. */
const t = (key: string, params?: Record<string, unknown>): string => translator('fr')(key, params);

/** Writes the report and ends the output. */
export async function writeWorkbookReport(
  reader: Reader,
  actor: Actor,
  vault: NirVault,
  batch: Batch,
  output: NodeJS.WritableStream,
): Promise<void> {
  const passage = new PassThrough();
  const sending = pipeline(passage, output);
  const writing = fill(passage, reader, actor, vault, batch);
  // Either may fail first: a reader who leaves must stop the writing, and a database that fails must end the answer.
  writing.catch((error: unknown) => passage.destroy(error as Error));
  await Promise.all([sending, writing]);
}

async function fill(passage: PassThrough, reader: Reader, actor: Actor, vault: NirVault, batch: Batch): Promise<void> {
  // Slow to load: by the first report only.
  const { default: excel } = await import('exceljs');
  const workbook = new excel.stream.xlsx.WorkbookWriter({ stream: passage, useStyles: true });
  const sheet = workbook.addWorksheet(t('import-report.sheet'), { views: [{ state: 'frozen', ySplit: 1 }] });
  const columns = batch.columns.filter(({ field }) => !ADDED.has(field));
  const withToken = columns.some(({ field }) => field === 'nir');
  const added = ['result', 'reason', ...(withToken ? ['token'] : [])];
  // Text, so that Excel keeps the zeros of phones and shows long numbers as they are.
  const text = { style: { numFmt: '@' } };
  sheet.columns = [
    ...columns.map(({ header, field }) => ({
      header,
      width: field === 'address' || field === 'adresse' ? 40 : 24,
      ...text,
    })),
    ...added.map((name) => ({
      header: t(`import-report.columns.${name}`),
      width: name === 'reason' ? 70 : name === 'token' ? 46 : 14,
      ...text,
    })),
  ];
  sheet.getRow(1).font = { bold: true };
  for (let position = 0; ;) {
    const rows = await findRowsAfter(reader, batch.id, position, ROWS_AT_A_TIME);
    const last = rows.at(-1);
    if (!last || passage.destroyed) break;
    for (const row of await withoutLimited(reader, actor, batch, rows))
      sheet.addRow(cellsOf(batch, columns, row, vault, withToken)).commit();
    position = last.row;
    await drained(passage);
  }
  sheet.commit();
  await workbook.commit();
}

function cellsOf(
  batch: Batch,
  columns: Batch['columns'],
  row: StoredRow,
  vault: NirVault,
  withToken: boolean,
): (string | null)[] {
  const raw = row.raw ? openCells(vault, batch.id, row.row, row.raw) : {};
  const cells = columns.map(({ field }) => shownCell(field ?? '', raw[field ?? '']));
  const token = withToken && cellText(raw['nir']) !== '' ? tokenOf(vault, { batchId: batch.id, row: row.row }) : '';
  return [...cells, t(`common.status.outcome.${row.outcome}`), reasonOf(row), ...(withToken ? [token] : [])].map(
    // The token is ours and must come back as it is, whatever it begins with.
    (value) => (value === '' ? null : value === token ? value : neutraliseForWorkbook(value)),
  );
}

/** Why, in a sentence a code: what is wrong first, then what was noticed. */
function reasonOf(row: StoredRow): string {
  const sentences = [
    ...row.errors.map((code) => `${codeTitle(code, t)}. ${codeAdvice(code, t)}`),
    ...row.warnings.map((code) => `${codeTitle(code, t)}.`),
  ];
  if (row.suggestion) sentences.push(t('import-report.suggestion', { suggestion: row.suggestion }));
  return sentences.join(' ');
}

/** Waits until what was written has left: memory stays flat. */
async function drained(passage: PassThrough): Promise<void> {
  if (passage.writableNeedDrain && !passage.destroyed)
    await new Promise<void>((resolve) => {
      passage.once('drain', resolve);
      passage.once('close', resolve);
    });
}
