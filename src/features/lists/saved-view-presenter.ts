import type { Translate } from '../../i18n/index.ts';
import { formatDateTime } from '../../shared/dates.ts';
import type { SavedView } from './saved-view-queries.ts';
import { listUrl, savedViewUrl } from './urls.ts';

/** Rows of the page of saved views. */
export function presentViews(views: readonly SavedView[], { t, lang }: { t: Translate; lang: 'fr' | 'en' }): object[] {
  return views.map((view) => ({
    id: view.id,
    name: view.name,
    href: listUrl(view.list, view.query),
    list: t(`common.nav.${view.list}`),
    visibleTo: view.roleLabel ?? t('lists.views.only_me'),
    shared: view.roleLabel !== null,
    owner: view.isMine ? t('lists.views.me') : view.ownerName,
    updated: formatDateTime(view.updatedAt, lang),
    updatedIso: view.updatedAt.toISOString(),
    deleteAction: view.isMine ? savedViewUrl(view.id) : null,
  }));
}
