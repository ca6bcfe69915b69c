import { z } from 'zod';

/** 0 while a setting has its default. */
const version = z.coerce.number().int().min(0);
const colour = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^#[0-9a-f]{6}$/, 'settings.errors.colour');
const percent = z.coerce
  .number('errors.field.number')
  .int('errors.field.number')
  .min(0)
  .max(100, 'settings.errors.percent');

export const brandForm = z.strictObject({
  schoolName: z.string().trim().min(1).max(80),
  productName: z.string().trim().min(1).max(80),
  primary: colour,
  accent: colour,
  version,
});

export const versionForm = z.strictObject({ version });

export const studentNumbersForm = z.strictObject({
  prefix: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{2}$/, 'settings.errors.prefix'),
  version,
});

export const undoForm = z.strictObject({
  days: z.coerce
    .number('errors.field.number')
    .int('errors.field.number')
    .min(1, 'settings.errors.days')
    .max(90, 'settings.errors.days'),
  version,
});

/** Shares of a batch, in whole per cent. */
export const importSafetyForm = z.strictObject({ rejectedShare: percent, rowDrop: percent, version });

/** Hours and minutes as a field of type time sends them. */
export const schedulesForm = z.strictObject({
  dailyImport: z
    .string()
    .trim()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'settings.errors.time'),
  version,
});

/** Colours being tried, before they are saved. */
export const previewQuery = z.object({
  primary: colour.optional().catch(undefined),
  accent: colour.optional().catch(undefined),
});
