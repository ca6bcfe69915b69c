import { z } from 'zod';
import { checkbox, optionalDay, versionField } from '../../http/forms.ts';
import { isId } from '../../shared/ids.ts';
import { cleanText } from '../../shared/text.ts';
import { CONTACT_ROLES } from './contact-fields.ts';
import { emailField, lineOrNull, originalField, phoneField, requiredLine } from './field-schemas.ts';

const contact = {
  lastName: requiredLine(120),
  firstName: lineOrNull(120),
  jobTitle: lineOrNull(160),
  contactRole: z.enum(CONTACT_ROLES, 'errors.field.choice'),
  siteId: z
    .string()
    .refine((id) => id === '' || isId(id), 'errors.field.choice')
    .nullish()
    .transform((id) => id || null),
  email: emailField,
  phone: phoneField,
  mobilePhone: phoneField,
  optedOut: checkbox,
  lastContactOn: optionalDay,
  /** The former student behind the contact; absent when the page did not ask. */
  studentNumber: z
    .string()
    .max(40)
    .optional()
    .transform((text) => (text === undefined ? undefined : cleanText(text).replaceAll(' ', '').toUpperCase() || null)),
};

/** A contact made by hand; `despite` says that the look-alikes were seen. */
export const newContactForm = z.strictObject({ ...contact, despite: checkbox });

const halfTyped = (longest: number) => z.string().max(longest).catch('').default('');

/** The same form half typed, for the warning: nothing is refused, what cannot be read is left out. */
export const draftContactForm = z.object({
  lastName: halfTyped(240),
  firstName: halfTyped(240),
  email: halfTyped(191),
  despite: halfTyped(1),
});

export const contactForm = z.strictObject({ ...contact, version: versionField, original: originalField });
