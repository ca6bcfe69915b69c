import type { Router } from 'express';
import { z } from 'zod';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import type { InvalidForm } from '../../http/declared-routes.ts';
import { renderPage } from '../../http/render.ts';
import { ThrottledError } from '../../shared/errors.ts';

export interface PortalSignInServices {
  readonly throttle: {
    readonly signIn: {
      take(account: string, ip: string): Promise<number>;
      fail(account: string, ip: string): Promise<number>;
    };
  };
}

const form = z.strictObject({
  email: z.string().trim().min(1).max(191),
  password: z.string().min(1).max(200),
  suite: z.string().max(2000).optional(),
});

/** The door of the student site. No student account exists before its activation: every sign-in is refused alike. */
export function portalSignInRoutes({ throttle }: PortalSignInServices): Router {
  const router = createRouter();
  const show = (res: Parameters<typeof renderPage>[0], problem?: InvalidForm) =>
    renderPage(res, {
      view: 'sign-in/sign-in',
      title: res.locals.page.t('sign-in.title'),
      layout: 'bare',
      status: problem ? 422 : 200,
      locals: problem ?? { values: {}, errors: {}, formError: null },
    });

  page(router, { path: '/', permission: 'public', handler: ({ res }) => res.redirect(303, '/connexion') });
  page(router, { path: '/connexion', permission: 'public', handler: ({ res }) => show(res) });
  action(router, {
    path: '/connexion',
    permission: 'public',
    form,
    invalid: ({ res }, problem) => show(res, problem),
    handler: async ({ req, res, form: { email } }) => {
      const account = email.toLowerCase();
      const ip = req.ip ?? '';
      const wait = (await throttle.signIn.take(account, ip)) || (await throttle.signIn.fail(account, ip));
      if (wait > 0) throw new ThrottledError(wait);
      show(res, { values: { email }, errors: {}, formError: res.locals.page.t('sign-in.wrong') });
    },
  });
  return router;
}
