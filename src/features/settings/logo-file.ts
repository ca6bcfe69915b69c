/** A logo as it is kept: its type told by its content, never by its name. */
import { RuleViolation } from '../../shared/errors.ts';
import { readSvg } from './svg-logo.ts';

/** 300 KiB: shown on every page and kept with the settings. */
export const LOGO_MAX_BYTES = 300 * 1024;
const MAX_PIXELS = 4_000;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A comment ends where it first can: were there two ways to read a row of them, there would be two to the power of their number. */
const BEGINS_AS_SVG = /^(?:\ufeff|\s|<\?xml[^<>]*\?>|<!--(?:(?!-->)[^])*-->|<!DOCTYPE[^<>]*>)*<svg[\s>]/;

const refusal = (reason: 'empty' | 'size' | 'type' | 'pixels' | 'svg_broken' | 'svg_active'): RuleViolation =>
  new RuleViolation('LOGO_REFUSED', `settings.errors.logo_${reason}`, {
    fields: { logo: `settings.errors.logo_${reason}` },
  });

/**
 * A logo as a data address.
 * @throws RuleViolation LOGO_REFUSED on the field logo: empty, above 300 KiB, neither PNG nor SVG, or an SVG that could act
 */
export function readLogo(bytes: Buffer): string {
  if (bytes.length === 0) throw refusal('empty');
  if (bytes.length > LOGO_MAX_BYTES) throw refusal('size');
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) {
    const isComplete = bytes.length > 33 && bytes.toString('latin1', 12, 16) === 'IHDR';
    if (!isComplete) throw refusal('type');
    if (bytes.readUInt32BE(16) > MAX_PIXELS || bytes.readUInt32BE(20) > MAX_PIXELS) throw refusal('pixels');
    return `data:image/png;base64,${bytes.toString('base64')}`;
  }
  if (!BEGINS_AS_SVG.test(bytes.toString('utf8'))) throw refusal('type');
  const drawing = readSvg(bytes);
  if (!drawing.ok) throw refusal(`svg_${drawing.problem}`);
  return `data:image/svg+xml;base64,${Buffer.from(drawing.svg).toString('base64')}`;
}
