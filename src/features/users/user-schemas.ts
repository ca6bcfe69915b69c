import { z } from 'zod';
import { isEmail } from '../../shared/email.ts';
import { isId } from '../../shared/ids.ts';

const userSorts = ['nom', '-nom', 'connexion', '-connexion'] as const;
export type UserSort = (typeof userSorts)[number];

export const userStates = ['active', 'invited', 'disabled'] as const;
export type UserState = (typeof userStates)[number];

const optionalId = z
  .string()
  .optional()
  .transform((text) => (text !== undefined && isId(text) ? text : null))
  .catch(null);

/** What the address of the list holds; anything it does not know is as if it were not there. */
export const userListQuery = z.object({
  q: z.string().trim().max(200).catch(''),
  role: optionalId,
  etat: z.enum(userStates).nullable().catch(null),
  tri: z.enum(userSorts).catch('nom'),
  apres: z.string().max(500).nullable().catch(null),
  avant: z.string().max(500).nullable().catch(null),
});

export type UserListQuery = z.output<typeof userListQuery>;

/** One or several ids under one name; a conflict's choice posts them as one text. */
const ids = z.preprocess(
  (value) =>
    (Array.isArray(value) ? value : [value ?? ''])
      .flatMap((text) => String(text).split(','))
      .filter((text) => text !== ''),
  z.array(z.string().refine(isId)).max(200),
);

const account = {
  name: z.string().trim().min(1).max(120),
  email: z
    .string()
    .trim()
    .toLowerCase()
    .min(1)
    .max(191)
    .refine((text) => text === '' || isEmail(text), 'errors.field.email'),
  language: z.enum(['fr', 'en']),
  roles: ids,
  programmes: ids,
};

export const newUserForm = z.strictObject(account);
export const editUserForm = z.strictObject({ ...account, version: z.coerce.number().int().min(1) });

export type AccountFields = z.output<typeof newUserForm>;
