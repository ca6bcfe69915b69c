import { z } from 'zod';
import { holdsNir } from '../../shared/nir.ts';

/** The tag put on a record or taken off; its length is the service's to judge, beside its spelling. */
export const tagForm = z.strictObject({
  etiquette: z
    .string()
    .max(1_000)
    .refine((value) => !holdsNir(value), 'errors.field.nir'),
});

/** A tag that was refused, as the form of the record shows it again. */
export interface RefusedTag {
  readonly label: string;
  /** Already translated. */
  readonly error: string;
}

/** What was typed in a refused form of a tag, and why it was refused. */
export function refusedTag(problem: {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly formError: string | null;
}): RefusedTag {
  const typed = problem.values['etiquette'];
  return {
    label: typeof typed === 'string' ? typed : '',
    error: problem.errors['etiquette']?.[0] ?? problem.formError ?? '',
  };
}
