/** What the page of the scheduled jobs asks of the scheduler, as types: the routes are written against these. */
import type { Actor } from '../../shared/actor.ts';
import type { FileErrorCode } from '../../shared/issue-codes.ts';

export type JobResult = 'running' | 'done' | 'skipped' | 'needs_confirmation' | 'failed';

export interface JobRunSummary {
  readonly id: string;
  readonly job: string;
  readonly trigger: 'schedule' | 'user';
  /** Name of the person who asked for it; null for the clock. */
  readonly startedBy: string | null;
  readonly result: JobResult;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** What came of it: the batch it made, or why it did nothing. */
  readonly detail: {
    readonly batchId?: string | null;
    readonly errorCode?: FileErrorCode | null;
    /** A technical word for operators. */
    readonly reason?: string | null;
    /** New pairs that look alike, by a search for duplicates. */
    readonly found?: { readonly student: number; readonly company: number };
    readonly totals?: { readonly created?: number; readonly updated?: number; readonly rejected?: number } | null;
  } | null;
}

export interface JobSummary {
  readonly key: string;
  /** Five fields of cron, time of Paris. */
  readonly cron: string;
  /** False when what it reads is not set (STUDENT_FILE, GETENT_URL): it then does nothing. */
  readonly isSet: boolean;
  readonly lastRun: JobRunSummary | null;
  /** Null when it is not set. */
  readonly nextRunAt: Date | null;
}

export interface JobScreens {
  list(actor: Actor): Promise<readonly JobSummary[]>;
  history(
    actor: Actor,
    filters: { readonly job: string | null; readonly after: string | null; readonly before: string | null },
  ): Promise<{
    readonly rows: readonly JobRunSummary[];
    readonly total: number;
    readonly previous: string | null;
    readonly next: string | null;
  }>;
  /**
   * Starts a job now; answers at once.
   * @throws NotFoundError for an unknown job, RuleViolation when it already runs or is not set
   */
  runNow(actor: Actor, job: string): Promise<void>;
}
