import type { RequestHandler, Router } from 'express';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo, safeReturn } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { AccountService } from './account-service.ts';
import { signInForm, signInQuery } from './sign-in-schemas.ts';
import type { SignInService } from './sign-in-service.ts';
import type { PassportUser, StaffAuthentication } from './staff-authentication.ts';

export interface SignInServices {
  readonly accounts: AccountService;
  readonly signIn: SignInService;
}

/** Runs one passport strategy and gives its answer instead of sending one. */
function authenticate(
  authentication: StaffAuthentication,
  ...[req, res]: Parameters<RequestHandler>
): Promise<PassportUser | null> {
  return new Promise((resolve, reject) => {
    const handler = authentication.passport.authenticate('local', (error: unknown, user: PassportUser | false) =>
      error ? reject(error as Error) : resolve(user || null),
    ) as RequestHandler;
    void handler(req, res, reject);
  });
}

export function signInRoutes({ accounts, signIn }: SignInServices, authentication: StaffAuthentication): Router {
  const router = createRouter();

  page(router, {
    path: '/connexion',
    permission: 'public',
    query: signInQuery,
    handler: ({ res, query }) =>
      renderPage(res, {
        view: 'sign-in/sign-in',
        title: res.locals.page.t('sign-in.title'),
        layout: 'bare',
        locals: { values: { suite: query.suite ?? '' }, errors: {}, formError: null },
      }),
  });

  action(router, {
    path: '/connexion',
    permission: 'public',
    form: signInForm,
    invalid: ({ res }, problem) =>
      renderPage(res, {
        view: 'sign-in/sign-in',
        title: res.locals.page.t('sign-in.title'),
        layout: 'bare',
        status: 422,
        locals: problem,
      }),
    handler: async ({ req, res, form }) => {
      const user = await authenticate(authentication, req, res, () => undefined);
      if (!user) {
        const formError = res.locals.page.t('sign-in.wrong');
        renderPage(res, {
          view: 'sign-in/sign-in',
          title: res.locals.page.t('sign-in.title'),
          layout: 'bare',
          status: 422,
          locals: { values: { email: form.email, suite: form.suite ?? '' }, errors: {}, formError },
        });
        return;
      }
      const loaded = await accounts.load(user.id, { ip: req.ip ?? null, requestId: String(req.id) });
      await new Promise<void>((resolve, reject) =>
        req.logIn(user, (error: unknown) => (error ? reject(error as Error) : resolve())),
      );
      if (loaded) await signIn.completeSignIn(loaded.actor, 'password');
      req.session.client = { ip: req.ip ?? null, userAgent: (req.get('user-agent') ?? '').slice(0, 255) };
      redirectTo(req, res, safeReturn(form.suite));
    },
  });

  action(router, {
    path: '/deconnexion',
    permission: 'public',
    form: noFields,
    handler: async ({ req, res }) => {
      await new Promise<void>((resolve, reject) =>
        req.session.destroy((error: unknown) => (error ? reject(error as Error) : resolve())),
      );
      res.redirect(303, '/connexion');
    },
  });

  return router;
}
