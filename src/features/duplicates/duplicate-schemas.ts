import { z } from 'zod';
import { versionField } from '../../http/forms.ts';
import { isId } from '../../shared/ids.ts';
import { MERGE_FIELDS } from './merge-fields.ts';

const kind = z.enum(['etudiants', 'entreprises']).optional().catch(undefined);
const side = z.enum(['first', 'second']);

/** Place in the queue: `92-<id>`. */
const place = z
  .string()
  .transform((text) => {
    const [score, ...id] = text.split('-');
    return /^\d{1,3}$/.test(score ?? '') && isId(id.join('-')) ? { score: Number(score), id: id.join('-') } : null;
  })
  .optional()
  .catch(undefined);

export const queueQuery = z.object({ type: kind, etat: z.enum(['ecartes']).optional().catch(undefined), apres: place });

export const mergesQuery = z.object({ type: kind });

export const compareQuery = z.object({ garder: side.optional().catch(undefined) });

const fieldNames = [...new Set(Object.values(MERGE_FIELDS).flatMap((fields) => fields.map(({ name }) => name)))];

/** The record that stays, the versions the page was made from, and the side taken for each field. */
export const mergeForm = z.strictObject({
  survivor: side,
  firstVersion: versionField,
  secondVersion: versionField,
  ...Object.fromEntries(fieldNames.map((name) => [`field_${name}`, side.optional()])),
});

const id = z.string().refine(isId);

export const findTwinQuery = z.object({
  type: z.enum(['etudiants', 'entreprises']),
  fiche: id,
  q: z.string().max(200).catch(''),
});

export const proposeForm = z.strictObject({ type: z.enum(['etudiants', 'entreprises']), fiche: id, autre: id });
