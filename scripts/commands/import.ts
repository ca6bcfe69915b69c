/** `import students FILE` and `import companies`: the engine of the pages and of the daily job, from the command line. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import type { RunOptions, RunProgress } from '../../src/features/imports/index.ts';
import { systemActor } from '../../src/shared/actor.ts';
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

interface Summary {
  readonly status: 'applied' | 'dry_run' | 'needs_confirmation' | 'refused';
  readonly error: string | null;
  readonly totals: Record<string, number>;
}

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

function sentence({ status, error, totals }: Summary): string {
  if (status === 'refused') return `Refused: ${error ?? 'unknown'}. Nothing was written.`;
  const counts = ['rows', 'created', 'updated', 'unchanged', 'duplicate', 'rejected', 'missing']
    .filter((name) => totals[name] !== undefined)
    .map((name) => `${totals[name]} ${name}`)
    .join(', ');
  const heads = {
    applied: 'Applied',
    dry_run: 'Dry run, nothing was written',
    needs_confirmation: 'Unusual file, nothing was written; run again with --confirm',
  };
  return `${heads[status]}: ${counts}.`;
}

/** Runs an import and says how it ended. @returns the exit code of interfaces: 0, 1 refused, 3 needs confirmation */
async function runImport(
  { services, print, complain }: CommandContext,
  from: RunOptions['from'],
  values: Values,
): Promise<number> {
  const actor = systemActor(`crm import ${from.source}`, 'cli');
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
  if (values.report)
    await pipeline(await services.imports.jsonReport(actor, batch.id), createWriteStream(userPath(values.report)));
  const report = await text(await services.imports.jsonReport(actor, batch.id));
  const summary = JSON.parse(report) as Summary;
  if (values.json) print(report.trimEnd());
  else if (batch.state === 'applying') complain('Interrupted: run the same command again to go on from there.');
  else print(sentence(summary));
  if (batch.state === 'refused' || batch.state === 'failed' || batch.state === 'applying') return 1;
  // A dry run says 3 as well when the batch would wait for a person.
  return batch.state === 'needs_confirmation' || (batch.dryRun && batch.suspicions.length > 0) ? 3 : 0;
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
