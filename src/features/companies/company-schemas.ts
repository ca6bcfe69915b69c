import { z } from 'zod';
import { checkbox, versionField } from '../../http/forms.ts';
import { HEADCOUNT_CODES, RELATION_STAGES } from './company-fields.ts';
import {
  checkPostcode,
  countryField,
  emailField,
  lineOrNull,
  nafField,
  phoneField,
  postcodeField,
  requiredLine,
  sirenField,
  siretField,
  websiteField,
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

const relation = { relationStage: z.enum(RELATION_STAGES), openToStudents: checkbox };

/** One schema a section of the record, the version beside the fields. */
export const companySectionForms = {
  identite: z.strictObject({ ...identity, version: versionField }).superRefine(checkPostcode),
  coordonnees: z.strictObject({ ...contact, version: versionField }),
  relation: z.strictObject({ ...relation, version: versionField }),
} as const;

/** A company made by hand; `despite` says that the look-alikes were seen. */
export const newCompanyForm = z
  .strictObject({
    ...identity,
    ...contact,
    relationStage: relation.relationStage.optional(),
    openToStudents: checkbox,
    despite: checkbox,
  })
  .superRefine(checkPostcode);

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
export const siteForm = z
  .strictObject({
    label: requiredLine(160),
    siret: siretField,
    street: identity.street,
    postcode: identity.postcode,
    city: identity.city,
    country: identity.country,
    phone: phoneField,
    email: emailField,
    version: versionField.optional(),
  })
  .superRefine(checkPostcode);
