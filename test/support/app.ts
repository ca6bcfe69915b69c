/** The real sites on the real container and a real database; only the clock, the log's destination and far ends are replaced. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { readConfig, type Config } from '../../src/config.ts';
import { createPortalServices, createServices, type PortalServices, type Services } from '../../src/container.ts';
import { configureRendering } from '../../src/http/render.ts';
import { createLogger } from '../../src/log.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { createAdminSite } from '../../src/sites/admin.ts';
import { createPortalSite } from '../../src/sites/portal.ts';
import { captureLogs, type LogCapture } from './log-capture.ts';
import { useTestDatabase, type TestDatabase } from './test-database.ts';

export const TEST_PASSWORD = 'Trois-Cigales-Bleues-42';

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  #now = new Date();

  now(): Date {
    return this.#now;
  }

  /** Goes to the true time again. */
  reset(): void {
    this.#now = new Date();
  }

  advance(milliseconds: number): void {
    this.#now = new Date(this.#now.getTime() + milliseconds);
  }
}

export type Agent = ReturnType<typeof supertest.agent>;

export interface TestApp {
  readonly services: Services;
  readonly portalServices: PortalServices;
  readonly config: Config;
  readonly database: TestDatabase;
  readonly clock: TestClock;
  readonly logs: LogCapture;
  readonly admin: Express;
  readonly portal: Express;
  /** Creates an account with these built-in roles and signs it in; the agent keeps its cookie. */
  signInAs(...roleKeys: string[]): Promise<SignedInAgent>;
}

export interface SignedInAgent {
  readonly agent: Agent;
  readonly userId: string;
  readonly email: string;
  /** A token for this agent's forms. */
  csrf(): Promise<string>;
  /** Posts a form with its token. */
  post(path: string, fields?: Record<string, string | string[] | number>): Promise<supertest.Response>;
  /** The DELETE a plain form sends. */
  remove(path: string, fields?: Record<string, string | string[] | number>): Promise<supertest.Response>;
}

const key = (letter: string): string => `v1:${Buffer.alloc(32, letter).toString('base64')}`;

/** Environment of a process under test. */
export function testEnvironment(databaseUrl: string, dataDir: string): Record<string, string> {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    CRM_SITES: 'admin,portal,worker',
    CRM_DATA_DIR: dataDir,
    SESSION_SECRET: 'a secret of the tests, long enough to be one',
    NIR_KEY: key('n'),
    NIR_INDEX_KEY: key('i'),
    FIELD_KEY: key('f'),
  };
}

/** The token a page holds. */
export function csrfIn(html: string): string {
  const match = /name="_csrf" value="([^"]+)"/.exec(html) ?? /"X-CSRF-Token":\s*"([^"]+)"/i.exec(html);
  if (!match?.[1]) throw new Error('The page holds no CSRF token');
  return match[1];
}

/** Call at the top of a test file. */
export function useTestApp(options: { emptied?: 'each' | 'once'; environment?: Record<string, string> } = {}): TestApp {
  const database = useTestDatabase(options.emptied ? { emptied: options.emptied } : {});
  const logs = captureLogs();
  const clock = new TestClock();
  const dataDir = mkdtempSync(join(tmpdir(), 'crm-test-'));
  const config = readConfig({ ...testEnvironment(database.url, dataDir), ...options.environment });
  configureRendering('test');
  const services = createServices(config, { clock, log: createLogger('info', logs.destination) });
  const portalServices = createPortalServices(config, { clock, log: createLogger('info', logs.destination) });
  const admin = createAdminSite(services, config);
  const portal = createPortalSite(portalServices, config);
  let users = 0;

  const prepare = async () => {
    clock.reset();
    await services.accounts.ensureBuiltInRoles();
  };
  if (options.emptied === 'once') beforeAll(prepare);
  else beforeEach(prepare);
  afterAll(async () => {
    await services.close();
    await portalServices.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  return {
    services,
    portalServices,
    config,
    database,
    clock,
    logs,
    admin,
    portal,
    async signInAs(...roleKeys) {
      users += 1;
      const email = `${roleKeys.join('.') || 'sans-role'}${users}@acme.example`;
      const { id } = await services.accounts.createUser(systemActor('test', 'cli'), {
        email,
        name: `Personne Numéro ${users}`,
        roleKeys,
        password: TEST_PASSWORD,
      });
      const agent = supertest.agent(admin);
      const door = await agent.get('/connexion');
      const entered = await agent
        .post('/connexion')
        .type('form')
        .send({ email, password: TEST_PASSWORD, _csrf: csrfIn(door.text) });
      if (entered.status !== 303) throw new Error(`Sign-in of ${email} answered ${entered.status}`);
      const csrf = async () => csrfIn((await agent.get('/')).text);
      const send = async (path: string, fields: Record<string, unknown>) =>
        agent
          .post(path)
          .type('form')
          .send({ ...fields, _csrf: await csrf() });
      return {
        agent,
        userId: id,
        email,
        csrf,
        post: (path, fields = {}) => send(path, fields),
        remove: (path, fields = {}) => send(path, { ...fields, _method: 'delete' }),
      };
    },
  };
}
