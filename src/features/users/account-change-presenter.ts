/** Changes that wait, as the page of the account shows them. */
import type { Flash, PageContext } from '../../http/render.ts';
import { formatDateTime } from '../../shared/dates.ts';
import type { ChangeKind } from './account-change-queries.ts';
import type { PendingChange } from './account-change-service.ts';
import { accountChangeUrl } from './urls.ts';

export function presentPending(
  userId: string,
  { changes, confirmers }: { changes: readonly PendingChange[]; confirmers: number },
  { t, lang, can }: Pick<PageContext, 't' | 'lang' | 'can'>,
) {
  const manages = can('users.manage');
  return changes.map((change) => ({
    id: change.id,
    what: t(`users.pending.what.${change.says}`, { wanted: change.wanted.join(', ') || t('users.pending.none') }),
    who: t('users.pending.asked', {
      who: change.requestedBy ?? t('audit.actors.cli'),
      at: formatDateTime(change.requestedAt, lang),
      until: formatDateTime(change.expiresAt, lang),
    }),
    /** Why the one who looks cannot confirm; null when they can. */
    why: !manages || change.mayConfirm ? null : t(confirmers > 0 ? 'users.pending.another' : 'users.pending.alone'),
    action: accountChangeUrl(userId, change.id),
    mayConfirm: manages && change.mayConfirm,
    mayGiveUp: manages,
  }));
}

/** What is said after a change: that it is done, or that part of it waits. */
export function flashOf(waits: readonly ChangeKind[], done: Flash): Flash {
  return waits.length === 0 ? done : { kind: 'info', key: 'users.flash.waits' };
}
