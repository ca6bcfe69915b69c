import type { Express } from 'express';
import type { Config } from '../config.ts';
import type { PortalServices } from '../container.ts';
import { portalSignInRoutes } from '../features/portal-sign-in/index.ts';
import { preferenceRoutes } from '../features/preferences/index.ts';
import { methodOverride } from '../http/declared-routes.ts';
import { noNirInAddress } from '../http/nir-in-address.ts';
import { pageContext, pageContextFor } from '../http/page-context.ts';
import { sessions } from '../http/sessions.ts';
import { closeSite, openSite } from './site-foundation.ts';

/** An evening of use. */
const PORTAL_SESSION_MS = 4 * 60 * 60 * 1000;

/** The student site: nothing of the administrative system is mounted here, and nothing of it is imported. */
export function createPortalSite(services: PortalServices, config: Config): Express {
  const secure = config.publicPortalUrl.startsWith('https:');
  const contextFor = pageContextFor({
    site: 'portal',
    environment: config.crmEnv,
    navigation: [],
    searchPermissions: [],
    brand: () => services.settings.brandNow(),
  });

  const app = openSite({
    log: services.log,
    secure,
    trustedProxies: config.trustedProxies,
    missing: services.missing,
    settings: services.settings,
  });
  app.use(
    sessions({
      database: services.database,
      table: { table: 'portal_session', accountColumn: 'account_id' },
      cookieName: 'crm_portal',
      secret: config.sessionSecret,
      lifetimeMs: PORTAL_SESSION_MS,
      secure,
    }),
  );
  app.use(noNirInAddress());
  app.use(pageContext(contextFor));
  app.use(methodOverride());
  app.use(portalSignInRoutes(services));
  // Nobody is signed in here yet: the choice stays with the session.
  app.use(preferenceRoutes(() => Promise.resolve()));
  return closeSite(app, contextFor);
}
