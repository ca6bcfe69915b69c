/**
 * Contrast of colours as WCAG 2.2 measures it. Colours are `#rgb` or `#rrggbb`, ratios go from 1 to 21.
 * @see WCAG 2.2, success criterion 1.4.3 and the definitions of "contrast ratio" and "relative luminance"
 */

/** Minimum ratio of level AA for text. */
export const AA_TEXT = 4.5;

type Rgb = readonly [red: number, green: number, blue: number];

/** True for `#rgb` and `#rrggbb`, in either case. */
export function isHexColour(value: string): boolean {
  return /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(value);
}

function parseHex(colour: string): Rgb {
  if (!isHexColour(colour)) throw new RangeError(`Not a hex colour: ${colour}`);
  const digits = colour.slice(1);
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const channel = (start: number) => Number.parseInt(full.slice(start, start + 2), 16);
  return [channel(0), channel(2), channel(4)];
}

function toHex(rgb: Rgb): string {
  return `#${rgb.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** @throws RangeError when a colour is not `#rgb` or `#rrggbb` */
export function contrastRatio(first: string, second: string): number {
  const [low, high] = [luminance(parseHex(first)), luminance(parseHex(second))].sort((a, b) => a - b);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

/** A mix of two colours: `share` 0 gives the first, 1 the second. */
export function mixColours(first: string, second: string, share: number): string {
  const from = parseHex(first);
  const to = parseHex(second);
  const at = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * share;
  return toHex([at(0), at(1), at(2)]);
}

/** White or a near-black ink, whichever reads better on the background. */
export function readableTextOn(background: string): '#ffffff' | '#0b1220' {
  return contrastRatio('#ffffff', background) >= contrastRatio('#0b1220', background) ? '#ffffff' : '#0b1220';
}

/** Hue, saturation and lightness, each from 0 to 1. */
function toHsl(rgb: Rgb): [hue: number, saturation: number, lightness: number] {
  const [red, green, blue] = [rgb[0] / 255, rgb[1] / 255, rgb[2] / 255];
  const high = Math.max(red, green, blue);
  const low = Math.min(red, green, blue);
  const lightness = (high + low) / 2;
  const range = high - low;
  if (range === 0) return [0, 0, lightness];
  const saturation = range / (1 - Math.abs(2 * lightness - 1));
  let sector = (red - green) / range + 4;
  if (high === red) sector = ((green - blue) / range + 6) % 6;
  else if (high === green) sector = (blue - red) / range + 2;
  return [sector / 6, saturation, lightness];
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const position = (offset + hue * 12) % 12;
    return 255 * (lightness - spread * Math.max(-1, Math.min(position - 3, 9 - position, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/**
 * The colour itself when it reaches the ratio on the background, else the nearest one of the same hue that does,
 * darkened on a light background and lightened on a dark one. Black or white when none does.
 */
export function adjustToContrast(colour: string, background: string, ratio: number): string {
  if (contrastRatio(colour, background) >= ratio) return colour.toLowerCase();
  const [hue, saturation, lightness] = toHsl(parseHex(colour));
  const step = readableTextOn(background) === '#ffffff' ? 0.005 : -0.005;
  for (let light = lightness; light >= 0 && light <= 1; light += step) {
    const candidate = toHex(fromHsl(hue, saturation, light));
    if (contrastRatio(candidate, background) >= ratio) return candidate;
  }
  return step > 0 ? '#ffffff' : '#000000';
}
