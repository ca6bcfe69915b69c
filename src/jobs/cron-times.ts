/** When a schedule is due, in the time of Paris. */
import { createTask, type ScheduledTask } from 'node-cron';
import { SCHOOL_TIME_ZONE } from '../shared/dates.ts';

const MINUTE_MS = 60_000;

function taskOf(cron: string): ScheduledTask {
  return createTask(cron, () => undefined, { timezone: SCHOOL_TIME_ZONE });
}

/** The next moment, or null when there will be none. @throws Error for what is no schedule */
export function nextTime(cron: string): Date | null {
  const task = taskOf(cron);
  // A task tells its next run while it is started only.
  void task.start();
  const next = task.getNextRun();
  void task.destroy();
  return next;
}

/** True when the schedule was due in a minute after `from`, up to the one of `to`. */
export function wasDue(cron: string, from: Date, to: Date): boolean {
  const task = taskOf(cron);
  try {
    const first = (Math.floor(from.getTime() / MINUTE_MS) + 1) * MINUTE_MS;
    for (let minute = first; minute <= to.getTime(); minute += MINUTE_MS) {
      if (task.match(new Date(minute))) return true;
    }
    return false;
  } finally {
    void task.destroy();
  }
}
