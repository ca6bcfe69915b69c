/** Programs the bench starts: waited for, watched and ended, whatever happens to the bench. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time given to a program that is asked to end, in milliseconds. */
const STOP_PATIENCE_MS = 10_000;
const START_PATIENCE_MS = 30_000;

const running = new Set<ChildProcess>();

export interface Child {
  readonly process: ChildProcess;
  /** Resident memory now, in megabytes (read from /proc; 0 on systems without). */
  residentMegabytes(): number;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly args: readonly string[];
  /** Replaces the bench's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** File that takes what it prints. */
  readonly logFile: string;
  /** Opens a channel for messages; the program should end when it closes. */
  readonly withMessages?: boolean;
}

function readStatus(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'));
    return Number(match?.[1] ?? 0) / 1024;
  } catch {
    // The process is gone, or the system has no /proc.
    return 0;
  }
}

function launch({ args, environment, logFile, withMessages }: ChildOptions): ChildProcess {
  const log = openSync(logFile, 'a');
  const stdio: StdioOptions = withMessages ? ['ignore', log, log, 'ipc'] : ['ignore', log, log];
  const child = spawn(process.execPath, args, { env: { ...environment }, stdio });
  closeSync(log);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await gone;
  clearTimeout(timer);
}

/** Ends every program the bench has started and not ended. */
export async function endAll(): Promise<void> {
  await Promise.all([...running].map(end));
}

/**
 * Starts `node …args` and waits until it is ready.
 * @throws when it ends first, or takes too long; what it printed is in its log file
 */
export async function startChild(
  options: ChildOptions,
  isReady: (child: ChildProcess) => Promise<boolean>,
): Promise<Child> {
  const child = launch(options);
  const until = Date.now() + START_PATIENCE_MS;
  const problem = (what: string) => new Error(`${options.args.join(' ')} ${what}:\n${logTail(options.logFile)}`);
  while (!(await isReady(child).catch(() => false))) {
    if (child.exitCode !== null) throw problem(`ended with ${child.exitCode}`);
    if (Date.now() > until) {
      await end(child);
      throw problem('did not become ready');
    }
    await sleep(100);
  }
  return {
    process: child,
    residentMegabytes: () => readStatus(child.pid, 'VmRSS'),
    stop: () => end(child),
  };
}

export interface Finished {
  readonly code: number;
  readonly seconds: number;
  /** Highest resident memory, in megabytes (Linux; 0 elsewhere). */
  readonly peakMegabytes: number;
}

/** Runs `node …args` to its end. */
export async function runToEnd(options: ChildOptions): Promise<Finished> {
  const started = performance.now();
  const child = launch(options);
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, readStatus(child.pid, 'VmHWM'));
  }, 50);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status) => resolve(status ?? -1));
    });
    return { code, seconds: (performance.now() - started) / 1000, peakMegabytes };
  } finally {
    clearInterval(watch);
  }
}

/** The end of what a program printed. */
export function logTail(logFile: string, lines = 15): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
