import { companyNameKey } from '../../shared/company-name.ts';

/** A company as the matching needs it. */
export interface MatchableCompany {
  id: string;
  /** `id_entreprise`, or null for a company created in the CRM. */
  legacyId: number | null;
  /** As {@link companyNameKey} makes it. */
  nameKey: string;
}

export type CompanyMatch =
  | { kind: 'one'; company: MatchableCompany }
  | { kind: 'none' }
  /** `companies` has two or more. */
  | { kind: 'ambiguous'; companies: MatchableCompany[] };

export interface CompanyIndex {
  /** The companies that bear the name, however it is written. */
  match(text: string): CompanyMatch;
}

/**
 * Indexes the companies already imported by their names.
 * @see import rules §2 (company) and §7
 */
export function indexCompanies(companies: Iterable<MatchableCompany>): CompanyIndex {
  const byKey = new Map<string, MatchableCompany[]>();
  for (const company of companies) {
    if (company.nameKey === '') continue;
    const namesakes = byKey.get(company.nameKey);
    if (namesakes === undefined) byKey.set(company.nameKey, [company]);
    else namesakes.push(company);
  }
  return {
    match(text) {
      const [company, ...others] = byKey.get(companyNameKey(text)) ?? [];
      if (company === undefined) return { kind: 'none' };
      return others.length === 0 ? { kind: 'one', company } : { kind: 'ambiguous', companies: [company, ...others] };
    },
  };
}
