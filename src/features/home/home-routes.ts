import type { Router } from 'express';
import { createRouter, page } from '../../http/declared-routes.ts';
import { renderPage } from '../../http/render.ts';

export function homeRoutes(_services: object): Router {
  const router = createRouter();
  page(router, {
    path: '/',
    permission: 'signed-in',
    handler: ({ res }) => renderPage(res, { view: 'home/home', title: res.locals.page.t('home.title') }),
  });
  return router;
}
