import { z } from 'zod';
import { isId } from '../../shared/ids.ts';
import { readRight } from './role-rights.ts';

/** Ticked boxes; a conflict's choice posts them as one text. */
const rights = z.preprocess(
  (value) =>
    (Array.isArray(value) ? value : [value ?? ''])
      .flatMap((text) => String(text).split(','))
      .filter((text) => text !== ''),
  z.array(z.string().refine((key) => readRight(key) !== null, 'errors.field.choice')).max(1000),
);

const role = {
  label: z.string().trim().min(1).max(80),
  description: z.string().trim().max(255).default(''),
  requiresSecondFactor: z
    .string()
    .optional()
    .transform((value) => value === '1'),
  droits: rights,
};

export const newRoleForm = z.strictObject(role);
export const editRoleForm = z.strictObject({ ...role, version: z.coerce.number().int().min(1) });

export type RoleFields = z.output<typeof newRoleForm>;

export const newRoleQuery = z.object({
  modele: z
    .string()
    .optional()
    .transform((text) => (text !== undefined && isId(text) ? text : null))
    .catch(null),
});
