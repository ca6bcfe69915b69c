/** The scheduled jobs and what they did. */
import type { PageContext } from '../../http/render.ts';
import { href } from '../../http/ui-links.ts';
import { formatDateTime, formatRelative } from '../../shared/dates.ts';
import { duplicatesUrl } from '../duplicates/index.ts';
import { importUrl } from '../imports/index.ts';
import type { JobsQuery } from './job-schemas.ts';
import type { JobRunSummary, JobScreens, JobSummary } from './job-screens.ts';
import { scheduleText } from './schedule-words.ts';
import { jobsUrl, runJobUrl } from './urls.ts';

/** What needs a person comes first. */
const RANKS: Readonly<Record<string, number>> = { failed: 0, needs_confirmation: 1, running: 2 };

function moment(date: Date, { lang }: PageContext, now: Date) {
  return { iso: date.toISOString(), when: formatRelative(date, now, lang), exact: formatDateTime(date, lang) };
}

function durationOf(run: JobRunSummary, { t }: PageContext): string {
  if (!run.finishedAt) return '';
  const seconds = Math.max(0, (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000);
  if (seconds < 1) return t('jobs.duration.instant');
  return seconds < 60
    ? t('jobs.duration.seconds', { seconds: Math.round(seconds) })
    : t('jobs.duration.minutes', { minutes: Math.floor(seconds / 60), seconds: Math.round(seconds % 60) });
}

type Found = NonNullable<NonNullable<JobRunSummary['detail']>['found']>;
const KINDS = ['student', 'company'] as const;

/** Kinds of pairs that the reader may examine. */
function examined({ can }: PageContext): readonly (keyof Found)[] {
  return KINDS.filter((kind) => can(kind === 'student' ? 'students.merge' : 'companies.merge'));
}

/** How many new pairs: those the reader may examine; all of them for those who only look after the jobs. */
function foundText(found: Found, page: PageContext): string {
  const theirs = examined(page);
  return (theirs.length > 0 ? theirs : KINDS)
    .map((kind) => page.t(`jobs.found.${kind}`, { count: found[kind] }))
    .join(' · ');
}

/** What a run came to, in a sentence. */
function resultText(run: JobRunSummary, page: PageContext): string {
  const { t } = page;
  const { detail } = run;
  if (detail?.errorCode) return t(`import-codes.${detail.errorCode}.title`);
  if (detail?.totals) {
    const { created = 0, updated = 0, rejected = 0 } = detail.totals;
    return t('jobs.totals', { created, updated, rejected });
  }
  if (detail?.found !== undefined) return foundText(detail.found, page);
  return run.result === 'failed' && detail?.reason ? t('jobs.reason', { reason: detail.reason }) : '';
}

function runView(run: JobRunSummary, page: PageContext, now: Date) {
  const { t, can } = page;
  return {
    id: run.id,
    job: t(`jobs.names.${run.job}.title`),
    result: run.result,
    needsPerson: run.result === 'needs_confirmation',
    text: resultText(run, page),
    who: run.startedBy ?? t(`jobs.trigger.${run.trigger}`),
    ...moment(run.startedAt, page, now),
    duration: durationOf(run, page),
    pairsHref: examined(page).some((kind) => (run.detail?.found?.[kind] ?? 0) > 0) ? duplicatesUrl() : null,
    batchHref: run.detail?.batchId && can('imports.read') ? importUrl(run.detail.batchId) : null,
  };
}

function jobView(job: JobSummary, page: PageContext, now: Date) {
  const { t } = page;
  return {
    key: job.key,
    title: t(`jobs.names.${job.key}.title`),
    text: t(`jobs.names.${job.key}.text`),
    unsetText: job.isSet ? null : t(`jobs.names.${job.key}.unset`),
    schedule: scheduleText(job.cron, t),
    last: job.lastRun ? runView(job.lastRun, page, now) : null,
    next: job.nextRunAt ? moment(job.nextRunAt, page, now) : null,
    isRunning: job.lastRun?.result === 'running',
    mayRun: job.isSet && job.lastRun?.result !== 'running',
    runAction: runJobUrl(job.key),
    historyHref: `${href(jobsUrl(), { tache: job.key })}#historique`,
  };
}

/** Plain values for views/jobs/jobs.ejs. */
export function presentJobs(
  jobs: readonly JobSummary[],
  history: Awaited<ReturnType<JobScreens['history']>>,
  query: JobsQuery,
  page: PageContext,
  now: Date,
) {
  const { t } = page;
  const path = jobsUrl();
  const rank = (job: JobSummary) => RANKS[job.lastRun?.result ?? ''] ?? 3;
  const at = (place: Record<string, string>) => `${href(path, { tache: query.tache }, place)}#historique`;
  return {
    jobs: [...jobs].sort((a, b) => rank(a) - rank(b)).map((job) => jobView(job, page, now)),
    isRunning: jobs.some((job) => job.lastRun?.result === 'running'),
    runs: history.rows.map((run) => runView(run, page, now)),
    totalText: t('jobs.history.total', { count: history.total }),
    filter:
      query.tache && jobs.some((job) => job.key === query.tache)
        ? { value: t(`jobs.names.${query.tache}.title`), removeHref: `${path}#historique` }
        : null,
    pager: {
      previousHref: history.previous ? at({ avant: history.previous }) : null,
      nextHref: history.next ? at({ apres: history.next }) : null,
      rangeText: '',
    },
  };
}
