/**
 * The clock of a server: once a minute, the jobs that are due run one after the other, each under a lease so that one process
 * of the server does it, with its history. What a person asks for is a row of the history that waits, for whichever process is
 * the worker.
 */
import { schedule, type ScheduledTask } from 'node-cron';
import type { Database } from '../db/client.ts';
import { isDatabaseDown } from '../db/errors.ts';
import type { JobRunSummary, JobScreens } from '../features/jobs/index.ts';
import type { Logger } from '../log.ts';
import { hasPermission, systemActor, type Actor } from '../shared/actor.ts';
import type { Clock } from '../shared/clock.ts';
import { SCHOOL_TIME_ZONE } from '../shared/dates.ts';
import { ForbiddenError, NotFoundError, RuleViolation } from '../shared/errors.ts';
import { newId } from '../shared/ids.ts';
import { nextTime, wasDue } from './cron-times.ts';
import type { Job, JobOutcome } from './job.ts';
import { createJobHistory } from './job-history.ts';
import type { Leases } from './leases.ts';

const LEASE_SECONDS = 60;
const RENEW_EVERY_MS = 20_000;
/** A job missed while the server was off runs when it is back, unless it is older than this. */
const CATCH_UP_MS = 24 * 60 * 60 * 1000;

const leaseOf = (job: string): string => `job:${job}`;

export interface SchedulerOptions {
  readonly database: Database;
  readonly site: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly leases: Leases;
  /** In the order in which those due together run. */
  readonly jobs: readonly Job[];
}

