import type { Router } from 'express';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Clock } from '../../shared/clock.ts';
import { presentJobs } from './job-presenter.ts';
import { jobsQuery } from './job-schemas.ts';
import type { JobScreens } from './job-screens.ts';
import { jobsUrl } from './urls.ts';

export function jobRoutes({ jobs, clock }: { readonly jobs: JobScreens; readonly clock: Clock }): Router {
  const router = createRouter();

  page(router, {
    path: jobsUrl(),
    permission: 'jobs.run',
    query: jobsQuery,
    handler: async ({ res, actor, query }) => {
      const [list, history] = await Promise.all([
        jobs.list(actor),
        jobs.history(actor, { job: query.tache, after: query.apres, before: query.avant }),
      ]);
      const locals = presentJobs(list, history, query, res.locals.page, clock.now());
      renderPage(res, {
        view: 'jobs/jobs',
        title: res.locals.page.t('jobs.title'),
        locals: { ...locals, refreshSeconds: locals.isRunning ? 5 : null },
      });
    },
  });

  action(router, {
    path: '/traitements/:job/lancement',
    permission: 'jobs.run',
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      await jobs.runNow(actor, params['job'] ?? '');
      redirectTo(req, res, jobsUrl(), { kind: 'success', key: 'jobs.flash.started' });
    },
  });

  return router;
}
