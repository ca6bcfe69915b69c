/**
 * How likely two sets of facts are about one person: each fact they share makes it likelier, and is named so that people can
 * judge by themselves. Pure.
 */
import { foldText } from '../../shared/text.ts';

export interface PersonFacts {
  readonly lastName: string;
  readonly firstName: string;
  /** Every address known, lower case. */
  readonly emails: readonly string[];
  /** Every number known, E.164. */
  readonly phones: readonly string[];
  /** `YYYY-MM-DD`. */
  readonly birthDate?: string | null;
  readonly postcode?: string | null;
}

export type LikenessReason =
  | 'same_nir'
  | 'same_email'
  | 'same_phone'
  | 'same_name'
  | 'swapped_name'
  | 'similar_name'
  | 'same_birth_date'
  | 'same_postcode';

/** Chance that two records are one person when they share this alone. */
const WEIGHTS: Readonly<Record<LikenessReason, number>> = {
  same_nir: 1,
  same_email: 0.85,
  same_phone: 0.7,
  same_name: 0.6,
  swapped_name: 0.55,
  similar_name: 0.45,
  same_birth_date: 0.5,
  same_postcode: 0.15,
};

/** What proves nothing alone: half the people of a town share it. */
const SUPPORTING: ReadonlySet<LikenessReason> = new Set(['same_birth_date', 'same_postcode']);

export interface Likeness {
  /** 0 to 100. */
  readonly score: number;
  readonly reasons: readonly LikenessReason[];
}

/** Reasons that tell something of a person's contact details. */
export const CONTACT_REASONS: ReadonlySet<LikenessReason> = new Set([
  'same_email',
  'same_phone',
  'same_birth_date',
  'same_postcode',
]);

/** Number of single-letter changes (a swap of neighbours is one) between two texts, `limit + 1` when there are more. */
export function lettersApart(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let twoAgo: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, (twoAgo[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    if (Math.min(...current) > limit) return limit + 1;
    twoAgo = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}

const joined = (name: string): string => foldText(name).replaceAll(' ', '');

/** A slip of the keyboard, a missing second name: not another name. */
function isCloseName(left: string, right: string): boolean {
  if (left === right) return true;
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  if (short.length >= 4 && long.startsWith(short)) return true;
  return lettersApart(left, right, 2) <= (short.length >= 8 ? 2 : short.length >= 4 ? 1 : 0);
}

function nameReason(left: PersonFacts, right: PersonFacts): LikenessReason | null {
  const [last, first] = [joined(left.lastName), joined(left.firstName)];
  const [otherLast, otherFirst] = [joined(right.lastName), joined(right.firstName)];
  if (last === '' || first === '') return null;
  if (last === otherLast && first === otherFirst) return 'same_name';
  if (last === otherFirst && first === otherLast) return 'swapped_name';
  return isCloseName(last, otherLast) && isCloseName(first, otherFirst) ? 'similar_name' : null;
}

const share = (left: readonly string[], right: readonly string[]): boolean =>
  left.some((value) => value !== '' && right.includes(value));

/** The score that reasons give together: each leaves its own share of doubt. */
export function scoreOf(reasons: readonly LikenessReason[]): number {
  if (reasons.every((reason) => SUPPORTING.has(reason))) return 0;
  const doubt = reasons.reduce((product, reason) => product * (1 - WEIGHTS[reason]), 1);
  return Math.round(100 * (1 - doubt));
}

/** Compares two sets of facts; no score without something in common that counts. */
export function likeness(left: PersonFacts, right: PersonFacts): Likeness {
  const reasons: LikenessReason[] = [];
  if (share(left.emails, right.emails)) reasons.push('same_email');
  if (share(left.phones, right.phones)) reasons.push('same_phone');
  const name = nameReason(left, right);
  if (name) reasons.push(name);
  if (left.birthDate && left.birthDate === right.birthDate) reasons.push('same_birth_date');
  if (left.postcode && left.postcode === right.postcode) reasons.push('same_postcode');
  return { score: scoreOf(reasons), reasons };
}
