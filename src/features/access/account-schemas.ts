import { z } from 'zod';
import { mismatch, newPassword, sameTwice } from './sign-in-schemas.ts';

export const profileForm = z.strictObject({
  name: z.string().trim().min(1).max(120),
  language: z.enum(['fr', 'en']),
  theme: z.enum(['light', 'dark', 'auto']),
  version: z.coerce.number().int().min(1),
});

export const passwordForm = z
  .strictObject({ currentPassword: z.string().min(1).max(1000), ...newPassword })
  .refine(sameTwice, mismatch);

/** `retour` is not a field of the form: the page that asked is known. */
export const passwordProofForm = z.strictObject({ confirmPassword: z.string().min(1).max(1000) });

export const setupForm = passwordProofForm.extend({ code: z.string().trim().min(1).max(10) });

export const sessionParams = z.string().regex(/^[0-9a-f]{64}$/);
