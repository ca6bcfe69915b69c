import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brandStylesheet, DEFAULT_BRAND_COLOURS } from '../../../src/http/brand-stylesheet.ts';
import { projectRoot } from '../../../src/project-root.ts';
import { contrastRatio } from '../../../src/shared/contrast.ts';

/** The value of a custom property in the light and in the dark theme. */
function valuesOf(css: string, property: string): [light: string, dark: string] {
  const value = new RegExp(`${property}: ([^;]+);`).exec(css)?.[1] ?? '';
  const themed = /light-dark\((#\w+), (#\w+)\)/.exec(value);
  return themed ? [themed[1] ?? '', themed[2] ?? ''] : [value, value];
}

describe('the style sheet of a school', () => {
  const charters = [
    DEFAULT_BRAND_COLOURS,
    { primary: '#ffe100', accent: '#ff0000' },
    { primary: '#000000', accent: '#ffffff' },
    { primary: '#ffffff', accent: '#000000' },
    { primary: '#7f7f7f', accent: '#808080' },
    { primary: '#e4002b', accent: '#00b140' },
  ];

  it.each(charters)('keeps text readable (AA) whatever the colours: %j', (charter) => {
    const css = brandStylesheet(charter);
    const [primaryLight, primaryDark] = valuesOf(css, '--brand-primary');
    const [contrastLight, contrastDark] = valuesOf(css, '--brand-primary-contrast');
    const [navLight] = valuesOf(css, '--brand-nav-bg');
    const [navText] = valuesOf(css, '--brand-nav-text');
    const [accentLight, accentDark] = valuesOf(css, '--brand-accent-text');
    expect(contrastRatio(primaryLight, '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(primaryLight, '#f3f5f9')).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(primaryDark, '#1b2438')).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(primaryLight, contrastLight)).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(primaryDark, contrastDark)).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(accentLight, '#f3f5f9')).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(accentDark, '#1b2438')).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio(navText, navLight)).toBeGreaterThanOrEqual(4.5);
    expect(contrastRatio('#ffffff', navLight)).toBeGreaterThanOrEqual(7);
  });

  it('is what public/css/brand-default.css holds for the default charter', () => {
    const file = readFileSync(join(projectRoot, 'public', 'css', 'brand-default.css'), 'utf8');
    expect(file).toContain(brandStylesheet(DEFAULT_BRAND_COLOURS));
  });

  it('refuses what is not a colour', () => {
    expect(() => brandStylesheet({ primary: 'red', accent: '#fff' })).toThrow(RangeError);
  });
});