export function createScheduler({ database, site, clock, log, leases, jobs }: SchedulerOptions) {
  const history = createJobHistory({ database, site });
  const stopping = new AbortController();
  let tick: ScheduledTask | null = null;
  /** Up to when each job's schedule was looked at. */
  const lookedUpTo = new Map<string, Date>();
  let turn: Promise<void> = Promise.resolve();
  let wake: (() => void) | null = null;

  /** One thing at a time, in the order asked. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch((error: unknown) => {
      if (isDatabaseDown(error)) log.warn({ err: error }, 'jobs left for later');
      else log.error({ err: error }, 'jobs stopped');
    });
    return turn;
  }

  function jobOf(key: string): Job {
    const job = jobs.find((candidate) => candidate.key === key);
    if (!job) throw new NotFoundError();
    return job;
  }

  /**
   * Runs a job unless another process is at it.
   * @param runId the row of the history that asks for it
   * @param onBegun told once the job is begun, here or elsewhere: not when the database kept it from beginning
   */
  async function runJob(job: Job, actor: Actor, runId: string | null, onBegun?: () => void): Promise<void> {
    if (stopping.signal.aborted) return;
    if (!(await leases.take(leaseOf(job.key), LEASE_SECONDS))) {
      onBegun?.();
      return;
    }
    const renewal = setInterval(() => {
      leases
        .take(leaseOf(job.key), LEASE_SECONDS)
        .catch((error: unknown) => log.warn({ err: error, job: job.key }, 'lease not renewed'));
    }, RENEW_EVERY_MS);
    try {
      const id = await history.begin(job.key, { runId, actor, now: clock.now() });
      onBegun?.();
      if (id === null) return;
      await history.end(id, await outcomeOf(job, actor), clock.now());
    } finally {
      clearInterval(renewal);
      await leases.release(leaseOf(job.key));
    }
  }

  async function outcomeOf(job: Job, actor: Actor): Promise<JobOutcome> {
    try {
      return await job.run({ actor, signal: stopping.signal });
    } catch (error) {
      log.error({ err: error, job: job.key }, 'job failed');
      const { code, name } = error as { code?: string; name?: string };
      return { result: 'failed', detail: { reason: String(code ?? name ?? 'error').slice(0, 60) } };
    }
  }

  /** What people asked for and nobody has begun. */
  async function runRequested(): Promise<void> {
    for (const request of await history.requested()) {
      const job = jobs.find(({ key }) => key === request.job);
      if (job) await runJob(job, request.actor, request.id);
    }
  }

  /** Jobs due since they were last looked at; at first, those that were due while no clock of this server ran. */
  async function runDue(now: Date): Promise<void> {
    for (const job of jobs.filter(({ isSet }) => isSet)) {
      const looked = () => void lookedUpTo.set(job.key, now);
      const since = lookedUpTo.get(job.key) ?? (await lastTurn(job, now));
      if (wasDue(await job.cron(), since, now)) await runJob(job, systemActor(job.key), null, looked);
      else looked();
    }
  }

  async function lastTurn(job: Job, now: Date): Promise<Date> {
    const last = await history.lastStart(job.key);
    return last ? new Date(Math.max(last.getTime(), now.getTime() - CATCH_UP_MS)) : now;
  }

  /** What the clock asks for, and people. */
  function onMinute(): Promise<void> {
    return inTurn(async () => {
      await closeAbandoned();
      await runRequested();
      await runDue(clock.now());
    });
  }

  /** Runs that a process left unfinished when it died. */
  async function closeAbandoned(): Promise<void> {
    for (const { id, job } of await history.running()) {
      if (await leases.isHeld(leaseOf(job))) continue;
      await history.end(id, { result: 'failed', detail: { reason: 'interrupted' } }, clock.now());
    }
  }

  const screens: JobScreens = {
    async list(actor) {
      if (!hasPermission(actor, 'jobs.run')) throw new ForbiddenError();
      const runs = await history.lastRuns(jobs.map(({ key }) => key));
      return Promise.all(
        jobs.map(async (job) => {
          const cron = await job.cron();
          return {
            key: job.key,
            cron,
            isSet: job.isSet,
            lastRun: runs.get(job.key) ?? null,
            nextRunAt: job.isSet ? nextTime(cron) : null,
          };
        }),
      );
    },

    history(actor, filters) {
      if (!hasPermission(actor, 'jobs.run')) throw new ForbiddenError();
      return history.page(filters);
    },

    async runNow(actor, key) {
      if (!hasPermission(actor, 'jobs.run')) throw new ForbiddenError();
      const job = jobOf(key);
      if (!job.isSet) throw new RuleViolation('JOB_NOT_SET', 'jobs.errors.not_set', { status: 409 });
      const asked = await history.request(job.key, actor, clock.now());
      if (!asked) throw new RuleViolation('JOB_RUNNING', 'jobs.errors.already_running', { status: 409 });
      wake?.();
    },
  };

  return {
    ...screens,

    /** Runs a job now, in this process. @throws NotFoundError for an unknown job */
    async run(key: string, actor: Actor): Promise<JobRunSummary | null> {
      const job = jobOf(key);
      const id = newId();
      await inTurn(async () => {
        await history.request(job.key, actor, clock.now(), id);
        await runJob(job, actor, id);
      });
      return (await history.lastRuns([key])).get(key) ?? null;
    },

    /** Done each minute once the clock is started. */
    onMinute,

    /** Starts the clock: what was missed first, then each minute what is due or asked for. */
    start(): void {
      tick = schedule('* * * * *', onMinute, {
        timezone: SCHOOL_TIME_ZONE,
        name: 'jobs',
        noOverlap: true,
        suppressMissedWarning: true,
      });
      void onMinute();
    },

    /** Called by the worker of this process: told as soon as someone asks for a run. */
    onRequest(told: () => void): void {
      wake = told;
    },

    /** Does what people asked for: called by the worker's loop, which turns faster than the minute. */
    async workOnRequests(): Promise<void> {
      if ((await history.requested()).length > 0) await inTurn(runRequested);
    },

    /** Stops the clock and waits for the job under way, which is told to stop. */
    async stop(): Promise<void> {
      stopping.abort();
      await tick?.destroy();
      await turn;
    },
  };
}
