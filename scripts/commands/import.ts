/** `import students FILE` and `import companies`: the engine of the pages and of the daily job, from the command line. */
import { open } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Services } from '../../src/container.ts';
import type { RunOptions, RunProgress } from '../../src/features/imports/index.ts';
import { translator } from '../../src/i18n/index.ts';
import { systemActor, type Actor } from '../../src/shared/actor.ts';
import { RuleViolation } from '../../src/shared/errors.ts';
import { readOptions, UsageError, userPath, type Command, type CommandContext } from './command.ts';

const OPTIONS = {
  'dry-run': { type: 'boolean' },
  confirm: { type: 'boolean' },
  force: { type: 'boolean' },
  report: { type: 'string' },
  json: { type: 'boolean' },
  source: { type: 'string' },
} as const;

type Values = ReturnType<typeof readOptions<typeof OPTIONS>>['values'];

type Batch = Awaited<ReturnType<Services['imports']['run']>>;

const DRAW_EVERY_MS = 100;

/** A bar on a terminal, nothing elsewhere. */
function progressBar(): { show: (progress: RunProgress) => void; clear: () => void } {
  if (!process.stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  let drawnAt = 0;
  const startedAt = Date.now();
  return {
    show({ phase, rowsDone, rowCount }) {
      const now = Date.now();
      if (now - drawnAt < DRAW_EVERY_MS) return;
      drawnAt = now;
      const share = rowCount > 0 ? Math.min(1, rowsDone / rowCount) : 0;
      const bar = '█'.repeat(Math.round(share * 30)).padEnd(30, '░');
      const rate = Math.round(rowsDone / Math.max(1, (now - startedAt) / 1000));
      process.stderr.write(
        `\r${phase === 'reading' ? 'Reading ' : 'Applying'} ${bar} ${rowsDone}/${rowCount || '?'} rows, ${rate}/s `,
      );
    },
    clear: () => void process.stderr.write('\r\x1b[2K'),
  };
}

const COUNTS = ['rows', 'created', 'updated', 'unchanged', 'duplicate', 'rejected', 'missing'] as const;

/** How the run ended, in a line for a person. */
function sentence({ state, dryRun, errorCode, errorDetail, totals }: Batch): string {
  if (state === 'refused') return `Refused: ${errorCode ?? 'unknown'}. Nothing was written.`;
  if (state === 'failed') return `Failed: ${String(errorDetail?.['reason'] ?? 'unknown')}. The log says more.`;
  if (state === 'applying') return 'Interrupted: run the same command again to go on from there.';
  const counts = COUNTS.map((name) => `${totals?.[name] ?? 0} ${name}`).join(', ');
  if (dryRun) return `Dry run, nothing was written: ${counts}.`;
  if (state === 'needs_confirmation') return `Unusual file, nothing was written; run again with --confirm: ${counts}.`;
  return `Applied: ${counts}.`;
}

/** The exit code of interfaces: 0, 1 refused, 3 needs confirmation. A dry run says 3 as well when the batch would wait for a person. */
function exitCode({ state, dryRun, suspicions }: Batch): number {
  if (state === 'needs_confirmation' || (dryRun && suspicions.length > 0)) return 3;
  return state === 'applied' || (dryRun && state === 'discarded') ? 0 : 1;
}

/** Opened before anything is written: a report that has nowhere to go is no reason to lose it afterwards. */
async function openReport(typed: string): Promise<Writable> {
  const path = userPath(typed);
  const file = await open(path, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--report: ${path} cannot be written (${error.code ?? 'error'}).`);
  });
  return file.createWriteStream();
}

/** The report; of a batch that was left under way, the error that the page answers. */
async function reportOf(services: Services, actor: Actor, id: string): Promise<Readable> {
  try {
    return await services.imports.jsonReport(actor, id);
  } catch (error) {
    if (!(error instanceof RuleViolation)) throw error;
    const message = translator('en')(error.messageKey);
    return Readable.from([`${JSON.stringify({ error: { code: error.code, message } })}\n`]);
  }
}

/** Runs an import and says how it ended. @returns the exit code */
async function runImport(
  { services, print, complain }: CommandContext,
  from: RunOptions['from'],
  values: Values,
): Promise<number> {
  const actor = systemActor(`crm import ${from.source}`, 'cli');
  const report = values.report === undefined ? null : await openReport(values.report);
  const bar = progressBar();
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  // The chunk under way is finished and its place kept: the next run goes on from there.
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const batch = await services.imports
    .run(actor, {
      origin: 'cli',
      from,
      force: values.force ?? false,
      dryRun: values['dry-run'] ?? false,
      confirm: values.confirm ?? false,
      signal: stopping.signal,
      onProgress: bar.show,
    })
    .finally(() => bar.clear());
  const document = () => reportOf(services, actor, batch.id);
  if (report) await pipeline(await document(), report);
  if (values.json) await pipeline(await document(), process.stdout, { end: false });
  else (batch.state === 'applying' ? complain : print)(sentence(batch));
  return exitCode(batch);
}

export const importStudents: Command = {
  name: 'import students',
  usage: 'import students FILE [--dry-run] [--confirm] [--force] [--report FILE.json] [--json]',
  summary: 'imports the workbook of the référentiel',
  async run(context) {
    const { values, positionals } = readOptions(context.args, OPTIONS);
    const [file, ...others] = positionals;
    if (!file || others.length > 0 || values.source !== undefined) throw new UsageError('One workbook is expected.');
    return runImport(context, { source: 'students', path: userPath(file) }, values);
  },
};

export const importCompanies: Command = {
  name: 'import companies',
  usage: 'import companies [--source URL] [--dry-run] [--confirm] [--force] [--report FILE.json] [--json]',
  summary: 'imports the companies of GetEnt (GETENT_URL by default)',
  async run(context) {
    const { values, positionals } = readOptions(context.args, OPTIONS);
    const url = values.source ?? context.config.getentUrl;
    if (positionals.length > 0) throw new UsageError('No file is expected: give --source mysql://…');
    if (!url) throw new UsageError('GETENT_URL is not set: give --source mysql://…');
    if (!/^(mysql|mariadb):\/\//.test(url))
      throw new UsageError('--source must look like mysql://user:password@host:port/database');
    return runImport(context, { source: 'companies', url }, values);
  },
};
