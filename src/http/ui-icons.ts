import { assetUrl } from './assets.ts';
import iconNames from './icon-names.json' with { type: 'json' };
import { attributes, html, type SafeHtml } from './safe-html.ts';

const known = new Set(iconNames);

export interface IconOptions {
  size?: 'sm' | 'lg' | 'xl';
  /** Read aloud; without it the icon is decoration, hidden from screen readers. */
  label?: string;
  /** Extra classes, from the template. */
  className?: string;
}

const plainIcons = new Map<string, { sprite: string; markup: SafeHtml }>();

function iconMarkup(name: string, sprite: string, options: IconOptions): SafeHtml {
  const className = ['icon', options.size && `icon-${options.size}`, options.className].filter(Boolean).join(' ');
  const voice = options.label ? { role: 'img', 'aria-label': options.label } : { 'aria-hidden': 'true' };
  return html`<svg${attributes({ class: className, ...voice })}><use href="${sprite}#${name}"/></svg>`;
}

/**
 * An icon of the sprite.
 * @throws when the name is not in `icon-names.json`: add it there, the next start rebuilds the sprite
 */
export function icon(name: string, options?: IconOptions): SafeHtml {
  if (!known.has(name)) throw new Error(`Icon "${name}" is not in src/http/icon-names.json`);
  const sprite = assetUrl('vendor/icons.svg');
  if (options) return iconMarkup(name, sprite, options);
  const kept = plainIcons.get(name);
  if (kept?.sprite === sprite) return kept.markup;
  const markup = iconMarkup(name, sprite, {});
  plainIcons.set(name, { sprite, markup });
  return markup;
}
