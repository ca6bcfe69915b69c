import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { incompatiblePair, builtInRoles } from '../../src/shared/permissions.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { declaredRoutesOf, examplePath } from '../support/routes.ts';

const app = useTestApp({ emptied: 'once' });

const routes = declaredRoutesOf(app.admin);
const pages = routes.filter(({ method, path }) => method === 'get' && !/[:*]/.test(path));

function isAllowed(permission: (typeof routes)[number]['permission'], held: ReadonlySet<string>): boolean {
  if (permission === 'public' || permission === 'signed-in') return true;
  const wanted: readonly string[] = typeof permission === 'string' ? [permission] : permission;
  return wanted.some((right) => held.has(right));
}

describe('the rights of each role', () => {
  it.each(builtInRoles.map((role) => [role.key, role] as const))(
    '%s opens the pages it grants and no other',
    async (key, role) => {
      const held = new Set<string>(role.grants.map((grant) => grant.permission));
      const { agent } = await app.signInAs(key);
      const wrong: string[] = [];
      for (const { path, permission } of pages) {
        const { status } = await agent.get(path).set('Accept', 'text/html,application/json');
        const allowed = isAllowed(permission, held);
        // A page may lead elsewhere (the door, for someone who is in), or ask for what its address lacks.
        const opened = status === 200 || status === 303 || status === 400;
        if (allowed ? !opened : status !== 403) wrong.push(`${path} (${String(permission)}): ${status}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('are asked of many pages', () => {
    expect(pages.length).toBeGreaterThan(25);
  });

  it('opens nothing but the door to someone without a role', async () => {
    const { agent } = await app.signInAs();
    for (const { path, permission } of pages) {
      if (isAllowed(permission, new Set())) continue;
      expect((await agent.get(path)).status, path).toBe(403);
    }
  });

  it('lets nobody in who is not signed in', async () => {
    for (const { path, permission } of pages) {
      if (permission === 'public') continue;
      const answer = await supertest(app.admin).get(path).set('Accept', 'text/html');
      expect([303, 401], path).toContain(answer.status);
      if (answer.status === 303) expect(answer.headers['location'], path).toMatch(/^\/connexion\?suite=/);
    }
  });
});

describe('a request that changes something', () => {
  const changing = routes.filter(({ method }) => method !== 'get');

  async function someoneWith(permission: (typeof routes)[number]['permission'], people: Map<string, SignedInAgent>) {
    const wanted = typeof permission === 'string' ? [permission] : permission;
    const role = builtInRoles.find(({ grants }) =>
      isAllowed(permission, new Set(grants.map((grant) => grant.permission))),
    );
    if (!role) throw new Error(`No built-in role grants ${wanted.join(', ')}`);
    const known = people.get(role.key) ?? (await app.signInAs(role.key));
    people.set(role.key, known);
    return known;
  }

  it('is refused without the token of a page, even to those who may make it', async () => {
    const people = new Map<string, SignedInAgent>();
    const accepted: string[] = [];
    for (const { method, path, permission } of changing) {
      const { agent } = await someoneWith(permission, people);
      for (const token of [undefined, 'un-autre']) {
        const answer = await agent[method](examplePath(path))
          .set('Accept', 'application/json')
          .type('form')
          .send(token ? { _csrf: token } : {});
        const code = (answer.body as { error?: { code?: string } }).error?.code;
        // A form with a file is told apart before its token is read.
        if (code !== 'CSRF' && code !== 'BAD_REQUEST')
          accepted.push(`${method} ${path}: ${answer.status} ${code ?? ''}`);
      }
    }
    expect(changing.length).toBeGreaterThan(30);
    expect(accepted).toEqual([]);
  });

  it('is refused to those who may not make it, before anything of it is read', async () => {
    const { agent, csrf } = await app.signInAs();
    const token = await csrf();
    for (const { method, path, permission } of changing) {
      if (isAllowed(permission, new Set())) continue;
      const answer = await agent[method](examplePath(path)).type('form').send({ _csrf: token });
      expect(answer.status, `${method} ${path}`).toBe(403);
    }
  });
});

describe('roles together', () => {
  it('that no person may hold are refused at the creation of an account', async () => {
    const pairs = builtInRoles.flatMap((first) => builtInRoles.map((second) => [first, second] as const));
    const refused = pairs.filter(([first, second]) =>
      incompatiblePair([...first.grants, ...second.grants].map((grant) => grant.permission)),
    );
    expect(refused.length).toBeGreaterThan(0);
    for (const [first, second] of refused)
      await expect(app.signInAs(first.key, second.key)).rejects.toMatchObject({ code: 'INCOMPATIBLE_RIGHTS' });
  });
});
