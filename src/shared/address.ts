import type { RowErrorCode } from './issue-codes.ts';
import { cleanText } from './text.ts';

export interface PostalAddress {
  street: string;
  /** Five digits. */
  postcode: string;
  city: string;
}

export type AddressErrorCode = Extract<RowErrorCode, 'ADDRESS_FORMAT' | 'POSTCODE_FORMAT'>;

export type ParsedAddress = { ok: true; address: PostalAddress | null } | { ok: false; codes: AddressErrorCode[] };

/**
 * Reads `street, postcode, city` from the right: after the last comma the city, between the last two the postcode, the rest
 * (its own commas kept) the street. An empty cell is no address. An empty part is `ADDRESS_FORMAT` alone.
 * @see import rules §2 (case 3) and §7
 */
export function parsePostalAddress(cell: string): ParsedAddress {
  const text = cleanText(cell);
  if (text === '') return { ok: true, address: null };
  const lastComma = text.lastIndexOf(',');
  const middleComma = lastComma < 1 ? -1 : text.lastIndexOf(',', lastComma - 1);
  if (middleComma < 0) return { ok: false, codes: ['ADDRESS_FORMAT'] };

  const street = text.slice(0, middleComma).trim();
  const postcode = text.slice(middleComma + 1, lastComma).replaceAll(' ', '');
  const city = text.slice(lastComma + 1).trim();
  if (/^[, ]*$/.test(street) || postcode === '' || city === '') return { ok: false, codes: ['ADDRESS_FORMAT'] };
  if (!isPostcode(postcode)) return { ok: false, codes: ['POSTCODE_FORMAT'] };
  return { ok: true, address: { street, postcode, city } };
}

/** Whether a text is five digits, as every French postcode (Corsica's begin with 20, overseas ones with 97 or 98). */
export function isPostcode(text: string): boolean {
  return /^\d{5}$/.test(text);
}
