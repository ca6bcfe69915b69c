import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

const key = (letter: string): string => `v1:${Buffer.alloc(32, letter).toString('base64')}`;

const GOOD: Record<string, string> = {
  DATABASE_URL: 'mysql://crm:motdepasse@127.0.0.1:3306/crm',
  SESSION_SECRET: 'un secret assez long pour en être un',
  NIR_KEY: key('n'),
  NIR_INDEX_KEY: key('i'),
  FIELD_KEY: key('f'),
};

function problemsOf(change: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig({ ...GOOD, ...change });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('is read with what an installation must give', () => {
    expect(readConfig(GOOD)).toMatchObject({ databaseName: 'crm', nirDatabaseName: 'crm_nir', adminPort: 3000 });
  });

  it('believes the proxies it is told of, and those of the machine otherwise', () => {
    expect(readConfig(GOOD).trustedProxies).toEqual(['loopback']);
    const named = 'loopback, uniquelocal,10.0.0.0/8,fd00::/8,192.0.2.7';
    expect(readConfig({ ...GOOD, TRUSTED_PROXIES: named }).trustedProxies).toEqual([
      'loopback',
      'uniquelocal',
      '10.0.0.0/8',
      'fd00::/8',
      '192.0.2.7',
    ]);
  });

  it('takes an empty value as none', () => {
    expect(problemsOf({ ADMIN_PORT: '', SMTP_URL: '', CRM_SITES: '' })).toEqual([]);
  });

  it.each([
    ['DATABASE_URL', undefined],
    ['DATABASE_URL', ''],
    ['DATABASE_URL', 'postgres://crm@127.0.0.1/crm'],
    ['DATABASE_URL', 'mysql://127.0.0.1'],
    ['DATABASE_URL', 'mysql://crm:secret@127.0.0.1:99999/crm'],
    ['DATABASE_URL', 'mysql://crm:100%@127.0.0.1/crm'],
    ['PORTAL_DATABASE_URL', 'crm'],
    ['SESSION_SECRET', undefined],
    ['SESSION_SECRET', 'court'],
    ['NIR_KEY', undefined],
    ['NIR_KEY', 'v1:dHJvcCBjb3VydA=='],
    ['NIR_INDEX_KEY', undefined],
    ['NIR_INDEX_KEY', Buffer.alloc(32, 'i').toString('base64')],
    ['FIELD_KEY', undefined],
    ['FIELD_KEY', `${key('f')},v2:`],
    ['ADMIN_PORT', 'trois mille'],
    ['ADMIN_PORT', '70000'],
    ['PORTAL_PORT', '-1'],
    ['CRM_SITES', 'admin,portail'],
    ['TRUSTED_PROXIES', 'tous'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', 'loopback,10.0.0.0/8/8'],
    ['CRM_NODE', 'srvcrm3'],
    ['CRM_ENV', 'recette'],
    ['NODE_ENV', 'prod'],
    ['LOG_LEVEL', 'bavard'],
    ['PUBLIC_ADMIN_URL', 'crm.ecole.example'],
    ['PUBLIC_PORTAL_URL', 'https://crm.acme.example/portail'],
    ['GETENT_URL', 'http://127.0.0.1/getent'],
    ['SMTP_URL', '127.0.0.1:25'],
    ['OIDC_ISSUER', 'entra'],
  ])('refuses %s = %s, by its name and without its value', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
    if (value && value.length > 4) expect(problems[0]).not.toContain(value);
  });

  it('names every fault at once', () => {
    const named = problemsOf({ SESSION_SECRET: 'court', ADMIN_PORT: 'x', FIELD_KEY: '' }).map(
      (text) => text.split(' ')[0],
    );
    expect(named.sort()).toEqual(['ADMIN_PORT', 'FIELD_KEY', 'SESSION_SECRET']);
  });

  it('wants the public address of each site in production', () => {
    const named = problemsOf({ NODE_ENV: 'production' }).map((text) => text.split(' ')[0]);
    expect(named).toEqual(['PUBLIC_ADMIN_URL', 'PUBLIC_PORTAL_URL']);
  });

  it('keeps the keys of the NIR from a process that runs the student site alone', () => {
    const named = problemsOf({ CRM_SITES: 'portal' }).map((text) => text.split(' ')[0]);
    expect(named).toEqual(['NIR_KEY', 'NIR_INDEX_KEY']);
  });
});
