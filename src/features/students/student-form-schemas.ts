/** Forms of a person's record. A field that a form does not hold is left as it is; one left empty is emptied. */
import { z } from 'zod';
import { isPostcode } from '../../shared/address.ts';
import { isCalendarDay } from '../../shared/dates.ts';
import { parseEmail } from '../../shared/email.ts';
import { holdsNir, parseNir } from '../../shared/nir.ts';
import { parseSinglePhone } from '../../shared/phone.ts';
import { STUDENT_STATUSES } from '../../shared/student-status.ts';
import { cleanText } from '../../shared/text.ts';

const NAME_LENGTH = 120;
/** What a hand may type before it is cleaned: spaces, invisible characters. */
const TYPED_LENGTH = 600;

const text = (maximum: number) =>
  z
    .string()
    .max(TYPED_LENGTH)
    .transform(cleanText)
    .refine((value) => value.length <= maximum, 'student-record.errors.too_long')
    .refine((value) => !holdsNir(value), 'errors.field.nir');

const line = (maximum: number) => text(maximum).transform((value) => value || null);

const name = text(NAME_LENGTH).refine((value) => value !== '', 'errors.field.required');

const email = z
  .string()
  .max(TYPED_LENGTH)
  .transform((typed, context): string | null => {
    const parsed = parseEmail(typed);
    if (parsed.ok) return parsed.email;
    context.addIssue({ code: 'custom', message: 'errors.field.email' });
    return z.NEVER;
  });

const day = z
  .string()
  .trim()
  .refine((value) => value === '' || isCalendarDay(value), 'errors.field.date')
  .transform((value) => value || null);

const box = z
  .string()
  .optional()
  .transform((value) => value === '1' || value === 'on');

const version = z.coerce.number().int().min(1);

/** What the form held when it was opened, to tell what its author changed. Only ever shown back to them. */
const original = z.string().max(20_000).optional();

