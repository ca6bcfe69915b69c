/**
 * The fields of a company, the group each belongs to, and which groups an actor may read or change: the one place every
 * query, page, export and history takes it from.
 * identity: what the register says, seat included · contact: e-mail, phone, website · relation: stage, openness to students
 * @see docs/decisions/003-rights.md
 */
import { fieldGroupsOf, type Actor } from '../../shared/actor.ts';

export type CompanyFieldGroup = 'identity' | 'contact' | 'relation';

const COMPANY_FIELD_GROUPS: readonly CompanyFieldGroup[] = ['identity', 'contact', 'relation'];

/** What people type and read. */
export interface CompanyValues {
  readonly name: string;
  /** Nine digits. */
  readonly siren: string | null;
  readonly sector: string | null;
  /** `62.02A`. */
  readonly nafCode: string | null;
  /** Size class of the register: `11` is 10 to 19 employees. */
  readonly headcountCode: string | null;
  readonly street: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly email: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly website: string | null;
  readonly relationStage: RelationStage;
  readonly openToStudents: boolean;
}

export type CompanyField = keyof CompanyValues;

/** Each field with its group and its column. The name is what makes a row a row: whoever reads companies reads it. */
export const COMPANY_FIELDS: Readonly<Record<CompanyField, { group: CompanyFieldGroup; column: string }>> = {
  name: { group: 'identity', column: 'name' },
  siren: { group: 'identity', column: 'siren' },
  sector: { group: 'identity', column: 'sector' },
  nafCode: { group: 'identity', column: 'naf_code' },
  headcountCode: { group: 'identity', column: 'headcount_code' },
  street: { group: 'identity', column: 'street' },
  postcode: { group: 'identity', column: 'postcode' },
  city: { group: 'identity', column: 'city' },
  country: { group: 'identity', column: 'country' },
  email: { group: 'contact', column: 'email' },
  phone: { group: 'contact', column: 'phone' },
  website: { group: 'contact', column: 'website' },
  relationStage: { group: 'relation', column: 'relation_stage' },
  openToStudents: { group: 'relation', column: 'open_to_students' },
};

export const companyFieldNames = Object.keys(COMPANY_FIELDS) as CompanyField[];

/** Where the school's relation with a company stands, from first idea to partner. */
export const RELATION_STAGES = [
  'suspect',
  'contacted',
  'meeting',
  'partner',
  'key_partner',
  'dormant',
  'blocked',
] as const;

export type RelationStage = (typeof RELATION_STAGES)[number];

/** Size classes of the national register, from "no employee" to "10 000 and more". */
export const HEADCOUNT_CODES = [
  '00',
  '01',
  '02',
  '03',
  '11',
  '12',
  '21',
  '22',
  '31',
  '32',
  '41',
  '42',
  '51',
  '52',
  '53',
] as const;

/** Field groups of companies the actor may read. */
export function readableCompanyGroups(actor: Actor): ReadonlySet<CompanyFieldGroup> {
  if (actor.type !== 'user') return new Set(COMPANY_FIELD_GROUPS);
  return fieldGroupsOf(actor, 'companies.read', 'all') as ReadonlySet<CompanyFieldGroup>;
}

/** Field groups of companies the actor may change: nobody changes what they may not see. */
export function editableCompanyGroups(actor: Actor): ReadonlySet<CompanyFieldGroup> {
  if (actor.type !== 'user') return new Set(COMPANY_FIELD_GROUPS);
  const readable = readableCompanyGroups(actor);
  const editable = fieldGroupsOf(actor, 'companies.update', 'all') as ReadonlySet<CompanyFieldGroup>;
  return new Set([...editable].filter((group) => readable.has(group)));
}

/** Fields of a company the actor may read, the name always among them. */
export function readableCompanyFields(actor: Actor): CompanyField[] {
  const groups = readableCompanyGroups(actor);
  return companyFieldNames.filter((field) => field === 'name' || groups.has(COMPANY_FIELDS[field].group));
}
