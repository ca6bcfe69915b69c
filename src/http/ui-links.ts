import { attributes, html, type SafeHtml } from './safe-html.ts';

/** Query parameters as the address bar holds them; absent, `null` and empty values are left out. */
export type QueryParams = Record<string, string | number | boolean | readonly string[] | null | undefined>;

function pairs(params: QueryParams): [name: string, value: string][] {
  return Object.entries(params).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || value === '' || value === false) return [];
    if (Array.isArray(value)) return value.map((item) => [name, String(item)]);
    return [[name, value === true ? '1' : String(value)]];
  });
}

/** `/etudiants?q=le+gall&tri=nom`: the current parameters with some of them changed (`null` removes). */
export function href(path: string, params: QueryParams, changes: QueryParams = {}): string {
  const search = new URLSearchParams(pairs({ ...params, ...changes })).toString();
  return search ? `${path}?${search}` : path;
}

/** Hidden inputs that carry parameters through a GET form. */
export function hiddenFields(params: QueryParams): SafeHtml {
  return html`${pairs(params).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}

/**
 * htmx attributes of a link that refreshes one part of the page: fetches the same address, keeps only the target's
 * element, and moves the address bar. Without JavaScript the link's own `href` does the same.
 */
export function partLink(address: string, targetId: string): SafeHtml {
  return attributes({
    href: address,
    'hx-get': address,
    'hx-target': `#${targetId}`,
    'hx-select': `#${targetId}`,
    'hx-swap': 'outerHTML show:none',
    'hx-push-url': 'true',
    'hx-indicator': `#${targetId}`,
  });
}

/** A telephone link; `e164` is `+33639980102`, `label` what people read. */
export function phone(e164: string | null, label?: string): SafeHtml | null {
  if (!e164) return null;
  return html`<a class="text-nowrap" href="tel:${e164}">${label ?? e164}</a>`;
}

/** A mail link; null when there is no address, so that lists show the mark of an absent value. */
export function email(address: string | null): SafeHtml | null {
  if (!address) return null;
  return html`<a class="text-break" href="mailto:${address}">${address}</a>`;
}
