/** The forgotten password and the link that chooses one. */
import type { Request, Response, Router } from 'express';
import { action, createRouter, page, type InvalidForm } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { NotFoundError } from '../../shared/errors.ts';
import type { PasswordService } from './password-service.ts';
import { forgottenForm, resetForm } from './sign-in-schemas.ts';
import { passwordLinkUrl, signInUrl } from './urls.ts';

export function passwordRoutes({ passwords }: { passwords: PasswordService }): Router {
  const router = createRouter();
  const origin = (req: Request) => ({ ip: req.ip ?? null, requestId: String(req.id) });

  const showForgotten = (res: Response, state: { sent?: boolean; problem?: InvalidForm } = {}): void =>
    renderPage(res, {
      view: 'sign-in/forgotten-password',
      title: res.locals.page.t('sign-in.forgotten_page.title'),
      layout: 'bare',
      status: state.problem ? 422 : 200,
      locals: { sent: state.sent ?? false, ...state.problem },
    });

  async function showReset(res: Response, token: string, problem?: InvalidForm): Promise<void> {
    const link = await passwords.readLink(token);
    renderPage(res, {
      view: 'sign-in/reset-password',
      title: res.locals.page.t(link ? 'sign-in.reset.title' : 'sign-in.reset.invalid_title'),
      layout: 'bare',
      status: link ? (problem ? 422 : 200) : 404,
      locals: { token, email: link?.email ?? '', valid: link !== null, ...problem },
    });
  }

  page(router, {
    path: '/mot-de-passe-oublie',
    permission: 'public',
    handler: ({ res }) => showForgotten(res),
  });

  action(router, {
    path: '/mot-de-passe-oublie',
    permission: 'public',
    form: forgottenForm,
    invalid: ({ res }, problem) => showForgotten(res, { problem }),
    handler: async ({ req, res, form }) => {
      await passwords.sendForgottenLink(form.email, origin(req));
      redirectTo(req, res, '/mot-de-passe-oublie/envoye');
    },
  });

  page(router, {
    path: '/mot-de-passe-oublie/envoye',
    permission: 'public',
    handler: ({ res }) => showForgotten(res, { sent: true }),
  });

  page(router, {
    path: passwordLinkUrl(':token'),
    permission: 'public',
    handler: ({ res, params }) => showReset(res, params['token'] ?? ''),
  });

  action(router, {
    path: passwordLinkUrl(':token'),
    permission: 'public',
    form: resetForm,
    invalid: ({ res, params }, problem) => showReset(res, params['token'] ?? '', problem),
    handler: async ({ req, res, params, form }) => {
      try {
        await passwords.chooseByLink(params['token'] ?? '', form.password, origin(req));
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        await showReset(res, params['token'] ?? '');
        return;
      }
      redirectTo(req, res, signInUrl, { kind: 'success', key: 'sign-in.reset.done' });
    },
  });

  return router;
}
