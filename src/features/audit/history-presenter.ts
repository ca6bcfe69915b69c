/** The history of a record as the timeline component takes it. */
import type { Language, Translate } from '../../i18n/index.ts';
import { formatLongDay, formatTime, isoDayInParis } from '../../shared/dates.ts';
import { actionLabel, actionLook, actorLabel, detailText, fieldLabel, valueText } from './event-words.ts';
import type { JournalEvent } from './journal-service.ts';

export interface ChangeView {
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface HistoryItemView {
  readonly iso: string;
  readonly time: string;
  readonly actor: string;
  readonly icon: string;
  readonly tone: string;
  readonly title: string;
  readonly detail: string;
  readonly changes: readonly ChangeView[];
}

export interface HistoryDayView {
  readonly label: string;
  readonly items: readonly HistoryItemView[];
}

/** Before and after of each field of an event. */
export function presentChanges(event: Pick<JournalEvent, 'changes'>, t: Translate, lang: Language): ChangeView[] {
  return Object.entries(event.changes).map(([field, [before, after]]) => ({
    label: fieldLabel(field, t),
    before: valueText(field, before, t, lang),
    after: valueText(field, after, t, lang),
  }));
}

/** What else an event says, as one line; the reason alone needs no heading. */
export function presentDetail(
  event: Pick<JournalEvent, 'detail' | 'values' | 'names'>,
  t: Translate,
  lang: Language,
): string {
  if (event.values === 'erased') return t('audit.erased');
  return Object.entries(event.detail)
    .flatMap(([name, value]) => {
      const text = detailText(name, value, event.names, t, lang);
      if (text === null) return [];
      return [name === 'reason' || name === 'precision' ? text : t('audit.pair', { name: fieldLabel(name, t), text })];
    })
    .join(' · ');
}

/** Events in the order given, gathered by day of Paris. */
export function presentHistory(
  events: readonly JournalEvent[],
  { t, lang, now }: { t: Translate; lang: Language; now: Date },
): HistoryDayView[] {
  const today = isoDayInParis(now);
  const yesterday = isoDayInParis(new Date(now.getTime() - 86_400_000));
  const days = new Map<string, HistoryItemView[]>();
  for (const event of events) {
    const day = isoDayInParis(event.occurredAt);
    const items = days.get(day) ?? [];
    days.set(day, items);
    items.push({
      iso: event.occurredAt.toISOString(),
      time: formatTime(event.occurredAt, lang),
      actor: actorLabel(event, t),
      ...actionLook(event.action),
      title: actionLabel(event.action, t),
      detail: presentDetail(event, t, lang),
      changes: presentChanges(event, t, lang),
    });
  }
  return [...days].map(([day, items]) => ({
    label:
      day === today
        ? t('audit.today')
        : day === yesterday
          ? t('audit.yesterday')
          : formatLongDay(new Date(`${day}T12:00:00Z`), lang),
    items,
  }));
}

/** An event for a machine: the same rights as on the page, since it is made from what the page was given. */
export function eventJson(event: JournalEvent): Record<string, unknown> {
  return {
    id: event.id,
    at: event.occurredAt.toISOString(),
    actor: { type: event.actorType, id: event.actorId, name: event.actorName },
    action: event.action,
    subject: { type: event.subjectType, id: event.subjectId },
    changes: event.changes,
    detail: event.detail,
    values: event.values,
  };
}
