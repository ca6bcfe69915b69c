/** Everything a server does by itself, in the order in which jobs due together run. A table is written by jobs of its owner only. */
import type { Database } from '../db/client.ts';
import type { DuplicateScanService, MergeUndoService } from '../features/duplicates/index.ts';
import { DUPLICATE_SCAN_JOB } from '../features/duplicates/index.ts';
import type { ImportService, ImportSource } from '../features/imports/index.ts';
import type { SettingsService } from '../features/settings/index.ts';
import { STAFF_SITE } from '../shared/site.ts';
import { deleteExpired } from './cleanup.ts';
import type { Job } from './job.ts';

export interface JobServices {
  readonly database: Database;
  readonly site: string;
  readonly settings: SettingsService;
  readonly imports: ImportService;
  readonly duplicateScans: DuplicateScanService;
  readonly mergeUndo: MergeUndoService;
  readonly studentFile: string | undefined;
  readonly getentUrl: string | undefined;
}

const CLEANUP_AT = '30 3 * * *';
const DUPLICATES_AT = '0 4 * * *';

export function createJobs(services: JobServices): Job[] {
  const { database, site, settings, imports, duplicateScans, mergeUndo } = services;

  async function importTime(): Promise<string> {
    const { dailyImport } = await settings.get('schedules');
    const [hour = '6', minute = '0'] = dailyImport.split(':');
    return `${Number(minute)} ${Number(hour)} * * *`;
  }

  const daily = (key: string, source: ImportSource, isSet: boolean): Job => ({
    key,
    isSet,
    cron: importTime,
    async run({ actor, signal }) {
      const { result, ...detail } = await imports.runDaily(actor, source, signal);
      return { result, detail };
    },
  });

  const cleanup: Job = {
    key: 'cleanup',
    isSet: true,
    cron: () => Promise.resolve(CLEANUP_AT),
    async run() {
      const deleted = { ...(await deleteExpired(database, site)), ...(site === STAFF_SITE ? await forgetOld() : {}) };
      return { result: 'done', detail: { deleted } };
    },
  };

  async function forgetOld(): Promise<Record<string, number>> {
    return { ...(await imports.purge()), merge_image: await mergeUndo.forgetExpired() };
  }

  if (site !== STAFF_SITE) return [cleanup];
  return [
    // Companies first: the alumni of the workbook are matched with them.
    daily('import-companies', 'companies', Boolean(services.getentUrl)),
    daily('import-students', 'students', Boolean(services.studentFile)),
    {
      key: DUPLICATE_SCAN_JOB,
      isSet: true,
      cron: () => Promise.resolve(DUPLICATES_AT),
      async run({ actor }) {
        const { students, companies } = await duplicateScans.scan(actor, { since: await duplicateScans.lastScan() });
        return { result: 'done', detail: { found: { student: students.found, company: companies.found } } };
      },
    },
    cleanup,
  ];
}
