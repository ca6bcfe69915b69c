import type { Router } from 'express';
import { createRouter, page } from '../../http/declared-routes.ts';
import { renderPage } from '../../http/render.ts';
import type { Clock } from '../../shared/clock.ts';
import { presentHome } from './home-presenter.ts';
import type { HomeService } from './home-service.ts';

export function homeRoutes({ home, clock }: { home: HomeService; clock: Clock }): Router {
  const router = createRouter();
  page(router, {
    path: '/',
    permission: 'signed-in',
    handler: async ({ res, actor }) => {
      const { t, lang } = res.locals.page;
      const overview = await home.overview(actor);
      renderPage(res, {
        view: 'home/home',
        title: t('home.title'),
        locals: presentHome(actor, overview, { t, lang, now: clock.now() }),
      });
    },
  });
  return router;
}
