/** The addresses of a list as a file, and what every one of them does: name it, journal it, send it. */
import type { Response, Router } from 'express';
import type { z } from 'zod';
import type { Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { isoDayInParis } from '../shared/dates.ts';
import type { ExportJournal, ExportRecord } from '../shared/export-record.ts';
import type { Permission } from '../shared/permissions.ts';
import type { WholeList } from '../shared/whole-list.ts';
import { page } from './declared-routes.ts';
import { sendCsv, sendWorkbook, type FileColumn } from './list-export.ts';
import type { PageContext } from './render.ts';

export const FILE_FORMATS = ['csv', 'xlsx'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export interface FileServices {
  /** Journals the export. */
  readonly lists: ExportJournal;
  readonly clock: Clock;
}

/** A file about to leave. */
export interface LeavingFile<Row> extends Omit<ExportRecord, 'columns'> {
  /** Path of the list, which names the file: `/etudiants` gives `etudiants-2026-09-01.csv`. */
  readonly path: string;
  readonly now: Date;
  readonly columns: readonly FileColumn<Row>[];
  readonly chunks: AsyncIterable<readonly Row[]>;
}

/** Journals an export, then sends it, a chunk at a time. */
export async function sendListFile<Row>(
  res: Response,
  actor: Actor,
  lists: ExportJournal,
  { path, now, columns, chunks, ...record }: LeavingFile<Row>,
): Promise<void> {
  await lists.recordExport(actor, { ...record, columns: columns.map(({ key }) => key) });
  const file = { name: `${path.slice(1)}-${isoDayInParis(now)}`, columns, chunks, page: res.locals.page };
  await (record.format === 'csv' ? sendCsv(res, file) : sendWorkbook(res, file));
}

/** Links of the export menu (see _list-toolbar). */
export function fileLinks(path: string): { format: FileFormat; href: string }[] {
  return FILE_FORMATS.map((format) => ({ format, href: `${path}.${format}` }));
}

export interface ListFiles<Row, Query extends z.ZodType> {
  /** Name of the list in the journal. */
  readonly list: string;
  readonly path: string;
  /** Whoever reads the list page by page may have it whole: there is no right of its own. */
  readonly permission: Permission;
  /** The filters of the page; the place in the list (`apres`, `avant`) means nothing here. */
  readonly query: Query;
  readonly columns: (actor: Actor, page: PageContext) => readonly FileColumn<Row>[];
  /** Every row that answers, in the order of the page. */
  readonly open: (actor: Actor, query: z.output<Query>) => Promise<WholeList<Row>>;
}

/** Declares `GET <path>.csv` and `GET <path>.xlsx` of a list that is no declared one (see features/lists for those). */
export function declareListFiles<Row, Query extends z.ZodType>(
  router: Router,
  { lists, clock }: FileServices,
  { list, path, permission, query: schema, columns, open }: ListFiles<Row, Query>,
): void {
  for (const format of FILE_FORMATS)
    page(router, {
      path: `${path}.${format}`,
      permission,
      query: schema,
      handler: async ({ res, actor, query }) => {
        const asked = query as z.output<Query>;
        const { total, chunks } = await open(actor, asked);
        await sendListFile(res, actor, lists, {
          list,
          path,
          now: clock.now(),
          format,
          query: criteriaText(asked),
          columns: columns(actor, res.locals.page),
          rows: total,
          selected: null,
          chunks,
        });
      },
    });
}

/** What was asked of a list, as a query string without its place. */
function criteriaText(query: unknown): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query as object))
    if (typeof value === 'string' && value !== '' && name !== 'apres' && name !== 'avant') search.append(name, value);
  return search.toString();
}
