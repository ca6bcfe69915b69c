import {
  brandPalettes,
  DARK_SURFACE,
  LIGHT_SURFACE,
  type BrandColours,
  type BrandPalette,
} from '../../http/brand-stylesheet.ts';
import type { PageContext } from '../../http/render.ts';
import { AA_TEXT, contrastRatio } from '../../shared/contrast.ts';
import type { SettingName, SettingValue } from './settings-schema.ts';

type SettingValues = { readonly [Name in SettingName]: SettingValue<Name> };

type View = Pick<PageContext, 't' | 'lang'>;

/** One theme of the preview: a small page drawn with the colours that will be used. */
export interface PreviewTheme extends BrandPalette {
  readonly key: 'light' | 'dark';
  readonly label: string;
  readonly canvas: string;
  readonly surface: string;
  readonly ink: string;
  readonly line: string;
}

/** A place where a colour carries text, with the contrast it has there. */
export interface ContrastCheck {
  readonly label: string;
  readonly text: string;
  readonly background: string;
  /** `7,4 : 1` */
  readonly ratio: string;
  readonly isEnough: boolean;
  /** The colour chosen was darkened or lightened to stay readable. */
  readonly isAdapted: boolean;
}

const SURFACES = {
  light: { canvas: LIGHT_SURFACE, surface: '#ffffff', ink: '#1a2336', line: '#e1e6ef' },
  dark: { canvas: '#0e1422', surface: '#151d2e', ink: '#e7ebf4', line: '#293450' },
} as const;

/** The preview of two colours: both themes, and the contrast of every text on them. */
export function presentPreview(colours: BrandColours, { t, lang }: View) {
  const palettes = brandPalettes(colours);
  const number = new Intl.NumberFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const check = (key: string, text: string, background: string, chosen: string | null): ContrastCheck => {
    const ratio = contrastRatio(text, background);
    return {
      label: t(`settings.checks.${key}`),
      text,
      background,
      ratio: t('settings.checks.ratio', { ratio: number.format(Math.floor(ratio * 10) / 10) }),
      isEnough: ratio >= AA_TEXT,
      isAdapted: chosen !== null && chosen.toLowerCase() !== text,
    };
  };
  const { light, dark } = palettes;
  return {
    themes: (['light', 'dark'] as const).map((key): PreviewTheme => ({
      key,
      label: t(`settings.preview.${key}`),
      ...SURFACES[key],
      ...palettes[key],
    })),
    checks: [
      check('links_light', light.primary, LIGHT_SURFACE, colours.primary),
      check('links_dark', dark.primary, DARK_SURFACE, colours.primary),
      check('buttons', light.primaryContrast, light.primary, null),
      check('accent_light', light.accentText, LIGHT_SURFACE, colours.accent),
      check('accent_surface', light.accentContrast, light.accent, null),
      check('navigation', light.navigationText, light.navigation, null),
      check('navigation_marker', light.navigationMarker, light.navigation, colours.accent),
    ],
    primary: colours.primary,
    accent: colours.accent,
  };
}

/** Every setting as its form shows it. */
export function settingTexts({ brand, studentNumbers, undo, importSafety, schedules }: SettingValues) {
  const percent = (share: number): string => String(Math.round(share * 100));
  return {
    brand: {
      schoolName: brand.schoolName,
      productName: brand.productName,
      primary: brand.primary,
      accent: brand.accent,
    },
    studentNumbers: { prefix: studentNumbers.prefix },
    undo: { days: String(undo.days) },
    importSafety: { rejectedShare: percent(importSafety.rejectedShare), rowDrop: percent(importSafety.rowDrop) },
    schedules: { dailyImport: schedules.dailyImport },
  };
}

/** Both versions of a setting, for the component _conflict; none when nothing was typed. */
export function presentConflict(mine: Record<string, string>, saved: Record<string, string>, { t }: View) {
  return Object.entries(saved)
    .filter(([name]) => name in mine)
    .map(([name, theirs]) => ({
      name,
      label: t(`settings.fields.${name}`),
      mine: mine[name] ?? '',
      theirs,
      same: mine[name] === theirs,
    }));
}
