/** The database goes away under a server that runs, and comes back: pages say so, nothing else dies. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createServices, type Services } from '../../src/container.ts';
import { createLogger } from '../../src/log.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { TEST_PASSWORD, testEnvironment } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { textOf } from '../support/answers.ts';
import { usePrivateMariaDb } from '../support/private-mariadb.ts';
import { aDataFolder, startServer, Visitor } from '../support/server-process.ts';

const mariadb = usePrivateMariaDb();
const dataDir = aDataFolder();

async function withServices<Result>(work: (services: Services) => Promise<Result>): Promise<Result> {
  const config = readConfig(testEnvironment(mariadb.url(), dataDir));
  const services = createServices(config, { log: createLogger('silent') });
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
};

/** Fails when the work takes longer than so many milliseconds. */
async function within<Result>(milliseconds: number, work: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work();
  expect(performance.now() - start).toBeLessThan(milliseconds);
  return result;
}

describe('a server whose database falls silent', { timeout: 120_000 }, () => {
  it('waits for it once, then says at once that it is away, and works again when it speaks', async () => {
    const server = await startServer({ databaseUrl: mariadb.url(), dataDir });
    const visitor = new Visitor(server.url);
    expect((await visitor.ask('/readyz')).status).toBe(200);
    process.kill(mariadb.pid(), 'SIGSTOP');
    try {
      // The signal takes a moment to reach a server that is answering.
      await within(10_000, () => until(async () => (await visitor.ask('/readyz')).status === 503));
      await within(1_500, async () => {
        for (let page = 0; page < 5; page += 1) expect((await visitor.ask('/readyz')).status).toBe(503);
      });
    } finally {
      process.kill(mariadb.pid(), 'SIGCONT');
    }
    await within(10_000, () => until(async () => (await visitor.ask('/readyz')).status === 200));
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });
});

describe('a server whose database goes away', { timeout: 120_000 }, () => {
  it('says so in the language of who asks, lives on, and works again by itself when it is back', async () => {
    const email = 'scolarite@acme.example';
    const id = await withServices(async (services) => {
      await services.accounts.ensureBuiltInRoles();
      await services.accounts.createUser(systemActor('test', 'cli'), {
        email,
        name: 'Personne Patiente',
        roleKeys: ['scolarite'],
        password: TEST_PASSWORD,
      });
      return (await aStudent(services, { lastName: 'ABRIAL', city: 'Brest' })).id;
    });
    const server = await startServer({ databaseUrl: mariadb.url(), dataDir });
    const visitor = new Visitor(server.url);
    await visitor.signIn(email, TEST_PASSWORD);
    const form = await visitor.ask(`/etudiants/${id}/modifier/coordonnees`);
    expect(form.status).toBe(200);
    const token = /name="_csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? '';

    await mariadb.stop();
    // Even those that find it gone are told within moments: they do not wait for what a busy database deserves.
    const asked = await within(2_000, () =>
      Promise.all([
        visitor.ask('/etudiants?q=abrial'),
        visitor.ask(`/etudiants/${id}/modifier/coordonnees`, { version: '1', city: 'Nantes', _csrf: token }),
        visitor.ask('/connexion'),
        visitor.ask('/'),
      ]),
    );
    for (const { status, text, headers } of asked) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('10');
      expect(textOf(text)).toContain('La base de données ne répond pas');
      expect(textOf(text)).toContain('Vos données sont intactes');
    }
    const abroad = await new Visitor(server.url, 'en').ask('/connexion?x=1');
    expect(abroad.status).toBe(503);
    expect(textOf(abroad.text)).toContain('database');
    // Once it is known to be away, nobody waits for it.
    await within(1_500, async () => {
      for (let page = 0; page < 5; page += 1) expect((await visitor.ask('/etudiants')).status).toBe(503);
    });
    expect((await visitor.ask('/healthz')).status).toBe(200);
    const ready = await visitor.ask('/readyz');
    expect([ready.status, ready.text]).toEqual([503, '{"status":"unavailable","missing":["database"]}']);
    // The worker looked for work meanwhile, and says so without giving up.
    await until(() => server.logs.some(({ msg }) => msg === 'imports left for later'));

    await mariadb.start();
    await within(5_000, () => until(async () => (await visitor.ask('/readyz')).status === 200));
    const list = await visitor.ask('/etudiants?q=abrial');
    expect(list.status).toBe(200);
    expect(list.text).toContain('ABRIAL');
    const saved = await visitor.ask(`/etudiants/${id}/modifier/coordonnees`, {
      version: '1',
      city: 'Nantes',
      _csrf: token,
    });
    expect(saved.status).toBe(303);

    // The worker works again: what is asked for now is done.
    await visitor.post('/deconnexion', {});
    const admin = new Visitor(server.url);
    await withServices((services) =>
      services.accounts.createUser(systemActor('test', 'cli'), {
        email: 'informatique@acme.example',
        name: 'Personne Technique',
        roleKeys: ['informatique'],
        password: TEST_PASSWORD,
      }),
    );
    await admin.signIn('informatique@acme.example', TEST_PASSWORD);
    expect((await admin.post('/traitements/cleanup/lancement', {})).status).toBe(303);
    await withServices((services) =>
      until(async () => {
        const runs = await services.database.pool.query<{ result: string }[]>('SELECT result FROM job_run');
        return runs.some(({ result }) => result === 'done');
      }),
    );

    expect(server.logs.filter(({ level }) => level >= 50)).toEqual([]);
    expect(server.errors()).toBe('');
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });
});
