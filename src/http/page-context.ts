/** What every page knows of its request, built once and read from res.locals.page. */
import type { Request, RequestHandler, Response } from 'express';
import { isLanguage, translator, type Language } from '../i18n/index.ts';
import { hasPermission, scopesOf, type Actor } from '../shared/actor.ts';
import { isPermission, type Permission, type Scope } from '../shared/permissions.ts';
import { assetUrl } from './assets.ts';
import { csrfToken } from './csrf.ts';
import type { Brand, NavigationItem, PageContext } from './render.ts';
import { currentAccount } from './request-context.ts';

export interface NavigationEntry {
  readonly key: string;
  readonly href: string;
  readonly icon: string;
  /** Shown to whoever holds one of these. */
  readonly permissions: readonly Permission[];
  /** On this scope, when the page shows nothing of the others. */
  readonly scope?: Scope;
}

export interface PageContextOptions {
  readonly site: 'admin' | 'portal';
  readonly environment: 'production' | 'test';
  readonly navigation: readonly NavigationEntry[];
  /** The box that searches everything is shown to whoever holds one of these. */
  readonly searchPermissions: readonly Permission[];
  /** The school's brand as last read; must not wait. */
  readonly brand: () => { brand: { schoolName: string; productName: string; logo: string | null }; version: string };
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return `${words[0]?.[0] ?? ''}${words.length > 1 ? (words.at(-1)?.[0] ?? '') : ''}`.toUpperCase();
}

function preferredLanguage(req: Request): Language {
  const chosen = currentAccount(req)?.actor.language ?? req.session?.language;
  if (isLanguage(chosen)) return chosen;
  const accepted = req.acceptsLanguages(['fr', 'en']);
  return isLanguage(accepted) ? accepted : 'fr';
}

function isActive(entry: NavigationEntry, path: string): boolean {
  return entry.href === '/' ? path === '/' : path === entry.href || path.startsWith(`${entry.href}/`);
}

function isShown({ permissions, scope }: NavigationEntry, actor: Actor): boolean {
  if (permissions.length === 0) return true;
  return permissions.some((permission) => {
    const scopes = scopesOf(actor, permission);
    return scope === undefined ? scopes.length > 0 : scopes.includes('all') || scopes.includes(scope);
  });
}

/** Builds the context of a request; works without session and without database, for error pages. */
export function pageContextFor(options: PageContextOptions) {
  return (req: Request, res: Response): PageContext => {
    const account = currentAccount(req);
    const lang = preferredLanguage(req);
    const { brand, version } = options.brand();
    const branding: Brand = {
      schoolName: brand.schoolName,
      productName: brand.productName,
      logoUrl: brand.logo ? `/charte/logo?v=${version}` : null,
      faviconUrl: null,
      stylesheetUrl: version ? `/charte.css?v=${version}` : assetUrl('css/brand-default.css'),
    };
    const can = (permission: string): boolean =>
      account !== null && isPermission(permission) && hasPermission(account.actor, permission);
    const nav: NavigationItem[] = account
      ? options.navigation
          .filter((entry) => isShown(entry, account.actor))
          .map((entry) => ({ key: entry.key, href: entry.href, icon: entry.icon, active: isActive(entry, req.path) }))
      : [];
    const flash = req.session?.flash ?? null;
    if (flash) delete req.session.flash;
    // Sending a token makes a session: only pages of people who have one, or are about to sign in, need it.
    let token: string | null = null;
    return {
      site: options.site,
      lang,
      t: translator(lang),
      get csrfToken() {
        token ??= req.session ? csrfToken(req) : '';
        return token;
      },
      actor: account
        ? {
            id: account.actor.id ?? '',
            name: account.actor.name,
            email: account.email,
            initials: initials(account.actor.name),
            roleLabels: [...account.roleLabels],
          }
        : null,
      can,
      nav,
      searches: options.searchPermissions.some(can),
      brand: branding,
      theme: account?.theme ?? req.session?.theme ?? 'auto',
      flash,
      environment: options.environment,
      path: req.path,
      query: req.originalUrl.split('?')[1] ?? '',
      requestId: String(req.id),
      isFragment: req.get('HX-Request') === 'true' && res.locals['wholePage'] !== true,
    };
  };
}

export function pageContext(contextFor: (req: Request, res: Response) => PageContext): RequestHandler {
  return (req, res, next) => {
    res.locals.page = contextFor(req, res);
    res.set('Cache-Control', 'no-store');
    next();
  };
}
