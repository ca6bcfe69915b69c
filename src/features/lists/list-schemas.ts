/** Forms of lists. */
import { z } from 'zod';
import { listOf, requiredText } from '../../http/forms.ts';
import { isId } from '../../shared/ids.ts';
import { holdsNir } from '../../shared/nir.ts';
import { listKeys } from './urls.ts';

/** A page shows 100 rows at most; a selection made by hand holds a little more than some of them. */
const MOST_CHOSEN = 1_000;
const LONGEST_QUERY = 8_000;

const id = z.string().refine(isId);

/** Rows chosen on a list: those of `ids`, or all that answer `requete` when `tous` is set. */
const selectionFields = {
  ids: listOf(id).pipe(z.array(id).max(MOST_CHOSEN)).default([]),
  'ids[]': listOf(id).pipe(z.array(id).max(MOST_CHOSEN)).default([]),
  tous: z.string().max(1).optional(),
  requete: z.string().max(LONGEST_QUERY).default(''),
};

export const selectionForm = z.strictObject(selectionFields);

export const tagSelectionForm = z.strictObject({
  ...selectionFields,
  /** Absent: the form that asks for it is shown. */
  etiquette: z
    .string()
    .trim()
    .max(60, 'tags.label')
    .refine((label) => !holdsNir(label), 'errors.field.nir')
    .optional(),
  operation: z.enum(['ajouter', 'retirer']).default('ajouter'),
});

export type SelectionForm = z.output<typeof selectionForm>;

/** What a selection says of the rows; null: nothing was chosen. */
export function chosenRows(form: SelectionForm): { ids: readonly string[] | null; query: string } | null {
  if (form.tous === '1') return { ids: null, query: form.requete };
  const ids = [...new Set([...form.ids, ...form['ids[]']])];
  return ids.length > 0 ? { ids, query: '' } : null;
}

export const saveViewQuery = z.object({ liste: z.enum(listKeys as [string, ...string[]]) });

export const saveViewForm = z.strictObject({
  nom: requiredText(80),
  requete: z.string().max(LONGEST_QUERY).default(''),
  /** `moi`, or the id of a role. */
  portee: z
    .string()
    .default('moi')
    .refine((value) => value === 'moi' || isId(value)),
});
