/**
 * Follows batches at work for whoever looks at them. The work may be done by another process, so the database is asked: once a
 * second a batch, however many people look, and not at all when nobody does.
 */
import type { BatchProgress } from './import-screens.ts';

/** What a look at a batch says, with the speed of the last looks. */
export interface ProgressReport extends BatchProgress {
  /** Rows a second, over the last looks; null until two looks differ. */
  readonly rowsPerSecond: number | null;
  /** Null while the speed or the number of rows is unknown. */
  readonly secondsLeft: number | null;
}

type Listener = (report: ProgressReport | null) => void;

interface Watched {
  readonly listeners: Set<Listener>;
  /** Oldest first. */
  readonly looks: { at: number; rowsDone: number }[];
  last: ProgressReport | null;
  timer: NodeJS.Timeout | null;
}

const LOOK_EVERY_MS = 1_000;
/** The speed is that of the last ten seconds: a batch slows down and speeds up. */
const LOOKS_KEPT = 10;

/** Speed and time left, from looks at a batch. */
export function estimate(
  looks: readonly { at: number; rowsDone: number }[],
  { rowsDone, rowCount }: Pick<BatchProgress, 'rowsDone' | 'rowCount'>,
): Pick<ProgressReport, 'rowsPerSecond' | 'secondsLeft'> {
  const first = looks[0];
  const last = looks.at(-1);
  if (!first || !last || last.at <= first.at || last.rowsDone <= first.rowsDone)
    return { rowsPerSecond: null, secondsLeft: null };
  const rowsPerSecond = ((last.rowsDone - first.rowsDone) * 1000) / (last.at - first.at);
  return {
    rowsPerSecond,
    secondsLeft: rowCount === null ? null : Math.max(0, Math.ceil((rowCount - rowsDone) / rowsPerSecond)),
  };
}

/**
 * @param look reads where a batch stands; null when it is gone
 * @returns `watch(id, listener)`, which calls the listener at each look until the function it gives back is called
 */
export function createProgressWatch(look: (id: string) => Promise<BatchProgress | null>) {
  const watchedById = new Map<string, Watched>();

  async function lookAt(id: string, watched: Watched): Promise<void> {
    let report: ProgressReport | null;
    try {
      const seen = await look(id);
      if (seen) {
        watched.looks.push({ at: Date.now(), rowsDone: seen.rowsDone });
        if (watched.looks.length > LOOKS_KEPT) watched.looks.shift();
      }
      report = seen && { ...seen, ...estimate(watched.looks, seen) };
    } catch {
      // The database is away: people keep what they last saw, and the next look says more.
      report = watched.last;
    }
    if (watched.listeners.size === 0) return;
    watched.last = report;
    for (const listener of [...watched.listeners]) listener(report);
    if (watched.listeners.size > 0) watched.timer = setTimeout(() => void lookAt(id, watched), LOOK_EVERY_MS);
  }

  return (id: string, listener: Listener): (() => void) => {
    let watched = watchedById.get(id);
    if (!watched) {
      watched = { listeners: new Set(), looks: [], last: null, timer: null };
      watchedById.set(id, watched);
      void lookAt(id, watched);
    } else if (watched.last) listener(watched.last);
    watched.listeners.add(listener);
    const current = watched;
    return () => {
      current.listeners.delete(listener);
      if (current.listeners.size > 0) return;
      if (current.timer) clearTimeout(current.timer);
      if (watchedById.get(id) === current) watchedById.delete(id);
    };
  };
}
