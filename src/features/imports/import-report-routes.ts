/** The report as files, and the empty workbook to fill. */
import type { Response, Router } from 'express';
import { page } from '../../http/declared-routes.ts';
import { ROW_READERS, readableBatch } from './import-row-routes.ts';
import type { ImportRoutesOptions } from './import-routes.ts';
import { importTemplateWorkbook } from './import-template.ts';
import { importTemplateUrl } from './urls.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** `rapport-referentiel-etudiants.xlsx`, from the name of the file that was read. */
function reportName(fileName: string, extension: string): string {
  const base = fileName.replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N}._-]+/gu, '-');
  return `rapport-${base.slice(0, 80)}.${extension}`;
}

function download(res: Response, type: string, name: string): Response {
  return res.status(200).type(type).set('Cache-Control', 'no-store').attachment(name);
}

export function addReportRoutes(router: Router, { imports }: ImportRoutesOptions): void {
  page(router, {
    path: importTemplateUrl(),
    permission: ['imports.decide_students', 'imports.decide_companies'],
    handler: async ({ res }) => {
      const { t } = res.locals.page;
      download(res, XLSX, t('imports.template.file_name')).send(await importTemplateWorkbook(t));
    },
  });

  page(router, {
    path: '/imports/:id.xlsx',
    permission: ROW_READERS,
    handler: async ({ res, actor, params }) => {
      const batch = await readableBatch(imports, actor, params['id'] ?? '');
      download(res, XLSX, reportName(batch.fileName, 'xlsx'));
      await imports.writeWorkbookReport(actor, batch.id, res);
    },
  });

  page(router, {
    path: '/imports/:id.json',
    permission: ROW_READERS,
    handler: async ({ res, actor, params }) => {
      const batch = await readableBatch(imports, actor, params['id'] ?? '');
      download(res, 'application/json', reportName(batch.fileName, 'json'));
      await imports.writeJsonReport(actor, batch.id, res);
    },
  });
}
