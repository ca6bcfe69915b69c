import type { Express } from 'express';
import type { Config } from '../config.ts';
import type { Services } from '../container.ts';
import { accountRoutes, passwordRoutes, signInRoutes, staffAuthentication } from '../features/access/index.ts';
import { journalRoutes } from '../features/audit/index.ts';
import { companyListRoutes, companyRoutes, contactRoutes } from '../features/companies/index.ts';
import { duplicateRoutes } from '../features/duplicates/index.ts';
import { homeRoutes } from '../features/home/index.ts';
import { importRoutes } from '../features/imports/index.ts';
import { jobRoutes } from '../features/jobs/index.ts';
import { savedViewRoutes } from '../features/lists/index.ts';
import { preferenceRoutes } from '../features/preferences/index.ts';
import { roleRoutes } from '../features/roles/index.ts';
import { SEARCH_PERMISSIONS, searchRoutes } from '../features/search/index.ts';
import { studentListRoutes, studentRecordRoutes } from '../features/students/index.ts';
import { settingsRoutes } from '../features/settings/index.ts';
import { userRoutes } from '../features/users/index.ts';
import { methodOverride } from '../http/declared-routes.ts';
import { noNirInAddress } from '../http/nir-in-address.ts';
import { pageContext, pageContextFor } from '../http/page-context.ts';
import { sessions, STAFF_SESSION_MS } from '../http/sessions.ts';
import { adminNavigation } from './admin-navigation.ts';
import { closeSite, openSite } from './site-foundation.ts';

/** The administrative site: an ordered list of what a request goes through, and the features it mounts. */
export function createAdminSite(services: Services, config: Config): Express {
  const secure = config.publicAdminUrl.startsWith('https:');
  const contextFor = pageContextFor({
    site: 'admin',
    environment: config.crmEnv,
    navigation: adminNavigation,
    searchPermissions: SEARCH_PERMISSIONS,
    brand: () => services.settings.brandNow(),
  });
  const authentication = staffAuthentication(services);

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
      table: {
        table: 'staff_session',
        accountColumn: 'user_id',
        readWithAccount: (key) => services.accounts.readSession(key),
      },
      cookieName: 'crm_admin',
      secret: config.sessionSecret,
      lifetimeMs: STAFF_SESSION_MS,
      secure,
    }),
  );
  app.use(noNirInAddress());
  app.use(...authentication.handlers);
  app.use(pageContext(contextFor));
  app.use(methodOverride());
  app.use(signInRoutes(services, authentication));
  app.use(passwordRoutes(services));
  app.use(accountRoutes(services));
  app.use(preferenceRoutes((actor, change) => services.accounts.setPreference(actor, change)));
  app.use(homeRoutes(services));
  app.use(searchRoutes(services));
  app.use(companyListRoutes(services));
  app.use(companyRoutes(services));
  app.use(contactRoutes(services));
  app.use(duplicateRoutes(services));
  app.use(journalRoutes(services));
  app.use(studentListRoutes(services));
  app.use(studentRecordRoutes(services));
  app.use(savedViewRoutes(services));
  app.use(userRoutes(services));
  app.use(roleRoutes(services));
  app.use(settingsRoutes(services));
  app.use(importRoutes(services));
  app.use(jobRoutes(services));
  return closeSite(app, contextFor);
}
