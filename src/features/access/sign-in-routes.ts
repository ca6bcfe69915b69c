/** The door: address and password, then a code where a second factor is on; and the way out. */
import type { Request, Response, Router } from 'express';
import { action, createRouter, page, type InvalidForm } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo, safeReturn } from '../../http/redirects.ts';
import { renderPage, type Flash } from '../../http/render.ts';
import { currentActor } from '../../http/request-context.ts';
import type { Clock } from '../../shared/clock.ts';
import { formatDateTime } from '../../shared/dates.ts';
import { ThrottledError } from '../../shared/errors.ts';
import type { AccountService } from './account-service.ts';
import { awaitCode, awaitedCode, closeSession, openSession } from './session-steps.ts';
import type { SecondFactorService } from './second-factor-service.ts';
import { signInForm, signInQuery, type SignInForm } from './sign-in-schemas.ts';
import type { EarlierSignIn, SignInMethod, SignInService } from './sign-in-service.ts';
import type { StaffAuthentication } from './staff-authentication.ts';
import { signInUrl } from './urls.ts';

export interface SignInServices {
  readonly accounts: AccountService;
  readonly signIn: SignInService;
  readonly secondFactor: SecondFactorService;
  readonly clock: Clock;
}

interface DoorState {
  readonly email?: string;
  readonly next?: string;
  readonly problem?: Pick<InvalidForm, 'errors' | 'formError'>;
  readonly status?: number;
}

function showPasswordStep(res: Response, { email = '', next = '', problem, status }: DoorState): void {
  renderPage(res, {
    view: 'sign-in/sign-in',
    title: res.locals.page.t('sign-in.title'),
    layout: 'bare',
    status: status ?? (problem ? 422 : 200),
    locals: { values: { email, suite: next }, errors: {}, formError: null, ...problem },
  });
}

function showCodeStep(res: Response, { next = '', problem, status }: DoorState, recovery: boolean): void {
  renderPage(res, {
    view: 'sign-in/second-factor',
    title: res.locals.page.t('sign-in.second.title'),
    layout: 'bare',
    status: status ?? (problem ? 422 : 200),
    locals: { values: { suite: next }, errors: {}, formError: null, recovery, ...problem },
  });
}

const codeUsedFlash = (left: number): Flash => ({
  kind: 'warning',
  key: 'sign-in.recovery_code_used',
  params: { left: String(left) },
});

const earlierSignInFlash = (earlier: EarlierSignIn | null, language: 'fr' | 'en'): Flash =>
  earlier
    ? {
        kind: 'info',
        key: 'sign-in.last_sign_in',
        params: { at: formatDateTime(earlier.at, language), ip: earlier.ip ?? '—' },
      }
    : { kind: 'info', key: 'sign-in.first_sign_in' };

export function signInRoutes(services: SignInServices, authentication: StaffAuthentication): Router {
  const { accounts, signIn, secondFactor, clock } = services;
  const router = createRouter();
  const origin = (req: Request) => ({ ip: req.ip ?? null, requestId: String(req.id) });

  /** Opens the session, shows the sign-in before this one, and leads where the person was going. */
  async function enter(req: Request, res: Response, userId: string, method: SignInMethod, next: string, left = 0) {
    const loaded = await accounts.load(userId, origin(req));
    if (!loaded) {
      redirectTo(req, res, signInUrl);
      return;
    }
    await openSession(req, userId);
    const earlier = await signIn.completeSignIn(loaded.actor, method);
    const flash = method === 'recovery_code' ? codeUsedFlash(left) : earlierSignInFlash(earlier, loaded.actor.language);
    redirectTo(req, res, safeReturn(next), flash);
  }

  async function passwordStep(req: Request, res: Response, form: SignInForm): Promise<void> {
    const user = await authentication.authenticate(req, res, () => undefined);
    const next = form.suite ?? '';
    if (!user) {
      const problem = { errors: {}, formError: res.locals.page.t('sign-in.wrong') };
      showPasswordStep(res, { email: form.email ?? '', next, problem });
    } else if (!user.needsCode) {
      await enter(req, res, user.id, 'password', next);
    } else {
      await awaitCode(req, user.id, next, clock.now());
      if (form.code) await codeStep(req, res, form);
      else redirectTo(req, res, signInUrl);
    }
  }

  async function codeStep(req: Request, res: Response, form: SignInForm): Promise<void> {
    const awaited = awaitedCode(req, clock.now());
    if (!awaited) {
      const problem = { errors: {}, formError: res.locals.page.t('sign-in.second.too_late') };
      showPasswordStep(res, { next: form.suite ?? '', problem });
      return;
    }
    const proved = await secondFactor.checkCode(awaited.userId, form.code ?? '', origin(req));
    if (proved) await enter(req, res, awaited.userId, proved.method, awaited.returnTo, proved.codesLeft);
    else {
      const problem = { errors: {}, formError: res.locals.page.t('sign-in.second.wrong') };
      showCodeStep(res, { next: awaited.returnTo, problem }, !/^[\d\s]*$/.test(form.code ?? ''));
    }
  }

  /** Too many attempts: the same page, with the wait. */
  function showWait(req: Request, res: Response, error: ThrottledError, form: SignInForm): void {
    const minutes = Math.ceil(error.retryAfterSeconds / 60);
    const problem = { errors: {}, formError: res.locals.page.t('sign-in.locked', { minutes }) };
    res.set('Retry-After', String(error.retryAfterSeconds));
    delete req.session.awaitingCode;
    showPasswordStep(res, { email: form.email ?? '', next: form.suite ?? '', problem, status: error.status });
  }

  page(router, {
    path: signInUrl,
    permission: 'public',
    query: signInQuery,
    handler: ({ req, res, query }) => {
      const awaited = awaitedCode(req, clock.now());
      if (currentActor(req).isSignedIn)
        redirectTo(req, res, safeReturn(query.suite), res.locals.page.flash ?? undefined);
      else if (awaited) showCodeStep(res, { next: awaited.returnTo }, query.secours !== undefined);
      else showPasswordStep(res, { next: query.suite ?? '' });
    },
  });

  action(router, {
    path: signInUrl,
    permission: 'public',
    form: signInForm,
    invalid: ({ res }, { values, errors, formError }) => {
      const next = String(values['suite'] ?? '');
      if ('code' in errors) showCodeStep(res, { next, problem: { errors, formError } }, false);
      else showPasswordStep(res, { email: String(values['email'] ?? ''), next, problem: { errors, formError } });
    },
    handler: async ({ req, res, form }) => {
      try {
        await (form.email === undefined ? codeStep(req, res, form) : passwordStep(req, res, form));
      } catch (error) {
        if (!(error instanceof ThrottledError)) throw error;
        showWait(req, res, error, form);
      }
    },
  });

  action(router, {
    path: '/deconnexion',
    permission: 'public',
    form: noFields,
    handler: async ({ req, res, actor }) => {
      const { isSignedIn } = currentActor(req);
      const { lang, theme } = res.locals.page;
      await closeSession(req);
      // The door keeps the look of the account that has just left.
      if (isSignedIn) Object.assign(req.session, { language: lang, theme });
      if (isSignedIn) await signIn.recordSignOut(actor);
      redirectTo(req, res, signInUrl, isSignedIn ? { kind: 'info', key: 'sign-in.signed_out' } : undefined);
    },
  });

  return router;
}
