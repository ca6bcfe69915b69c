import type { Language, Translate } from '../i18n/index.ts';
import { assetUrl } from './assets.ts';
import { attributes, html, type SafeHtml } from './safe-html.ts';
import { avatar, badge, identity, statusBadges, tag } from './ui-badges.ts';
import { icon } from './ui-icons.ts';
import { email, hiddenFields, href, partLink, phone } from './ui-links.ts';
import { tableRows } from './ui-rows.ts';
import { change, clip, highlight, time } from './ui-text.ts';

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };

function csrfField(token: string): SafeHtml {
  return html`<input type="hidden" name="_csrf" value="${token}">`;
}

function createUi(t: Translate, lang: Language) {
  const plainNumber = new Intl.NumberFormat(LOCALES[lang]);
  const percentage = new Intl.NumberFormat(LOCALES[lang], { style: 'percent', maximumFractionDigits: 1 });
  const mebibytes = new Intl.NumberFormat(LOCALES[lang], { maximumFractionDigits: 1 });
  return {
    icon,
    badge,
    tag,
    avatar,
    identity,
    statusBadge: statusBadges(t),
    highlight,
    clip,
    time,
    phone,
    email,
    href,
    hiddenFields,
    partLink,
    attributes,
    tableRows,
    csrfField,
    asset: assetUrl,
    /** `12 345` in French, `12,345` in English. */
    number: (value: number) => plainNumber.format(value),
    /** A share between 0 and 1: `12,5 %`. */
    percent: (share: number) => percentage.format(share),
    /** A size in bytes, in mebibytes for people. */
    megabytes: (bytes: number) => `${mebibytes.format(bytes / 1_048_576)} ${t('common.units.megabytes')}`,
    /** Before → after of one field. */
    change: (before: string | null, after: string | null) => change(before, after, t('common.empty_value')),
    /** What is shown where a field has no value. */
    nothing: html`<span class="nothing">${t('common.none')}</span>`,
    /** A value, or the mark of an absent one. */
    orNothing(value: string | SafeHtml | null | undefined): string | SafeHtml {
      return value === null || value === undefined || value === '' ? this.nothing : value;
    },
  };
}

/** Helpers of the templates: everything they return is text or SafeHtml. */
export type Ui = ReturnType<typeof createUi>;

const made = new WeakMap<Translate, Ui>();

/** The helpers of a language, made once per translation function. */
export function uiFor(t: Translate, lang: Language): Ui {
  let ui = made.get(t);
  if (!ui) {
    ui = createUi(t, lang);
    made.set(t, ui);
  }
  return ui;
}
