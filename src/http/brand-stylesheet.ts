import { AA_TEXT, adjustToContrast, mixColours, readableTextOn } from '../shared/contrast.ts';

/** The school's two colours, `#rrggbb`. Everything else on the screens is derived from them. */
export interface BrandColours {
  primary: string;
  accent: string;
}

/** The made-up charter of ACME School: deep ink blue and saffron. */
export const DEFAULT_BRAND_COLOURS: BrandColours = { primary: '#1d3461', accent: '#d98324' };

/** Surfaces of `public/css/app.css` that coloured text stands on; the darkest of the light ones, the lightest of the dark ones. */
const LIGHT_SURFACE = '#f3f5f9';
const DARK_SURFACE = '#1b2438';

/** The side navigation carries white text: a school colour too light for it is darkened, never refused. */
function navigationBackground(primary: string): string {
  return adjustToContrast(mixColours(primary, '#000000', 0.28), '#ffffff', 10);
}

/**
 * The CSS custom properties of `/charte.css`, for the light and the dark theme. Whatever the two colours are, text keeps
 * the contrast of WCAG AA: a colour that does not reach it is darkened or lightened in its own hue.
 * @throws RangeError when a colour is not `#rgb` or `#rrggbb`
 */
export function brandStylesheet(colours: BrandColours): string {
  const { primary, accent } = colours;
  const onLight = adjustToContrast(primary, LIGHT_SURFACE, AA_TEXT + 0.3);
  const onDark = adjustToContrast(primary, DARK_SURFACE, AA_TEXT + 1.5);
  const navigation = navigationBackground(primary);
  const themed = (light: string, dark: string) => `light-dark(${light}, ${dark})`;
  const properties: Record<string, string> = {
    '--brand-primary': themed(onLight, onDark),
    '--brand-primary-contrast': themed(readableTextOn(onLight), readableTextOn(onDark)),
    '--brand-primary-hover': themed(mixColours(onLight, '#000000', 0.18), mixColours(onDark, '#ffffff', 0.22)),
    '--brand-accent': accent,
    '--brand-accent-contrast': readableTextOn(accent),
    '--brand-accent-text': themed(
      adjustToContrast(accent, LIGHT_SURFACE, AA_TEXT + 0.3),
      adjustToContrast(accent, DARK_SURFACE, AA_TEXT + 0.3),
    ),
    '--brand-nav-bg': themed(navigation, mixColours(navigation, '#000000', 0.35)),
    '--brand-nav-raised': mixColours(navigation, '#ffffff', 0.09),
    '--brand-nav-text': adjustToContrast(mixColours(navigation, '#ffffff', 0.72), navigation, 7),
    '--brand-nav-marker': adjustToContrast(accent, navigation, AA_TEXT),
  };
  const lines = Object.entries(properties).map(([name, value]) => `  ${name}: ${value};`);
  return `:root {\n${lines.join('\n')}\n}\n`;
}
