import { describe, expect, it } from 'vitest';
import { AA_TEXT, adjustToContrast, contrastRatio, isHexColour, readableTextOn } from '../../../src/shared/contrast.ts';

describe('contrastRatio', () => {
  // The ratios of WCAG's own examples and of common checkers.
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#777777', '#ffffff', 4.48],
    ['#767676', '#ffffff', 4.54],
    ['#0000ff', '#ffffff', 8.59],
    ['#f00', '#fff', 4],
  ])('of %s and %s is %d', (first, second, expected) => {
    expect(contrastRatio(first, second)).toBeCloseTo(expected, 1);
    expect(contrastRatio(second, first)).toBe(contrastRatio(first, second));
  });

  it.each(['red', '#12', '#12345g', '', '#1234'])('refuses %j', (colour) => {
    expect(isHexColour(colour)).toBe(false);
    expect(() => contrastRatio(colour, '#fff')).toThrow(RangeError);
  });
});

describe('adjustToContrast', () => {
  it('leaves a colour that is readable as it is', () => {
    expect(adjustToContrast('#1D3461', '#ffffff', AA_TEXT)).toBe('#1d3461');
  });

  it.each([
    ['#ffe100', '#ffffff'],
    ['#1d3461', '#151d2e'],
    ['#808080', '#808080'],
    ['#ff0000', '#ff0000'],
  ])('makes %s readable on %s', (colour, background) => {
    expect(contrastRatio(adjustToContrast(colour, background, AA_TEXT), background)).toBeGreaterThanOrEqual(AA_TEXT);
  });
});

describe('readableTextOn', () => {
  it.each([
    ['#1d3461', '#ffffff'],
    ['#ffe100', '#0b1220'],
  ])('of %s is %s', (background, text) => {
    expect(readableTextOn(background)).toBe(text);
  });
});
