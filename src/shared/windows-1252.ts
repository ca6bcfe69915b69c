/**
 * The Windows-1252 table, written out: Node 20's TextDecoder('windows-1252') turns œ, ’ and – into control characters.
 * @see import rules §7
 */

/** Code points of the bytes 0x80–0x9F. The five bytes the page leaves undefined stand for the control of the same number. */
const HIGH_CONTROLS = [
  0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d,
  0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,
  0x017e, 0x0178,
] as const;

const UNDEFINED_BYTES: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

const byteOfCodePoint: ReadonlyMap<number, number> = new Map(
  HIGH_CONTROLS.map((codePoint, index) => [codePoint, 0x80 + index]),
);

/**
 * Decodes Windows-1252 bytes.
 * @returns the text and whether every byte is defined in the page (a text file that holds undefined bytes is not one)
 */
export function decodeWindows1252(bytes: Uint8Array): { text: string; wellFormed: boolean } {
  const parts: string[] = [];
  const chunk = new Uint16Array(8192);
  let wellFormed = true;
  for (let start = 0; start < bytes.length; start += chunk.length) {
    const end = Math.min(start + chunk.length, bytes.length);
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte >= 0x80 && byte <= 0x9f) {
        if (UNDEFINED_BYTES.has(byte)) wellFormed = false;
        chunk[index - start] = HIGH_CONTROLS[byte - 0x80] ?? byte;
      } else {
        chunk[index - start] = byte;
      }
    }
    parts.push(String.fromCharCode(...chunk.subarray(0, end - start)));
  }
  return { text: parts.join(''), wellFormed };
}

/** The Windows-1252 byte of a character, or null when the page has no such character. */
export function windows1252ByteOf(codePoint: number): number | null {
  if (codePoint < 0x80 || (codePoint >= 0xa0 && codePoint <= 0xff)) return codePoint;
  return byteOfCodePoint.get(codePoint) ?? (codePoint >= 0x80 && codePoint <= 0x9f ? codePoint : null);
}
