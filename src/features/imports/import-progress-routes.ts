import type { Router } from 'express';
import { page } from '../../http/declared-routes.ts';
import { openEventStream } from '../../http/event-stream.ts';
import { isWorking, presentProgress } from './import-summary-presenter.ts';
import type { ImportRoutesOptions } from './import-routes.ts';
import { createProgressWatch } from './progress-watch.ts';
import { importUrl } from './urls.ts';

/** Where a batch stands, told as it goes: events `progress`, then `end` with the page to open. */
export function addProgressRoute(router: Router, { imports }: ImportRoutesOptions): void {
  const watch = createProgressWatch((id) => imports.progress(id));

  page(router, {
    path: '/imports/:id/progress',
    permission: 'imports.read',
    handler: async ({ req, res, actor, params }) => {
      const { id } = await imports.get(actor, params['id'] ?? '');
      const { t, lang } = res.locals.page;
      const stream = openEventStream(req, res);
      const leave = watch(id, (report) => {
        if (report && isWorking(report.state)) {
          stream.send('progress', presentProgress(report, { t, lang }));
          return;
        }
        stream.send('end', { href: importUrl(id) });
        stream.end();
      });
      stream.closed.addEventListener('abort', leave, { once: true });
      if (stream.closed.aborted) leave();
    },
  });
}
