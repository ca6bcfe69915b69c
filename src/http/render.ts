import type express from 'express';
import { configureTranslations, reloadTranslations, type Language, type Translate } from '../i18n/index.ts';
import { configureAssets } from './assets.ts';
import type { SafeHtml } from './safe-html.ts';
import { configureTemplates, renderTemplate } from './template-engine.ts';
import { uiFor } from './ui.ts';

export interface Flash {
  kind: 'success' | 'info' | 'warning' | 'danger';
  /** Key of the text; a flash never holds what someone typed except as a parameter of the text. */
  key: string;
  params?: Record<string, string>;
}

export interface NavigationItem {
  /** Label = `t('common.nav.' + key)`. */
  key: string;
  href: string;
  icon: string;
  active: boolean;
  badge?: number;
}

export interface Brand {
  schoolName: string;
  productName: string;
  logoUrl: string | null;
  faviconUrl: string | null;
  /** `/charte.css?v=…`: the custom properties made from the school's settings, see `brandStylesheet`. */
  stylesheetUrl: string;
}

/** What every page knows about the request it answers: built by the site, read from `res.locals.page`. */
export interface PageContext {
  site: 'admin' | 'portal';
  lang: Language;
  t: Translate;
  csrfToken: string;
  actor: null | { id: string; name: string; email: string; initials: string; roleLabels: string[] };
  can: (permission: string) => boolean;
  nav: NavigationItem[];
  /** The actor may search over everything: the box of the top bar is shown. */
  searches: boolean;
  brand: Brand;
  theme: 'light' | 'dark' | 'auto';
  flash: Flash | null;
  /** `test` shows a banner on every page. */
  environment: 'production' | 'test';
  path: string;
  query: string;
  requestId: string;
  /** True when htmx asks (`HX-Request`). */
  isFragment: boolean;
}

export interface PageToRender {
  /** Template under `views/`, without `.ejs`. */
  view: string;
  /** Already translated; the layout adds the product's name. */
  title: string;
  locals?: object;
  status?: number;
  /** `bare`: no navigation, for sign-in and errors without a session. */
  layout?: 'app' | 'bare';
}

/**
 * Called once by whoever composes the process. `development` follows files as they change; `test` makes a missing
 * text an error; `production` reads everything once.
 */
export function configureRendering(mode: 'development' | 'test' | 'production'): void {
  const followChanges = mode === 'development';
  configureTemplates({ followChanges });
  configureAssets({ followChanges });
  configureTranslations({ missingKey: mode === 'test' ? 'throw' : 'show' });
  if (followChanges) reloadTranslations();
}

/**
 * A request for part of a page. When htmx restores a page of the history it swaps the whole body, so it needs the whole
 * page although it says `HX-Request`.
 */
function wantsFragment(page: PageContext, req: express.Request | undefined): boolean {
  return page.isFragment && req?.get('HX-History-Restore-Request') !== 'true';
}

/**
 * Renders a page to a string: the template in its layout, or in the fragment layout (title, body and the flash
 * swapped out of band) when htmx asks.
 */
export function renderPageToString(page: PageContext, input: PageToRender, fragment = page.isFragment): string {
  const shared = { page, t: page.t, ui: uiFor(page.t, page.lang) };
  const body = renderTemplate(input.view, shared, input.locals);
  const layout = fragment ? 'fragment' : (input.layout ?? 'app');
  const options = { ...input.locals, title: input.title, body, status: input.status ?? 200 };
  return renderTemplate(`layouts/${layout}`, shared, { options, title: input.title, body }).toString();
}

/** Renders a template of `views/` outside any page, for the fragments htmx asks (suggestions, one row). */
export function renderFragment(page: PageContext, view: string, locals: object = {}): SafeHtml {
  return renderTemplate(view, { page, t: page.t, ui: uiFor(page.t, page.lang) }, locals);
}

/** Room for the page being encoded: measuring a text before making room for it costs as much as encoding it. */
const encoding = Buffer.allocUnsafeSlow(512 * 1024);

function encode(markup: string): Buffer {
  // A character takes three bytes at most.
  if (markup.length * 3 > encoding.length) return Buffer.from(markup);
  return Buffer.from(encoding.subarray(0, encoding.write(markup)));
}

/**
 * Answers with a page; its context is `res.locals.page`.
 * @throws when the template fails: the error handler answers, nothing was sent.
 */
export function renderPage(res: express.Response, input: PageToRender): void {
  const page = res.locals['page'];
  const markup = renderPageToString(page, input, wantsFragment(page, res.req));
  res.vary('HX-Request');
  res.status(input.status ?? 200);
  res.type('html');
  res.send(encode(markup));
}
