/** Who is believed when a request says that it came over TLS. */
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { createAdminSite } from '../../src/sites/admin.ts';
import { useTestApp } from '../support/app.ts';

const app = useTestApp();

const throughProxy = (trustedProxies: readonly string[]) => {
  const site = createAdminSite(app.services, {
    ...app.config,
    publicAdminUrl: 'https://crm.acme.example',
    trustedProxies,
  });
  return supertest(site).get('/connexion').set('X-Forwarded-Proto', 'https');
};

describe('a site behind a proxy that ends TLS', () => {
  it('gives a session through a proxy of the machine, or one that it was told of', async () => {
    expect((await throughProxy(['loopback'])).headers['set-cookie']).toHaveLength(1);
    expect((await throughProxy(['uniquelocal', '127.0.0.0/8'])).headers['set-cookie']).toHaveLength(1);
  });

  it('believes nobody else', async () => {
    expect((await throughProxy(['uniquelocal', '192.0.2.7'])).headers['set-cookie']).toBeUndefined();
  });
});
