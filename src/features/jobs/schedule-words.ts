import type { Translate } from '../../i18n/index.ts';

const two = (text: string): string => text.padStart(2, '0');

/**
 * A schedule in words: `30 6 * * *` is "tous les jours à 6 h 30".
 * @param cron five fields; what is too clever to be said in a sentence is given as it is
 */
export function scheduleText(cron: string, t: Translate): string {
  const [minute = '', hour = '', day, month, weekday, ...others] = cron.trim().split(/\s+/);
  if (others.length > 0 || day !== '*' || month !== '*') return cron;
  const everyMinutes = /^\*\/(\d{1,2})$/.exec(minute)?.[1];
  if (everyMinutes && hour === '*' && weekday === '*')
    return t('jobs.schedule.minutes', { count: Number(everyMinutes) });
  if (!/^\d{1,2}$/.test(minute)) return cron;
  if (hour === '*' && weekday === '*') return t('jobs.schedule.hourly', { minute: two(minute) });
  if (!/^\d{1,2}(,\d{1,2})*$/.test(hour)) return cron;
  const times = hour.split(',').map((one) => t('jobs.schedule.time', { hour: Number(one), minute: two(minute) }));
  const list =
    times.length > 1 ? `${times.slice(0, -1).join(', ')} ${t('jobs.schedule.and')} ${times.at(-1)}` : times[0];
  if (weekday === '*') return t('jobs.schedule.daily', { times: list });
  if (weekday === '1-5') return t('jobs.schedule.weekdays', { times: list });
  if (weekday === '1-6') return t('jobs.schedule.workdays', { times: list });
  return weekday !== undefined && /^[0-7]$/.test(weekday)
    ? t('jobs.schedule.weekly', { day: t(`jobs.schedule.days.${Number(weekday) % 7}`), times: list })
    : cron;
}
