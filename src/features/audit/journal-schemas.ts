import { z } from 'zod';
import { isId } from '../../shared/ids.ts';

const id = z
  .string()
  .refine((text) => text === '' || isId(text))
  .transform((text) => text || null)
  .default(null);
const day = z
  .string()
  .refine((text) => text === '' || (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))))
  .transform((text) => text || null)
  .default(null);
const word = z
  .string()
  .max(64)
  .regex(/^[\w.-]*$/)
  .transform((text) => text || null)
  .default(null);

/** Filters of the journal, as its address holds them. */
export const journalQuery = z.object({
  q: z.string().max(200).default(''),
  action: word,
  acteur: word,
  objet: word,
  fiche: id,
  du: day,
  au: day,
  tri: z.enum(['date', '-date']).catch('-date'),
  apres: id,
  avant: id,
});

export type JournalQuery = z.output<typeof journalQuery>;
