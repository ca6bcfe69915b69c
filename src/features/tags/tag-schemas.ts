import { z } from 'zod';
import { holdsNir } from '../../shared/nir.ts';

/** The tag put on a record or taken off; its length is the service's to judge, beside its spelling. */
export const tagForm = z.strictObject({
  etiquette: z
    .string()
    .max(1_000)
    .refine((value) => !holdsNir(value), 'errors.field.nir'),
});
