/**
 * How likely two records are one person, and why: each thing they share or that sets them apart is named, so that people can
 * judge by themselves. Pure.
 */
import { foldText } from '../../shared/text.ts';
import { lettersApart } from '../students/index.ts';

export interface PersonRecord {
  readonly id: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly email: string | null;
  readonly schoolEmail: string | null;
  /** E.164. */
  readonly personalPhone: string | null;
  readonly professionalPhone: string | null;
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | null;
  readonly postcode: string | null;
  readonly hasNir: boolean;
}

export type PersonReason =
  | 'same_name'
  | 'accent_name'
  | 'swapped_name'
  | 'similar_name'
  | 'same_first_name'
  | 'other_first_name'
  | 'same_mobile'
  | 'same_phone'
  | 'same_email'
  | 'same_birth_date'
  | 'same_postcode'
  | 'other_birth_date'
  | 'two_nirs';

/** What each reason adds; what sets two records apart takes away. */
const POINTS: Readonly<Record<PersonReason, number>> = {
  same_name: 45,
  accent_name: 45,
  swapped_name: 38,
  similar_name: 30,
  same_first_name: 18,
  // A household shares its phones and its address; first names tell its members apart.
  other_first_name: -25,
  same_mobile: 46,
  same_phone: 30,
  same_email: 48,
  same_birth_date: 35,
  same_postcode: 15,
  other_birth_date: -45,
  // A number is one person's: two of them are two persons, or one of them is mistyped.
  two_nirs: -40,
};

/** From here on a pair is proposed: a name and a town, a mobile and a first name. */
export const PROPOSED_FROM = 60;

/** Reasons that tell something of how to reach a person. */
export const CONTACT_REASONS: ReadonlySet<string> = new Set<PersonReason>([
  'same_mobile',
  'same_phone',
  'same_email',
  'same_birth_date',
  'same_postcode',
  'other_birth_date',
]);

export interface Comparison<Reason extends string> {
  /** 0 to 100. */
  readonly score: number;
  /** Most telling first; what sets apart last. */
  readonly reasons: readonly Reason[];
}

export function comparePersons(left: PersonRecord, right: PersonRecord): Comparison<PersonReason> {
  const reasons: PersonReason[] = [nameReason(left, right)];
  const phone = sharedValue(phonesOf(left), phonesOf(right));
  if (phone) reasons.push(isFrenchMobile(phone) ? 'same_mobile' : 'same_phone');
  if (sharedValue(emailsOf(left), emailsOf(right))) reasons.push('same_email');
  if (left.birthDate !== null && right.birthDate !== null)
    reasons.push(left.birthDate === right.birthDate ? 'same_birth_date' : 'other_birth_date');
  if (left.postcode !== null && left.postcode === right.postcode) reasons.push('same_postcode');
  if (left.hasNir && right.hasNir) reasons.push('two_nirs');
  return scored(reasons, POINTS);
}

/** Adds up what reasons are worth, within 0 and 100, and puts the most telling first. */
export function scored<Reason extends string>(
  reasons: readonly Reason[],
  points: Readonly<Record<Reason, number>>,
): Comparison<Reason> {
  const score = reasons.reduce((sum, reason) => sum + points[reason], 0);
  return {
    score: Math.max(0, Math.min(100, score)),
    reasons: [...reasons].sort((one, other) => points[other] - points[one]),
  };
}

const letters = (text: string): string => foldText(text).replaceAll(' ', '');

function nameReason(left: PersonRecord, right: PersonRecord): PersonReason {
  const [last, first] = [letters(left.lastName), letters(left.firstName)];
  const [otherLast, otherFirst] = [letters(right.lastName), letters(right.firstName)];
  if (last === otherLast && first === otherFirst)
    return left.lastName === right.lastName && left.firstName === right.firstName ? 'same_name' : 'accent_name';
  if (last === otherFirst && first === otherLast) return 'swapped_name';
  if (isSlip(last, otherLast) && isSlip(first, otherFirst)) return 'similar_name';
  return first === otherFirst ? 'same_first_name' : 'other_first_name';
}

/** One letter more, less, other or moved, but for the first one, in a name long enough for that to be a slip. */
function isSlip(name: string, other: string): boolean {
  return (
    name === other ||
    (Math.min(name.length, other.length) >= 4 && name[0] === other[0] && lettersApart(name, other, 1) <= 1)
  );
}

function phonesOf({ personalPhone, professionalPhone }: PersonRecord): string[] {
  return [personalPhone, professionalPhone].filter((phone) => phone !== null);
}

function emailsOf({ email, schoolEmail }: PersonRecord): string[] {
  return [email, schoolEmail].flatMap((address) => (address === null ? [] : [address.toLowerCase()]));
}

function sharedValue(left: readonly string[], right: readonly string[]): string | null {
  return left.find((value) => right.includes(value)) ?? null;
}

/** A mobile is one person's, a landline a household's. Overseas mobiles are in blocks of their own. */
function isFrenchMobile(phone: string): boolean {
  return /^\+33[67]|^\+(?:590690|590691|594694|596696|596697|262692|262693|262639)/.test(phone);
}