const nir = z
  .string()
  .max(60)
  .transform((typed, context): string | null => {
    if (typed.trim() === '') return null;
    const parsed = parseNir(typed);
    if (parsed.ok) return parsed.nir;
    const message = parsed.code === 'NIR_KEY' ? 'student-record.errors.nir_key' : 'student-record.errors.nir_format';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

export const identityForm = z.strictObject({
  version,
  original,
  lastName: name.optional(),
  firstName: name.optional(),
  schoolEmail: email.optional(),
});

const contactFields = {
  birthDate: day.optional(),
  email: email.optional(),
  personalPhone: z.string().max(60).optional(),
  professionalPhone: z.string().max(60).optional(),
  street: line(255).optional(),
  postcode: line(16).optional(),
  city: line(120).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'errors.field.choice')
    .optional(),
};

interface TypedContact {
  readonly personalPhone?: string;
  readonly professionalPhone?: string;
  readonly postcode?: string | null;
  readonly country?: string;
}

/** Undefined: not in the form; null: empty; false: no number. The postcode tells the short numbers of some territories. */
function readPhone(typed: unknown, postcode: unknown): string | null | undefined | false {
  if (typeof typed !== 'string') return undefined;
  const parsed = parseSinglePhone(typed, { postcode: typeof postcode === 'string' ? postcode : null });
  return parsed.ok && parsed.phone;
}

const always = { when: () => true };
const asContact = (value: unknown): TypedContact => (typeof value === 'object' && value !== null ? value : {});

/** Rules that look at several fields; they run beside the others so that every fault is told at once. */
function withContactRules<Output extends TypedContact, Input>(schema: z.ZodType<Output, Input>) {
  return schema
    .refine((value) => readPhone(asContact(value).personalPhone, asContact(value).postcode) !== false, {
      ...always,
      path: ['personalPhone'],
      message: 'errors.field.phone',
    })
    .refine((value) => readPhone(asContact(value).professionalPhone, asContact(value).postcode) !== false, {
      ...always,
      path: ['professionalPhone'],
      message: 'errors.field.phone',
    })
    .refine(
      (value) => {
        const { postcode, country = 'FR' } = asContact(value);
        return !postcode || country !== 'FR' || isPostcode(postcode);
      },
      { ...always, path: ['postcode'], message: 'errors.field.postcode' },
    )
    .transform(({ personalPhone, professionalPhone, ...rest }) => {
      const phones = {
        personalPhone: readPhone(personalPhone, rest.postcode),
        professionalPhone: readPhone(professionalPhone, rest.postcode),
      };
      return {
        ...rest,
        ...(phones.personalPhone === undefined ? {} : { personalPhone: phones.personalPhone || null }),
        ...(phones.professionalPhone === undefined ? {} : { professionalPhone: phones.professionalPhone || null }),
      };
    });
}

export const contactForm = withContactRules(z.strictObject({ version, original, ...contactFields }));

export const studiesForm = z.strictObject({
  version,
  original,
  programme: line(191).optional(),
  cohort: line(120).optional(),
  create: box,
});

export const statusForm = z.strictObject({
  version,
  original,
  status: z.enum(STUDENT_STATUSES, 'errors.field.choice'),
  reason: text(255).refine((value) => value.length >= 3, 'student-record.errors.reason'),
});

export const nirForm = z.strictObject({ nir: nir.refine((value) => value !== null, 'errors.field.required') });

export const newStudentForm = withContactRules(
  z.strictObject({
    lastName: name,
    firstName: name,
    status: z.enum(STUDENT_STATUSES, 'errors.field.choice'),
    schoolEmail: email.optional(),
    programme: line(191).optional(),
    cohort: line(120).optional(),
    create: box,
    nir: nir.optional(),
    isSomeoneElse: box,
    ...contactFields,
  }),
);

/** Fields that tell who this may be: their typing asks again. */
export const TELLING_FIELDS = [
  'lastName',
  'firstName',
  'schoolEmail',
  'email',
  'personalPhone',
  'professionalPhone',
  'birthDate',
  'postcode',
  'nir',
] as const;

export type DraftField = (typeof TELLING_FIELDS)[number] | 'isSomeoneElse';

/** The same form half typed, for the warning: nothing is refused, what cannot be read is left out. */
export const draftStudentForm = z.object(
  Object.fromEntries(
    [...TELLING_FIELDS, 'isSomeoneElse'].map((field) => [field, z.string().max(TYPED_LENGTH).catch('').default('')]),
  ) as Record<DraftField, z.ZodDefault<z.ZodCatch<z.ZodString>>>,
);

export const archiveForm = z.strictObject({
  reason: text(255).refine((value) => value.length >= 3, 'student-record.errors.reason'),
});

/** The reason given for seeing a number: one of the list or one's own words, with a detail where the list says nothing. */
export const revealForm = z
  .strictObject({
    motif: text(200).refine((value) => value.length >= 5, 'student-record.errors.reveal_reason'),
    precision: line(200).optional(),
  })
  .refine(({ motif, precision }) => motif !== 'other' || (precision ?? '').length >= 5, {
    path: ['precision'],
    message: 'student-record.errors.reveal_reason',
  });

export const enrolmentForm = z.strictObject({
  programme: text(191).refine((value) => value !== '', 'errors.field.required'),
  cohort: line(120).optional(),
  create: box,
  startedOn: day.optional(),
  endedOn: day.optional(),
});

export const enrolmentChangeForm = z.strictObject({
  version,
  cohort: line(120).optional(),
  create: box,
  startedOn: day.optional(),
  endedOn: day.optional(),
});

const positionFields = {
  company: text(255).refine((value) => value !== '', 'errors.field.required'),
  companyChoice: line(40).optional(),
  title: line(160).optional(),
  startedOn: day.optional(),
  endedOn: day.optional(),
};

export const positionForm = z.strictObject(positionFields);
export const positionChangeForm = z.strictObject({ ...positionFields, version });
export const companySuggestionsQuery = z.object({ company: z.string().max(255).default('') });
export const graduationForm = z.strictObject({ version, graduatedOn: day.optional() });

export const historyQuery = z.object({
  apres: z
    .string()
    .regex(/^[0-9a-f-]{36}$/)
    .optional(),
});
