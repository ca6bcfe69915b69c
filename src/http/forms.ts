/** From a form's fields to what a service takes, or to what the form must show again. */
import { z } from 'zod';
import type { Translate } from '../i18n/index.ts';

/** Field → sentences, already translated. */
export type FieldErrors = Record<string, string[]>;

export type FormResult<Value> =
  | { readonly ok: true; readonly value: Value; readonly values: Record<string, string | string[]> }
  | {
      readonly ok: false;
      readonly values: Record<string, string | string[]>;
      readonly errors: FieldErrors;
      readonly formError: string | null;
    };

/** Fields of the transport, never of a form. */
const TRANSPORT_FIELDS = new Set(['_csrf', '_method']);
/** Never sent back to the page. */
const SECRET_FIELDS = /password|^code$|secret/i;

function plainFields(body: unknown): Record<string, string | string[]> {
  const values: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    if (TRANSPORT_FIELDS.has(name)) continue;
    if (typeof value === 'string') values[name] = value;
    else if (Array.isArray(value)) values[name] = value.map(String);
  }
  return values;
}

/** A schema says its messages as i18n keys; zod's own messages give a general sentence by kind of issue. */
function sentence(issue: z.core.$ZodIssue, t: Translate): string {
  if (/^[a-z][\w-]*(\.[\w-]+)+$/.test(issue.message)) return t(issue.message);
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' && Number(issue.minimum) <= 1
        ? t('errors.field.required')
        : t('errors.field.tooSmall', { minimum: Number(issue.minimum) });
    case 'too_big':
      return t('errors.field.tooLong', { maximum: Number(issue.maximum) });
    case 'invalid_type':
      return t('errors.field.required');
    default:
      return t('errors.field.invalid');
  }
}

/**
 * Reads a submitted body with a strict schema.
 * @returns the value, or every problem beside what was typed (passwords and codes left out)
 */
export function readFields<Schema extends z.ZodType>(
  body: unknown,
  schema: Schema,
  t: Translate,
): FormResult<z.output<Schema>> {
  const values = plainFields(body);
  const parsed = schema.safeParse(values);
  if (parsed.success) return { ok: true, value: parsed.data, values: withoutSecrets(values) };
  const errors: FieldErrors = {};
  let formError: string | null = null;
  for (const issue of parsed.error.issues) {
    if (issue.path.length === 0) {
      formError ??= issue.code === 'unrecognized_keys' ? t('errors.field.unexpected') : sentence(issue, t);
      continue;
    }
    const field = String(issue.path[0]);
    (errors[field] ??= []).push(sentence(issue, t));
  }
  return { ok: false, values: withoutSecrets(values), errors, formError };
}

function withoutSecrets(values: Record<string, string | string[]>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !SECRET_FIELDS.test(name)));
}

/** Schema of a form that has only a button. */
export const noFields = z.strictObject({});

/** A line of text: trimmed, an empty one is refused. `maximum` in characters. */
export const requiredText = (maximum: number) => z.string().trim().min(1).max(maximum);

/** A calendar day `YYYY-MM-DD` that exists, or null when left empty. */
export const optionalDay = z
  .string()
  .trim()
  .refine((text) => text === '' || isDay(text), 'errors.field.date')
  .transform((text) => (text === '' ? null : text))
  .nullish()
  .transform((text) => text ?? null);

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && day.getUTCFullYear() >= 1900;
}

/** A box: present or not. */
export const checkbox = z
  .string()
  .optional()
  .transform((value) => value !== undefined && value !== '');

/** The version of the record a form was filled from. */
export const versionField = z.coerce.number().int().min(1);

/** One or several values under one name. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value): unknown[] => {
    if (value === undefined) return [];
    return Array.isArray(value) ? (value as unknown[]) : [value];
  }, z.array(item));
