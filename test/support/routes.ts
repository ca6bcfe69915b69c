/** What a site answers, read from its mounted routers. */
import type { Express } from 'express';
import { declaredRoutes, type DeclaredRoute } from '../../src/http/declared-routes.ts';

interface Layer {
  readonly route?: { readonly path: string | readonly string[]; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: object & { readonly stack?: readonly Layer[] };
}

/** A route that Express would answer. */
export interface MountedRoute {
  readonly method: string;
  readonly path: string;
  /** Declared with `page` or `action`; null when it stands on its own. */
  readonly declared: DeclaredRoute | null;
}

function layersOf(owner: object): readonly Layer[] {
  return (owner as { stack?: readonly Layer[] }).stack ?? [];
}

function routesIn(owner: object): MountedRoute[] {
  const declarations = declaredRoutes(owner);
  return layersOf(owner).flatMap(({ route, handle }) => {
    if (!route) return routesIn(handle);
    const paths = typeof route.path === 'string' ? [route.path] : route.path;
    return paths.flatMap((path) =>
      Object.keys(route.methods).map((method) => ({
        method,
        path,
        declared: declarations.find((one) => one.method === method && one.path === path) ?? null,
      })),
    );
  });
}

/** Every route of a site, in the order it was mounted. */
export function mountedRoutes(site: Express): MountedRoute[] {
  return routesIn(site.router);
}

/** Routes declared on the routers of a site. */
export function declaredRoutesOf(site: Express): DeclaredRoute[] {
  return mountedRoutes(site).flatMap(({ declared }) => (declared ? [declared] : []));
}

/** The path with something in place of each parameter. */
export function examplePath(path: string): string {
  return path.replace(/[:*](\w+)/g, (_whole, name: string) =>
    name === 'id' || name.endsWith('Id') ? '01900000-0000-7000-8000-000000000000' : 'exemple',
  );
}
