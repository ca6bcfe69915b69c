import { AA_TEXT, adjustToContrast, mixColours, readableTextOn } from '../shared/contrast.ts';

/** The school's two colours, `#rrggbb`. Everything else on the screens is derived from them. */
export interface BrandColours {
  primary: string;
  accent: string;
}

/** The made-up charter of ACME School: deep ink blue and saffron. */
export const DEFAULT_BRAND_COLOURS: BrandColours = { primary: '#1d3461', accent: '#d98324' };

/** The colours one theme makes of the school's. */
export interface BrandPalette {
  /** Links, buttons; the colour of text on buttons; buttons under the pointer. */
  readonly primary: string;
  readonly primaryContrast: string;
  readonly primaryHover: string;
  /** The accent as a surface, text on it, and the accent as text. */
  readonly accent: string;
  readonly accentContrast: string;
  readonly accentText: string;
  readonly navigation: string;
  readonly navigationRaised: string;
  readonly navigationText: string;
  readonly navigationMarker: string;
}

/** Surfaces of `public/css/tokens.css` that coloured text stands on; the darkest of the light ones, the lightest of the dark ones. */
export const LIGHT_SURFACE = '#f3f5f9';
export const DARK_SURFACE = '#1b2438';

/** The side navigation carries white text: a school colour too light for it is darkened, never refused. */
function navigationBackground(primary: string): string {
  return adjustToContrast(mixColours(primary, '#000000', 0.28), '#ffffff', 10);
}

/**
 * What both themes make of the school's colours. Whatever these are, text keeps the contrast of WCAG AA: a colour that does not
 * reach it is darkened or lightened in its own hue.
 * @throws RangeError when a colour is not `#rgb` or `#rrggbb`
 */
export function brandPalettes({ primary, accent }: BrandColours): { light: BrandPalette; dark: BrandPalette } {
  const onLight = adjustToContrast(primary, LIGHT_SURFACE, AA_TEXT + 0.3);
  const onDark = adjustToContrast(primary, DARK_SURFACE, AA_TEXT + 1.5);
  const navigation = navigationBackground(primary);
  const shared = {
    accent,
    accentContrast: readableTextOn(accent),
    navigationRaised: mixColours(navigation, '#ffffff', 0.09),
    navigationText: adjustToContrast(mixColours(navigation, '#ffffff', 0.72), navigation, 7),
    navigationMarker: adjustToContrast(accent, navigation, AA_TEXT),
  };
  return {
    light: {
      ...shared,
      primary: onLight,
      primaryContrast: readableTextOn(onLight),
      primaryHover: mixColours(onLight, '#000000', 0.18),
      accentText: adjustToContrast(accent, LIGHT_SURFACE, AA_TEXT + 0.3),
      navigation,
    },
    dark: {
      ...shared,
      primary: onDark,
      primaryContrast: readableTextOn(onDark),
      primaryHover: mixColours(onDark, '#ffffff', 0.22),
      accentText: adjustToContrast(accent, DARK_SURFACE, AA_TEXT + 0.3),
      navigation: mixColours(navigation, '#000000', 0.35),
    },
  };
}

/**
 * The CSS custom properties of `/charte.css`, for the light and the dark theme.
 * @throws RangeError when a colour is not `#rgb` or `#rrggbb`
 */
export function brandStylesheet(colours: BrandColours): string {
  const { light, dark } = brandPalettes(colours);
  const themed = (name: keyof BrandPalette) => `light-dark(${light[name]}, ${dark[name]})`;
  const properties: Record<string, string> = {
    '--brand-primary': themed('primary'),
    '--brand-primary-contrast': themed('primaryContrast'),
    '--brand-primary-hover': themed('primaryHover'),
    '--brand-accent': light.accent,
    '--brand-accent-contrast': light.accentContrast,
    '--brand-accent-text': themed('accentText'),
    '--brand-nav-bg': themed('navigation'),
    '--brand-nav-raised': light.navigationRaised,
    '--brand-nav-text': light.navigationText,
    '--brand-nav-marker': light.navigationMarker,
  };
  const lines = Object.entries(properties).map(([name, value]) => `  ${name}: ${value};`);
  return `:root {\n${lines.join('\n')}\n}\n`;
}
