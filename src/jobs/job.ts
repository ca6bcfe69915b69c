import type { Actor } from '../shared/actor.ts';

/** How a run ended. */
export interface JobOutcome {
  readonly result: 'done' | 'skipped' | 'needs_confirmation' | 'failed';
  /** For the history: a batch, totals, a reason; never a value of a person. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What a run is given. */
export interface JobRun {
  /** The clock of the server, or whoever asked for it. */
  readonly actor: Actor;
  /** Aborted when the process stops: the piece under way is finished. */
  readonly signal: AbortSignal;
}

/** Work that the server does by itself. */
export interface Job {
  /** Stable name: in the history and in addresses. 44 characters at most. */
  readonly key: string;
  /** Five fields of cron, time of Paris; asked each minute, so that a setting may change it. */
  cron(): Promise<string>;
  /** False when what it reads is not set: it then never runs. */
  readonly isSet: boolean;
  run(run: JobRun): Promise<JobOutcome>;
}
