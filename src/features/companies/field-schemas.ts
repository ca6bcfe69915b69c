/** Fields of forms that hold a value with a rule of its own: read leniently, given on in the one form that is stored. */
import { z } from 'zod';
import { isPostcode } from '../../shared/address.ts';
import { parseEmail } from '../../shared/email.ts';
import { holdsNir } from '../../shared/nir.ts';
import { parseSinglePhone } from '../../shared/phone.ts';
import { companyDigits, isSiren, isSiret } from '../../shared/siren.ts';
import { cleanText } from '../../shared/text.ts';

/** The form as it was opened, carried by the form itself. */
export const originalField = z.string().max(20_000).optional();

/** A line of text, cleaned; null when left empty. `maximum` in characters. */
export const lineOrNull = (maximum: number) =>
  z
    .string()
    .max(maximum * 2)
    .nullish()
    .transform((text) => cleanText(text ?? '') || null)
    .refine((text) => text === null || text.length <= maximum, 'companies.errors.too_long')
    .refine((text) => text === null || !holdsNir(text), 'errors.field.nir');

/** A line of text, cleaned, that may not be empty. */
export const requiredLine = (maximum: number) =>
  z
    .string()
    .max(maximum * 2)
    .transform((text) => cleanText(text))
    .refine((text) => text !== '', 'errors.field.required')
    .refine((text) => text.length <= maximum, 'companies.errors.too_long')
    .refine((text) => !holdsNir(text), 'errors.field.nir');

/** Reads what was typed with a rule; an empty field is null, one the rule refuses is an error with that message. */
function read<Value>(maximum: number, rule: (text: string) => Value | undefined, message: string) {
  return z
    .string()
    .max(maximum)
    .nullish()
    .transform((typed, context): Value | null => {
      const text = cleanText(typed ?? '');
      if (text === '') return null;
      const value = rule(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
}

/** A telephone number in any writing, to E.164. */
export const phoneField = read(
  60,
  (text) => {
    const parsed = parseSinglePhone(text);
    return parsed.ok ? (parsed.phone ?? undefined) : undefined;
  },
  'errors.field.phone',
);

/** An e-mail address, lower-cased. */
export const emailField = read(
  191,
  (text) => {
    const parsed = parseEmail(text);
    return parsed.ok ? (parsed.email ?? undefined) : undefined;
  },
  'errors.field.email',
);

/** Nine digits that pass the register's check. */
export const sirenField = read(
  30,
  (text) => (isSiren(text) ? companyDigits(text) : undefined),
  'companies.errors.siren',
);

/** Fourteen digits that pass the register's check. */
export const siretField = read(
  40,
  (text) => (isSiret(text) ? companyDigits(text) : undefined),
  'companies.errors.siret',
);

/** A code of the activity nomenclature: `62.02A`, with or without its dot. */
export const nafField = read(
  10,
  (text) => {
    const found = /^(\d{2})[. ]?(\d{2}) ?([A-Z])$/i.exec(text);
    return found ? `${found[1]}.${found[2]}${found[3]?.toUpperCase()}` : undefined;
  },
  'companies.errors.naf',
);

/** An address of the web; `https://` is added when it was left out. */
export const websiteField = read(
  255,
  (text) => {
    const address = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
    if (!URL.canParse(address) || address.length > 255) return undefined;
    const { protocol, hostname } = new URL(address);
    return /^https?:$/.test(protocol) && /^[^.\s]+(\.[^.\s]+)+$/.test(hostname) ? address : undefined;
  },
  'errors.field.url',
);

/** A two-letter country code; France when left empty. */
export const countryField = z
  .string()
  .regex(/^[A-Z]{2}$/, 'errors.field.choice')
  .or(z.literal(''))
  .nullish()
  .transform((code) => code || 'FR');

/** A postcode: five digits in France, what the country uses elsewhere. */
export const postcodeField = lineOrNull(16);

/**
 * An address whose postcode must be one of its country: five digits in France. The rule runs beside those of each field, so
 * that every fault is told at once.
 */
export function withPostcodeRule<Output, Input>(schema: z.ZodType<Output, Input>) {
  return schema.refine(
    (address) => {
      const { postcode, country } = address as { postcode?: unknown; country?: unknown };
      if (typeof postcode !== 'string') return true;
      return country === 'FR' ? isPostcode(postcode) : /^[A-Za-z0-9 -]*$/.test(postcode);
    },
    { when: () => true, path: ['postcode'], message: 'errors.field.postcode' },
  );
}
