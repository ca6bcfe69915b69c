// The database of the tests: apart from the working one, and worth nothing.
import { join } from 'node:path';
import { acquirePrivateDatabase } from './database.mjs';

/**
 * Variables of the product that a test must not inherit: a developer's own settings would change what it proves, and the
 * database they name is never written.
 */
const LEFT_OUT =
  /^(DATABASE_URL|PORTAL_DATABASE_URL|CRM_\w+|SESSION_SECRET|NIR_\w+|FIELD_KEY|HOST|ADMIN_PORT|PORTAL_PORT|PUBLIC_\w+|STUDENT_FILE|GETENT_\w+|GETETU_\w+|BTOB_\w+|ALUMNET_\w+|TWILIO_\w+|SMTP_URL|MAIL_FROM|OIDC_\w+|PEER_\w+|LOG_LEVEL)$/;

/**
 * Opens the server of the tests.
 * @param {{ env: Record<string, string | undefined>, dataDir: string }} session
 * @returns {Promise<{ env: Record<string, string | undefined>, release: () => Promise<void> }>} env: what vitest is given
 */
export async function openTestDatabase({ env, dataDir }) {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !LEFT_OUT.test(name)));
  clean.NODE_ENV = 'test';
  if (env.DATABASE_URL) {
    const url = new URL(env.DATABASE_URL);
    url.pathname = `${url.pathname}_test`;
    return { env: { ...clean, TEST_DATABASE_ADMIN_URL: url.href }, release: async () => {} };
  }
  const server = await acquirePrivateDatabase({
    folder: join(dataDir, 'test-mariadb'),
    bufferPool: '256M',
    disposable: true,
  });
  return {
    env: { ...clean, TEST_DATABASE_ADMIN_URL: server.url('crm_test'), TEST_DATABASE_KEEP: '1' },
    release: server.release,
  };
}
