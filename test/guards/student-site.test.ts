import { dirname, join, relative } from 'node:path';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';
import { permissionNames } from '../../src/shared/permissions.ts';
import { useTestApp } from '../support/app.ts';
import { declaredRoutesOf, examplePath, mountedRoutes } from '../support/routes.ts';
import { textOf } from '../support/tree.ts';

const app = useTestApp({ emptied: 'once' });

/** Addresses that both sites have, each with its own page. */
const SHARED = new Set(['/', '/connexion', '/deconnexion', '/preferences/langue', '/preferences/theme']);
/** What both sites answer before any feature: no session, no account, nothing of anyone. */
const FOUNDATION = new Set(['get /healthz', 'get /readyz', 'get /charte.css', 'get /charte/logo']);
/** Features that the student site may mount or use. */
const PORTAL_FEATURES = new Set(['portal-sign-in', 'preferences']);

describe('the student site', () => {
  it('mounts no address of the administrative site', () => {
    const administrative = new Set(declaredRoutesOf(app.admin).map(({ path }) => path));
    expect(administrative.size).toBeGreaterThan(30);
    const leaked = mountedRoutes(app.portal).filter(({ path }) => administrative.has(path) && !SHARED.has(path));
    expect(leaked).toEqual([]);
  });

  it('answers 404 at every address of the administrative site', async () => {
    const routes = declaredRoutesOf(app.admin).filter(({ path }) => !SHARED.has(path));
    const answers: string[] = [];
    for (const { method, path } of routes) {
      const answer = await supertest(app.portal)[method](examplePath(path));
      if (answer.status !== 404) answers.push(`${method} ${path}: ${answer.status}`);
    }
    expect(answers).toEqual([]);
  });

  it('loads no administrative feature', () => {
    const features = new Set(
      [...modulesBehind('src/sites/portal.ts')].flatMap((path) => /^src\/features\/([^/]+)\//.exec(path)?.[1] ?? []),
    );
    expect([...features].filter((feature) => !PORTAL_FEATURES.has(feature))).toEqual([]);
    // The walk does follow imports: the administrative site has many more.
    expect(modulesBehind('src/sites/admin.ts').size).toBeGreaterThan(modulesBehind('src/sites/portal.ts').size);
  });

  it('grants nothing that is a right of staff', () => {
    const rights = declaredRoutesOf(app.portal).flatMap(({ permission }) => permission);
    expect(rights.filter((right) => (permissionNames as readonly string[]).includes(right))).toEqual([]);
  });
});

describe.each([
  ['administrative', () => app.admin],
  ['student', () => app.portal],
])('the %s site', (_name, site) => {
  it('answers nothing that was not declared, but health and the school’s charter', () => {
    const undeclared = mountedRoutes(site())
      .filter(({ declared }) => declared === null)
      .map(({ method, path }) => `${method} ${path}`);
    expect(undeclared.filter((route) => !FOUNDATION.has(route))).toEqual([]);
  });

  it('asks a right of every route, that the product knows', () => {
    const known = new Set<string>(['public', 'signed-in', ...permissionNames]);
    const faults = declaredRoutesOf(site()).filter(({ permission }) => {
      const rights = typeof permission === 'string' ? [permission] : permission;
      return rights.length === 0 || rights.some((right) => !known.has(right));
    });
    expect(faults).toEqual([]);
  });

  it('reads every request that changes something with a schema', () => {
    const changing = declaredRoutesOf(site()).filter(({ method }) => method !== 'get');
    expect(changing.length).toBeGreaterThan(0);
    expect(changing.filter(({ hasForm }) => !hasForm)).toEqual([]);
  });

  it('declares each address once: the second would never answer', () => {
    const addresses = declaredRoutesOf(site()).map(({ method, path }) => `${method} ${path}`);
    expect(addresses.filter((address, index) => addresses.indexOf(address) !== index)).toEqual([]);
  });

  it('makes no route of a name before the route it would hide', () => {
    const routes = declaredRoutesOf(site());
    const hidden = routes.filter((route, index) =>
      routes
        .slice(0, index)
        .some(
          (earlier) => earlier.method === route.method && !/[:*]/.test(route.path) && matches(earlier.path, route.path),
        ),
    );
    expect(hidden.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

/** True when a declared path with parameters would take a plain address. */
function matches(path: string, address: string): boolean {
  if (!path.includes(':')) return false;
  const pattern = path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(address);
}

/** Files that a module loads when it runs: imports of types alone vanish when it is built. */
function modulesBehind(entry: string, known = new Set<string>()): Set<string> {
  if (known.has(entry)) return known;
  known.add(entry);
  const imports = textOf(entry).matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from '(\.[^']+\.ts)';/gms);
  for (const [, target = ''] of imports)
    modulesBehind(relative(projectRoot, join(projectRoot, dirname(entry), target)), known);
  return known;
}
