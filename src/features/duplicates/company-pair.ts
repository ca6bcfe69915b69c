/** How likely two records are one company, and why. Pure. */
import { companyNameKey } from '../../shared/company-name.ts';
import { sirenOfSiret } from '../../shared/siren.ts';
import { ownMailDomain } from '../companies/index.ts';
import { lettersApart } from '../students/index.ts';
import { scored, type Comparison } from './person-pair.ts';

export interface CompanyRecord {
  readonly id: string;
  readonly name: string;
  /** Nine digits. */
  readonly siren: string | null;
  /** Numbers of its sites, fourteen digits each. */
  readonly sirets: readonly string[];
  readonly postcode: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly email: string | null;
  readonly website: string | null;
}

export type CompanyReason =
  | 'siren_of_site'
  | 'name'
  | 'spelling'
  | 'similar_name'
  | 'phone'
  | 'email'
  | 'domain'
  | 'website'
  | 'postcode'
  | 'other_siren';

const POINTS: Readonly<Record<CompanyReason, number>> = {
  siren_of_site: 70,
  name: 50,
  spelling: 48,
  similar_name: 28,
  phone: 60,
  email: 40,
  domain: 20,
  website: 30,
  postcode: 15,
  other_siren: -45,
};

/** Reasons that tell something of how to reach a company. */
export const COMPANY_CONTACT_REASONS: ReadonlySet<string> = new Set<CompanyReason>([
  'phone',
  'email',
  'domain',
  'website',
]);

export function compareCompanies(left: CompanyRecord, right: CompanyRecord): Comparison<CompanyReason> {
  const reasons: CompanyReason[] = [];
  const name = nameReason(left, right);
  if (name) reasons.push(name);
  if (hasSiteOf(left, right.siren) || hasSiteOf(right, left.siren)) reasons.push('siren_of_site');
  else if (left.siren !== null && right.siren !== null && left.siren !== right.siren) reasons.push('other_siren');
  if (left.phone !== null && left.phone === right.phone) reasons.push('phone');
  if (left.email !== null && left.email.toLowerCase() === right.email?.toLowerCase()) reasons.push('email');
  else if (isShared(ownMailDomain(left.email), ownMailDomain(right.email))) reasons.push('domain');
  if (isShared(hostOf(left.website), hostOf(right.website))) reasons.push('website');
  if (isShared(left.postcode, right.postcode)) reasons.push('postcode');
  return scored(reasons, POINTS);
}

const isShared = (left: string | null, right: string | null): boolean => left !== null && left === right;

function nameReason(left: CompanyRecord, right: CompanyRecord): CompanyReason | null {
  const [key, other] = [companyNameKey(left.name), companyNameKey(right.name)];
  if (key === '') return null;
  if (key === other) return left.name === right.name ? 'name' : 'spelling';
  const shortest = Math.min(key.length, other.length);
  const isClose = shortest >= 5 && (lettersApart(key, other, 1) <= 1 || key.startsWith(other) || other.startsWith(key));
  return isClose ? 'similar_name' : null;
}

function hasSiteOf({ sirets }: CompanyRecord, siren: string | null): boolean {
  return siren !== null && sirets.some((siret) => sirenOfSiret(siret) === siren);
}

/** `www.acme.fr` and `acme.fr` are one place. */
function hostOf(website: string | null): string | null {
  if (website === null || !URL.canParse(website)) return null;
  return new URL(website).hostname.replace(/^www\./, '').toLowerCase();
}
