/**
 * What hangs on a company and must follow each write, whether it comes from a form or from a whole source: name key, search
 * words, and the positions that were waiting for a company of that name. Everything here works on many companies at a time.
 */
import { inParts } from '../../db/bulk-insert.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { searchTokens } from '../../shared/names.ts';

/** What the columns of search words hold. */
const TOKEN_LENGTH = 48;

/** A company about to be written; absent fields take the default of their column. */
export interface NewCompany {
  readonly id: string;
  /** id_entreprise of GetEnt. */
  readonly legacyId?: number | null;
  /** Nine digits. */
  readonly siren?: string | null;
  readonly name: string;
  readonly street?: string | null;
  readonly postcode?: string | null;
  readonly city?: string | null;
  /** ISO 3166, two letters; France by default. */
  readonly country?: string;
  readonly email?: string | null;
  /** E.164. */
  readonly phone?: string | null;
  readonly website?: string | null;
  readonly sector?: string | null;
  readonly nafCode?: string | null;
  readonly headcountCode?: string | null;
  readonly relationStage?: string;
  readonly openToStudents?: boolean;
  readonly origin: 'import' | 'manual';
  readonly anomalyCount?: number;
  readonly createdById?: string | null;
}

/**
 * The words under which a company is found: each folded word of its name, words joined by a sign (`L’Oréal` → `loreal`), the
 * whole name joined, with and without its legal form. Each word once.
 */
export function companySearchTokens(name: string): string[] {
  const tokens = new Set(searchTokens(name, ''));
  tokens.add(companyNameKey(name).slice(0, TOKEN_LENGTH));
  tokens.delete('');
  return [...tokens];
}

/** Inserts companies with their name key and search words. Runs into `company_by_legacy_id` or `company_by_siren` when taken. */
export async function insertCompanies(tx: Transaction, companies: readonly NewCompany[]): Promise<void> {
  for (const part of inParts(companies)) {
    const rows = part.map(
      (company) =>
        Prisma.sql`(${company.id}, ${company.legacyId ?? null}, ${company.siren ?? null}, ${company.name}, ${companyNameKey(company.name)}, ${company.street ?? null}, ${company.postcode ?? null}, ${company.city ?? null}, ${company.country ?? 'FR'}, ${company.email ?? null}, ${company.phone ?? null}, ${company.website ?? null}, ${company.sector ?? null}, ${company.nafCode ?? null}, ${company.headcountCode ?? null}, ${company.relationStage ?? 'suspect'}, ${company.openToStudents ?? false}, ${company.origin}, ${company.anomalyCount ?? 0}, ${company.createdById ?? null})`,
    );
    await tx.execute(
      Prisma.sql`INSERT INTO company (id, legacy_id, siren, name, name_key, street, postcode, city, country, email, phone, website, sector, naf_code, headcount_code, relation_stage, open_to_students, origin, anomaly_count, created_by_id) VALUES ${Prisma.join(rows)}`,
    );
  }
  await writeCompanySearchTokens(tx, companies, { replace: false });
}

/** Writes the search words of companies; `replace` removes the former ones first. */
export async function writeCompanySearchTokens(
  tx: Transaction,
  companies: readonly { readonly id: string; readonly name: string }[],
  { replace }: { replace: boolean },
): Promise<void> {
  for (const part of inParts(companies)) {
    if (replace)
      await tx.execute(
        Prisma.sql`DELETE FROM company_search_token WHERE company_id IN (${Prisma.join(part.map(({ id }) => id))})`,
      );
    const rows = part.flatMap(({ id, name }) =>
      companySearchTokens(name).map((token) => Prisma.sql`(${token}, ${id})`),
    );
    if (rows.length > 0)
      await tx.execute(
        Prisma.sql`INSERT IGNORE INTO company_search_token (token, company_id) VALUES ${Prisma.join(rows)}`,
      );
  }
}

/**
 * Links the positions known by a company's name only to the company that answers to it, when exactly one does. The text
 * stays on the position: it is what was read. Such a link is nobody's edit.
 * @param companyIds looks at the names of these companies only (just created or renamed); all when absent
 * @returns the number of positions linked
 * @see import rules §2 (company) and §7 (matched again at each import)
 */
export async function linkUnresolvedPositions(tx: Transaction, companyIds?: readonly string[]): Promise<number> {
  if (companyIds?.length === 0) return 0;
  const named = companyIds
    ? Prisma.sql`AND name_key IN (SELECT w.name_key FROM company w WHERE w.id IN (${Prisma.join([...companyIds])}))`
    : Prisma.empty;
  return tx.execute(
    Prisma.sql`UPDATE \`position\` p JOIN (SELECT name_key, MIN(id) AS id FROM company WHERE merged_into_id IS NULL ${named} GROUP BY name_key HAVING COUNT(*) = 1) c ON c.name_key = p.company_key SET p.company_id = c.id, p.version = p.version + 1 WHERE p.company_id IS NULL`,
  );
}
