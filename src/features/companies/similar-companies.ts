/** Which companies look like one being typed: the warning that keeps a duplicate from being made. */
import { Prisma, type Reader } from '../../db/client.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { isEmail } from '../../shared/email.ts';
import { parseSinglePhone } from '../../shared/phone.ts';
import { companyDigits, isSiren } from '../../shared/siren.ts';
import { cleanText } from '../../shared/text.ts';

/** What is known so far of the company being typed, complete or not. */
export interface CompanyDraft {
  readonly name?: string | null;
  readonly siren?: string | null;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly postcode?: string | null;
}

export type SimilarityReason = 'siren' | 'name' | 'name_start' | 'phone' | 'email' | 'domain';

export interface SimilarCompany {
  readonly id: string;
  readonly name: string;
  readonly city: string | null;
  readonly archived: boolean;
  /** Most telling first. */
  readonly reasons: readonly SimilarityReason[];
  /** True when a person must look before another one is made: same register number, name and postcode, phone or address. */
  readonly strong: boolean;
}

/** Mail providers anyone may use: their domain says nothing of a company. */
const PUBLIC_MAIL_DOMAINS: ReadonlySet<string> = new Set(
  'gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr live.com live.fr msn.com yahoo.com yahoo.fr ymail.com icloud.com me.com mac.com aol.com orange.fr wanadoo.fr free.fr sfr.fr neuf.fr bbox.fr laposte.net numericable.fr gmx.com gmx.fr protonmail.com proton.me'.split(
    ' ',
  ),
);

/** Domain of a company's own mail; null for a public provider or no complete address. */
export function ownMailDomain(email: string | null | undefined): string | null {
  const address = cleanText(email ?? '').toLowerCase();
  if (!isEmail(address)) return null;
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return PUBLIC_MAIL_DOMAINS.has(domain) ? null : domain;
}

/** Shortest beginning of a name that is worth comparing. */
const SHORTEST_START = 4;
const SHOWN = 5;

interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly nameKey: string;
  readonly siren: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  readonly archivedAt: Date | null;
}

/** At most five companies that look like the draft, the most alike first; each condition is served by an index. */
export async function findSimilarCompanies(
  source: Pick<Reader, 'query'>,
  draft: CompanyDraft,
): Promise<SimilarCompany[]> {
  const wanted = {
    key: companyNameKey(draft.name ?? ''),
    siren: isSiren(draft.siren ?? '') ? companyDigits(draft.siren ?? '') : null,
    phone: completePhone(draft.phone),
    email: isEmail(cleanText(draft.email ?? '').toLowerCase()) ? cleanText(draft.email ?? '').toLowerCase() : null,
    domain: ownMailDomain(draft.email),
    postcode: cleanText(draft.postcode ?? '').replaceAll(' ', ''),
  };
  const searches: Prisma.Sql[] = [];
  if (wanted.key !== '') searches.push(Prisma.sql`name_key = ${wanted.key}`);
  if (wanted.key.length >= SHORTEST_START) searches.push(Prisma.sql`name_key LIKE ${`${escapeLike(wanted.key)}_%`}`);
  if (wanted.siren) searches.push(Prisma.sql`siren = ${wanted.siren}`);
  if (wanted.phone) searches.push(Prisma.sql`phone = ${wanted.phone}`);
  if (wanted.domain) searches.push(Prisma.sql`email LIKE ${`%@${escapeLike(wanted.domain)}`}`);
  else if (wanted.email) searches.push(Prisma.sql`email = ${wanted.email}`);
  if (searches.length === 0) return [];

  const parts = searches.map(
    (condition) => Prisma.sql`(SELECT id FROM company WHERE ${condition} AND merged_into_id IS NULL LIMIT 20)`,
  );
  const rows = await source.query<Candidate>(
    Prisma.sql`SELECT c.id, c.name, c.name_key AS nameKey, c.siren, c.phone, c.email, c.postcode, c.city, c.archived_at AS archivedAt FROM (${Prisma.join(parts, ' UNION ')}) found JOIN company c ON c.id = found.id`,
  );
  return rows
    .map((row) => {
      const sameName = row.nameKey === wanted.key && wanted.key !== '';
      const reasons: SimilarityReason[] = [];
      if (wanted.siren !== null && row.siren === wanted.siren) reasons.push('siren');
      if (sameName) reasons.push('name');
      if (wanted.phone !== null && row.phone === wanted.phone) reasons.push('phone');
      if (wanted.email !== null && row.email === wanted.email) reasons.push('email');
      else if (wanted.domain !== null && ownMailDomain(row.email) === wanted.domain) reasons.push('domain');
      if (!sameName && row.nameKey.startsWith(wanted.key)) reasons.push('name_start');
      const strong =
        reasons.includes('siren') ||
        reasons.includes('phone') ||
        reasons.includes('email') ||
        (sameName && (row.postcode === null || wanted.postcode === '' || row.postcode === wanted.postcode));
      return { id: row.id, name: row.name, city: row.city, archived: row.archivedAt !== null, reasons, strong };
    })
    .sort((left, right) => weight(right) - weight(left) || left.name.localeCompare(right.name, 'fr'))
    .slice(0, SHOWN);
}

function weight(company: SimilarCompany): number {
  return (company.strong ? 100 : 0) + (company.reasons.includes('name') ? 20 : 0) + company.reasons.length;
}

function completePhone(typed: string | null | undefined): string | null {
  const parsed = parseSinglePhone(typed ?? '');
  return parsed.ok ? parsed.phone : null;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
