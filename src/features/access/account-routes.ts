/** One's own account: profile, password and second factor, sessions. */
import type { Response, Router } from 'express';
import { toDataURL } from 'qrcode';
import { action, createRouter, page, type InvalidForm } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo, safeReturn } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { hashSessionId } from '../../http/session-store.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, NotFoundError } from '../../shared/errors.ts';
import { accountTabs, grouped, presentSecurity, presentSessions } from './account-presenter.ts';
import { setupForm, passwordForm, passwordProofForm, profileForm, sessionParams } from './account-schemas.ts';
import type { AccountService, OwnProfile } from './account-service.ts';
import type { PasswordService } from './password-service.ts';
import type { PendingSecret, SecondFactorService } from './second-factor-service.ts';
import { openSession } from './session-steps.ts';
import type { SessionService } from './session-service.ts';
import * as urls from './urls.ts';

export interface AccountRoutesServices {
  readonly accounts: AccountService;
  readonly passwords: PasswordService;
  readonly secondFactor: SecondFactorService;
  readonly sessions: SessionService;
  readonly settings: { get(name: 'brand'): Promise<{ schoolName: string; productName: string }> };
  readonly clock: Clock;
}

export function accountRoutes(services: AccountRoutesServices): Router {
  const { accounts, passwords, secondFactor, sessions, settings, clock } = services;
  const router = createRouter();

  async function showProfile(
    res: Response,
    actor: Actor,
    state: { problem?: InvalidForm; conflict?: { mine: OwnProfile; current: OwnProfile & { version: number } } } = {},
  ): Promise<void> {
    const { t } = res.locals.page;
    const profile = await accounts.ownProfile(actor);
    renderPage(res, {
      view: 'account/profile',
      title: t('account.title'),
      status: state.conflict ? 409 : state.problem ? 422 : 200,
      locals: {
        tabs: accountTabs(t, 'profile'),
        email: profile.email,
        roles: res.locals.page.actor?.roleLabels ?? [],
        values: { ...profile, ...state.problem?.values },
        version: state.conflict?.current.version ?? profile.version,
        errors: state.problem?.errors ?? {},
        formError: state.problem?.formError ?? null,
        conflict: state.conflict ?? null,
      },
    });
  }

  page(router, {
    path: urls.accountUrl,
    permission: 'signed-in',
    handler: ({ res, actor }) => showProfile(res, actor),
  });

  action(router, {
    path: urls.accountUrl,
    permission: 'signed-in',
    form: profileForm,
    invalid: ({ res, actor }, problem) => showProfile(res, actor, { problem }),
    handler: async ({ req, res, actor, form: { version, ...profile } }) => {
      try {
        await accounts.updateOwnProfile(actor, profile, version);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const current = error.current as OwnProfile & { version: number };
        await showProfile(res, actor, { conflict: { mine: profile, current } });
        return;
      }
      redirectTo(req, res, urls.accountUrl, { kind: 'success', key: 'account.saved' });
    },
  });

  async function showSecurity(res: Response, actor: Actor, problem?: InvalidForm): Promise<void> {
    const { t, lang } = res.locals.page;
    const [status, chosenAt] = await Promise.all([secondFactor.status(actor), passwords.chosenAt(actor)]);
    renderPage(res, {
      view: 'account/security',
      title: t('account.security.title'),
      status: problem ? 422 : 200,
      locals: {
        tabs: accountTabs(t, 'security'),
        security: presentSecurity(status, chosenAt, { lang }),
        email: res.locals.page.actor?.email ?? '',
        errors: problem?.errors ?? {},
        formError: problem?.formError ?? null,
      },
    });
  }

  page(router, {
    path: urls.securityUrl,
    permission: 'signed-in',
    handler: ({ res, actor }) => showSecurity(res, actor),
  });

  action(router, {
    path: urls.passwordUrl,
    permission: 'signed-in',
    form: passwordForm,
    invalid: ({ res, actor }, problem) => showSecurity(res, actor, problem),
    handler: async ({ req, res, actor, form }) => {
      await passwords.changeOwn(actor, form.currentPassword, form.password, hashSessionId(req.sessionID));
      await openSession(req, actor.id ?? '');
      redirectTo(req, res, urls.securityUrl, { kind: 'success', key: 'account.security.password_saved' });
    },
  });

  async function showSetup(res: Response, pending: PendingSecret, required: boolean, problem?: InvalidForm) {
    renderPage(res, {
      view: 'sign-in/setup-second-factor',
      title: res.locals.page.t('sign-in.setup.title'),
      layout: 'bare',
      status: problem ? 422 : 200,
      locals: {
        wide: true,
        qrDataUrl: await toDataURL(pending.uri, { margin: 1, width: 416, errorCorrectionLevel: 'M' }),
        secret: grouped(pending.secret),
        required,
        laterHref: urls.securityUrl,
        errors: problem?.errors ?? {},
        formError: problem?.formError ?? null,
      },
    });
  }

  function showCodes(res: Response, codes: readonly string[], nextHref: string): void {
    renderPage(res, {
      view: 'sign-in/recovery-codes',
      title: res.locals.page.t('sign-in.codes.title'),
      layout: 'bare',
      locals: { wide: true, codes, nextHref },
    });
  }

  async function issuer(): Promise<string> {
    const { schoolName, productName } = await settings.get('brand');
    return `${schoolName} ${productName}`;
  }

  page(router, {
    path: urls.secondFactorUrl,
    permission: 'signed-in',
    handler: async ({ req, res, actor }) => {
      const { enabledAt, required } = await secondFactor.status(actor);
      if (enabledAt) {
        redirectTo(req, res, urls.securityUrl);
        return;
      }
      const pending = await secondFactor.begin(actor, await issuer(), req.session.pendingTotp);
      req.session.pendingTotp = pending.sealed;
      await showSetup(res, pending, required);
    },
  });

  action(router, {
    path: urls.secondFactorUrl,
    permission: 'signed-in',
    form: setupForm,
    invalid: async ({ req, res, actor }, problem) => {
      const pending = await secondFactor.begin(actor, await issuer(), req.session.pendingTotp);
      req.session.pendingTotp = pending.sealed;
      await showSetup(res, pending, (await secondFactor.status(actor)).required, problem);
    },
    handler: async ({ req, res, actor, form }) => {
      if (!req.session.pendingTotp) {
        redirectTo(req, res, urls.secondFactorUrl);
        return;
      }
      const { code, confirmPassword: password } = form;
      const codes = await secondFactor.confirm(actor, req.session.pendingTotp, { code, password });
      const next = safeReturn(req.session.returnTo ?? urls.securityUrl);
      delete req.session.pendingTotp;
      delete req.session.returnTo;
      // Answered directly: codes are shown once and stay nowhere on their way to a page.
      showCodes(res, codes, next);
    },
  });

  action(router, {
    path: urls.secondFactorUrl,
    method: 'delete',
    permission: 'signed-in',
    form: passwordProofForm,
    invalid: ({ res, actor }, problem) => showSecurity(res, actor, problem),
    handler: async ({ req, res, actor, form }) => {
      await secondFactor.disable(actor, form.confirmPassword);
      redirectTo(req, res, urls.securityUrl, { kind: 'success', key: 'account.security.second_factor_off' });
    },
  });

  action(router, {
    path: urls.recoveryCodesUrl,
    permission: 'signed-in',
    form: passwordProofForm,
    invalid: ({ res, actor }, problem) => showSecurity(res, actor, problem),
    handler: async ({ res, actor, form }) =>
      showCodes(res, await secondFactor.renewRecoveryCodes(actor, form.confirmPassword), urls.securityUrl),
  });

  page(router, {
    path: urls.sessionsUrl,
    permission: 'signed-in',
    handler: async ({ req, res, actor }) => {
      const { t, lang } = res.locals.page;
      const rows = await sessions.list(actor);
      renderPage(res, {
        view: 'account/sessions',
        title: t('account.sessions.title'),
        locals: {
          tabs: accountTabs(t, 'sessions'),
          sessions: presentSessions(rows, hashSessionId(req.sessionID), { t, lang, now: clock.now() }),
          closeAllAction: urls.sessionsUrl,
        },
      });
    },
  });

  action(router, {
    path: urls.sessionUrl(':key'),
    method: 'delete',
    permission: 'signed-in',
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      if (!sessionParams.safeParse(params['key']).success) throw new NotFoundError();
      await sessions.close(actor, params['key'] ?? '');
      redirectTo(req, res, urls.sessionsUrl, { kind: 'success', key: 'account.sessions.revoked' });
    },
  });

  action(router, {
    path: urls.sessionsUrl,
    method: 'delete',
    permission: 'signed-in',
    form: noFields,
    handler: async ({ req, res, actor }) => {
      const closed = await sessions.closeOthers(actor, hashSessionId(req.sessionID));
      redirectTo(req, res, urls.sessionsUrl, {
        kind: 'success',
        key: 'account.sessions.others_revoked',
        params: { closed: String(closed) },
      });
    },
  });

  return router;
}
