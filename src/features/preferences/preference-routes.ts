/** Language and theme, for anyone on either site: kept with the session, and with the account of who is signed in. */
import type { Router } from 'express';
import { action, createRouter } from '../../http/declared-routes.ts';
import { redirectTo, safeReturn } from '../../http/redirects.ts';
import { currentActor } from '../../http/request-context.ts';
import type { Actor } from '../../shared/actor.ts';
import { languageForm, themeForm } from './preference-schemas.ts';

export interface PreferenceChange {
  readonly language?: 'fr' | 'en';
  readonly theme?: 'light' | 'dark' | 'auto';
}

/** @param save remembers the choice with the account; not called for someone who is not signed in */
export function preferenceRoutes(save: (actor: Actor, change: PreferenceChange) => Promise<void>): Router {
  const router = createRouter();

  action(router, {
    path: '/preferences/langue',
    permission: 'public',
    form: languageForm,
    handler: async ({ req, res, actor, form }) => {
      req.session.language = form.langue;
      if (currentActor(req).isSignedIn) await save(actor, { language: form.langue });
      redirectTo(req, res, safeReturn(form.retour));
    },
  });

  action(router, {
    path: '/preferences/theme',
    permission: 'public',
    form: themeForm,
    handler: async ({ req, res, actor, form }) => {
      req.session.theme = form.theme;
      if (currentActor(req).isSignedIn) await save(actor, { theme: form.theme });
      redirectTo(req, res, safeReturn(form.retour));
    },
  });

  return router;
}
