import { z } from 'zod';
import { holdsNir } from '../../shared/nir.ts';
import { NOTE_LENGTH } from './note-service.ts';

/** The text is kept as typed, but for line ends: no trimming, no cleaning. */
const body = z
  .string('notes.errors.empty')
  .transform((text) => text.replace(/\r\n?/g, '\n'))
  .refine((text) => text.trim() !== '', 'notes.errors.empty')
  .refine((text) => text.length <= NOTE_LENGTH, 'notes.errors.too_long')
  .refine((text) => !holdsNir(text), 'errors.field.nir');

export const noteForm = z.strictObject({ body });

export const noteUpdateForm = z.strictObject({ body, version: z.coerce.number().int().min(1) });
