import { attributes, html, type SafeHtml } from './safe-html.ts';
import { icon } from './ui-icons.ts';

/** Colours with a meaning; the words always say it too. */
export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger' | 'accent' | 'violet';

export interface BadgeOptions {
  tone?: Tone;
  icon?: string;
  title?: string;
}

/** A small label. */
export function badge(label: string | number, options: BadgeOptions = {}): SafeHtml {
  const given = { class: `chip chip-${options.tone ?? 'neutral'}`, title: options.title };
  return html`<span${attributes(given)}>${options.icon && icon(options.icon)}${label}</span>`;
}

interface StatusLook {
  tone: Tone;
  icon?: string;
}

/** Look of each status by kind; its words are `common.status.<kind>.<value>`. */
const STATUS_LOOKS: Record<string, Record<string, StatusLook>> = {
  student: {
    prospect: { tone: 'accent' },
    en_fonction: { tone: 'info' },
    alumni: { tone: 'violet' },
  },
  batch: {
    reading: { tone: 'info', icon: 'loader-2' },
    ready: { tone: 'accent', icon: 'clipboard-check' },
    needs_confirmation: { tone: 'warning', icon: 'alert-triangle' },
    applying: { tone: 'info', icon: 'progress' },
    applied: { tone: 'success', icon: 'circle-check' },
    refused: { tone: 'danger', icon: 'ban' },
    failed: { tone: 'danger', icon: 'circle-x' },
    discarded: { tone: 'neutral', icon: 'x' },
    cancelling: { tone: 'info', icon: 'progress' },
    cancelled: { tone: 'neutral', icon: 'arrow-back-up' },
    dry_run: { tone: 'accent', icon: 'clipboard-check' },
  },
  outcome: {
    created: { tone: 'success', icon: 'plus' },
    updated: { tone: 'info', icon: 'pencil' },
    unchanged: { tone: 'neutral', icon: 'equal' },
    duplicate: { tone: 'neutral', icon: 'copy' },
    rejected: { tone: 'danger', icon: 'x' },
    missing: { tone: 'warning', icon: 'user-question' },
  },
  severity: {
    error: { tone: 'danger', icon: 'alert-circle' },
    warning: { tone: 'warning', icon: 'alert-triangle' },
  },
  user: {
    active: { tone: 'success' },
    invited: { tone: 'accent' },
    locked: { tone: 'danger', icon: 'lock' },
    disabled: { tone: 'neutral' },
  },
  record: {
    archived: { tone: 'neutral', icon: 'archive' },
    limited: { tone: 'warning', icon: 'shield-lock' },
    missing: { tone: 'warning', icon: 'user-question' },
    anomaly: { tone: 'warning', icon: 'alert-triangle' },
    conflict: { tone: 'danger', icon: 'exchange' },
  },
  job: {
    done: { tone: 'success', icon: 'circle-check' },
    running: { tone: 'info', icon: 'progress' },
    skipped: { tone: 'neutral', icon: 'minus' },
    failed: { tone: 'danger', icon: 'circle-x' },
  },
};

export type StatusBadge = (kind: string, value: string) => SafeHtml;

/**
 * Badges of the statuses of records, made once per language: a list shows hundreds of them.
 * An unknown status is shown in neutral colours, an unknown kind too.
 */
export function statusBadges(t: (key: string) => string): StatusBadge {
  const made = new Map<string, SafeHtml>();
  return (kind, value) => {
    const key = `${kind}.${value}`;
    const kept = made.get(key);
    if (kept) return kept;
    const look = STATUS_LOOKS[kind]?.[value] ?? { tone: 'neutral' };
    const mark = look.icon ? icon(look.icon) : html`<i class="chip-dot" aria-hidden="true"></i>`;
    const label = html`<span class="chip chip-status chip-${look.tone}">${mark}${t(`common.status.${key}`)}</span>`;
    made.set(key, label);
    return label;
  };
}

/** A tag, a link to what carries it when `href` is given. */
export function tag(label: string, options: { href?: string } = {}): SafeHtml {
  const content = html`${icon('tag')}${label}`;
  return options.href
    ? html`<a class="chip chip-tag" href="${options.href}">${content}</a>`
    : html`<span class="chip chip-tag">${content}</span>`;
}

/** First letters of the first and last words: "Anne Le Gall" gives "AG". */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s-]+/u)
    .filter(Boolean);
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  const letter = (word: string) => (Array.from(word)[0] ?? '').toLocaleUpperCase('fr');
  return letter(first) + letter(last);
}

const AVATAR_TONES = 8;

/** A disc with initials; the same name always has the same colour. Decorative: the name stands beside it. */
export function avatar(name: string, options: { size?: 'sm' | 'lg' | 'xl'; initials?: string } = {}): SafeHtml {
  let sum = 0;
  for (let index = 0; index < name.length; index += 1) sum = (sum * 31 + name.charCodeAt(index)) % 9973;
  return disc(sum % AVATAR_TONES, options.size ?? null, options.initials ?? initialsOf(name));
}

const discs = new Map<string, SafeHtml>();
/** Two letters and eight colours: a school has about this many, whatever the number of its people. */
const DISCS_KEPT = 8_192;

function disc(tone: number, size: string | null, letters: string): SafeHtml {
  const key = `${tone}${size ?? ''} ${letters}`;
  const kept = discs.get(key);
  if (kept) return kept;
  const made = html`<span class="disc disc-${tone}${size && ` disc-${size}`}" aria-hidden="true">${letters}</span>`;
  if (discs.size < DISCS_KEPT) discs.set(key, made);
  return made;
}

/** The main cell of a list: initials, name as a link, a line below. `name` may be the result of `ui.highlight`. */
export function identity(person: {
  href: string;
  name: string;
  label?: SafeHtml;
  detail?: string | SafeHtml | null;
  icon?: string;
}): SafeHtml {
  const mark = person.icon
    ? html`<span class="disc disc-square" aria-hidden="true">${icon(person.icon)}</span>`
    : avatar(person.name);
  const detail = person.detail && html`<span class="identity-detail">${person.detail}</span>`;
  return html`<span class="identity">${mark}<span class="identity-text"><a class="identity-name" href="${person.href}" data-row-link>${person.label ?? person.name}</a>${detail}</span></span>`;
}
