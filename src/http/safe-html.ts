/** A value a template may print as it is, because everything inside was escaped when it was made. */
export class SafeHtml {
  readonly #markup: string;

  /** Only for markup made of literals and already escaped parts: prefer the `html` tag, which escapes. */
  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

const NEEDS_ESCAPE = /[&<>"']/;
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

/** Escapes text for HTML content and for quoted attributes. `null` and `undefined` give an empty string. */
export function escapeText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : String(value);
  return NEEDS_ESCAPE.test(text) ? text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char) : text;
}

/** What `<%= %>` does in every template: SafeHtml passes as it is, everything else is escaped. */
export function toMarkup(value: unknown): string {
  return value instanceof SafeHtml ? value.toString() : escapeText(value);
}

function toMarkupOrList(value: unknown): string {
  if (typeof value === 'string') return escapeText(value);
  if (value === false || value === null || value === undefined) return '';
  return Array.isArray(value) ? value.map(toMarkupOrList).join('') : toMarkup(value);
}

/**
 * Template tag that builds SafeHtml: interpolations are escaped unless they are SafeHtml, arrays are joined,
 * `false`, `null` and `undefined` print nothing (so that `${open && html`…`}` reads well).
 */
export function html(literals: TemplateStringsArray, ...values: unknown[]): SafeHtml {
  let markup = literals[0] ?? '';
  for (let index = 0; index < values.length; index += 1)
    markup += toMarkupOrList(values[index]) + (literals[index + 1] ?? '');
  return new SafeHtml(markup);
}

/**
 * HTML attributes from an object: `true` prints the bare name, `false`, `null` and `undefined` print nothing.
 * The result begins with a space when it is not empty, so it can follow a tag name directly.
 * @throws when a name is not a plain attribute name, so that names never come from outside.
 */
export function attributes(values: Record<string, unknown>): SafeHtml {
  let markup = '';
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (value === false || value === null || value === undefined) continue;
    if (!/^[a-z][a-z0-9:_.-]*$/i.test(name)) throw new Error(`Not an attribute name: ${name}`);
    markup += value === true ? ` ${name}` : ` ${name}="${escapeText(value)}"`;
  }
  return new SafeHtml(markup);
}
