import { z } from 'zod';
import { checkbox, versionField } from '../../http/forms.ts';
import { HEADCOUNT_CODES, RELATION_STAGES } from './company-fields.ts';
import {
  countryField,
  emailField,
  lineOrNull,
  nafField,
  originalField,
  phoneField,
  postcodeField,
  requiredLine,
  sirenField,
  siretField,
  websiteField,
  withPostcodeRule,
} from './field-schemas.ts';

const identity = {
  name: requiredLine(255),
  siren: sirenField,
  sector: lineOrNull(120),
  nafCode: nafField,
  headcountCode: z
    .enum([...HEADCOUNT_CODES, ''])
    .nullish()
    .transform((code) => code || null),
  street: lineOrNull(255),
  postcode: postcodeField,
  city: lineOrNull(120),
  country: countryField,
};

const contact = { email: emailField, phone: phoneField, website: websiteField };

/** Beside the fields of a record that changes. */
const opened = { version: versionField, original: originalField };

const relation = { relationStage: z.enum(RELATION_STAGES), openToStudents: checkbox };

/** One schema a section of the record, what it was opened with beside the fields. */
export const companySectionForms = {
  identite: withPostcodeRule(z.strictObject({ ...identity, ...opened })),
  coordonnees: z.strictObject({ ...contact, ...opened }),
  relation: z.strictObject({ ...relation, ...opened }),
} as const;

/** A company made by hand; `despite` says that the look-alikes were seen. */
export const newCompanyForm = withPostcodeRule(
  z.strictObject({
    ...identity,
    ...contact,
    relationStage: relation.relationStage.optional(),
    openToStudents: checkbox,
    despite: checkbox,
  }),
);

/** What is being typed in the form of a new company: anything, complete or not. */
export const similarCompaniesQuery = z.object({
  name: z.string().max(510).catch(''),
  siren: z.string().max(60).catch(''),
  phone: z.string().max(60).catch(''),
  email: z.string().max(191).catch(''),
  postcode: z.string().max(32).catch(''),
});

export const archiveForm = z.strictObject({ reason: requiredLine(255) });

/** A place of business of a company. */
export const siteForm = withPostcodeRule(
  z.strictObject({
    label: requiredLine(160),
    siret: siretField,
    street: identity.street,
    postcode: identity.postcode,
    city: identity.city,
    country: identity.country,
    phone: phoneField,
    email: emailField,
    version: versionField.optional(),
    original: originalField,
  }),
);
