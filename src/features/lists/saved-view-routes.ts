import type { Router } from 'express';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { ListService } from './list-service.ts';
import { saveViewForm, saveViewQuery } from './list-schemas.ts';
import { presentViews } from './saved-view-presenter.ts';
import { listUrl, savedViewsUrl } from './urls.ts';

/** Saved views: saved from a list's toolbar, managed on a page of their own. */
export function savedViewRoutes({ lists }: { lists: ListService }): Router {
  const router = createRouter();

  page(router, {
    path: '/filtres',
    permission: 'signed-in',
    async handler({ res, actor }) {
      const { t, lang } = res.locals.page;
      const views = presentViews(await lists.savedViews(actor), { t, lang });
      renderPage(res, { view: 'lists/views', title: t('lists.views.title'), locals: { views } });
    },
  });

  action(router, {
    path: '/filtres',
    permission: 'signed-in',
    query: saveViewQuery,
    form: saveViewForm,
    async handler({ req, res, actor, query, form }) {
      const roleId = form.portee === 'moi' ? null : form.portee;
      await lists.saveView(actor, { list: query.liste, name: form.nom, query: form.requete, roleId });
      const back = new URLSearchParams(form.requete);
      for (const name of ['apres', 'avant']) back.delete(name);
      redirectTo(req, res, listUrl(query.liste, back.toString()), {
        kind: 'success',
        key: 'lists.views.saved',
        params: { name: form.nom },
      });
    },
  });

  action(router, {
    path: '/filtres/:id',
    method: 'delete',
    permission: 'signed-in',
    form: noFields,
    async handler({ req, res, actor, params }) {
      const { name } = await lists.deleteView(actor, params['id'] ?? '');
      redirectTo(req, res, savedViewsUrl(), { kind: 'success', key: 'lists.views.deleted', params: { name } });
    },
  });

  return router;
}
