import { parsePostalAddress } from '../../shared/address.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { parseEmail } from '../../shared/email.ts';
import type { RowErrorCode, RowWarningCode } from '../../shared/issue-codes.ts';
import { holdsNir } from '../../shared/nir.ts';
import { parseSinglePhone } from '../../shared/phone.ts';
import { rowDigest } from './row-digest.ts';
import { RowIssues, type CellIssue } from './row-issues.ts';

/** A row of `entreprise` as it stands in GetEnt. */
export interface CompanySourceRow {
  id_entreprise: number | null;
  nom: string | null;
  adresse: string | null;
  mail: string | null;
  telephone: string | null;
}

export type CompanyCellField = keyof CompanySourceRow;

/** What a row of GetEnt says about a company. The phone is E.164; null means nothing stored. */
export interface CompanyFields {
  name: string;
  street: string | null;
  postcode: string | null;
  city: string | null;
  email: string | null;
  phone: string | null;
}

export interface CompanyRow {
  /** Complete and ready to be written; null when the row has an error. */
  fields: CompanyFields | null;
  /** `id_entreprise`, on a rejected row too. */
  legacyId: number | null;
  /** Under which the name is compared; empty when the name is missing. */
  nameKey: string;
  errors: RowErrorCode[];
  warnings: RowWarningCode[];
  cellIssues: CellIssue<CompanyCellField>[];
  /** Equal for two rows with the same content after clean-up. */
  digest: string;
}

/** Characters that the columns of a company hold. */
const LONGEST = { name: 255, street: 255, city: 120 } as const;

/**
 * Applies every rule of GetEnt to one row.
 * @see import rules §3 and §7
 */
export function readCompanyRow(source: CompanySourceRow): CompanyRow {
  const issues = new RowIssues<CompanyCellField>();
  const name = issues.read(source.nom ?? '', 'nom');
  const address = issues.read(source.adresse ?? '', 'adresse');
  const mail = issues.read(source.mail ?? '', 'mail');
  const telephone = issues.read(source.telephone ?? '', 'telephone');

  if (source.id_entreprise === null) issues.error('ID_MISSING', 'id_entreprise');
  // Text that is kept as it is written: a social-security number in it would be kept in clear, and shown.
  if (holdsNir(name)) issues.error('NIR_MISPLACED', 'nom');
  if (holdsNir(address)) issues.error('NIR_MISPLACED', 'adresse');
  if (name === '') issues.error('COMPANY_NAME_MISSING', 'nom');
  issues.fit(name, LONGEST.name, 'nom');
  const postal = readAddress(address, issues);
  const email = parseEmail(mail);
  if (!email.ok) issues.error(email.code, 'mail');
  const phone = parseSinglePhone(telephone, { postcode: postal.postcode });
  if (phone.ok) for (const code of phone.warnings) issues.warn(code, 'telephone');
  else issues.error(phone.code, 'telephone');

  const { errors, warnings, cellIssues } = issues;
  const fields: CompanyFields = {
    name,
    ...postal,
    email: email.ok ? email.email : null,
    phone: phone.ok ? phone.phone : null,
  };
  return {
    fields: errors.length === 0 ? fields : null,
    legacyId: source.id_entreprise,
    nameKey: companyNameKey(name),
    errors,
    warnings,
    cellIssues,
    digest: rowDigest([name, address, mail, telephone]),
  };
}

type AddressFields = Pick<CompanyFields, 'street' | 'postcode' | 'city'>;

function readAddress(text: string, issues: RowIssues<CompanyCellField>): AddressFields {
  const none: AddressFields = { street: null, postcode: null, city: null };
  const parsed = parsePostalAddress(text);
  if (!parsed.ok) {
    for (const code of parsed.codes) issues.error(code, 'adresse');
    return none;
  }
  if (parsed.address === null) return none;
  const street = issues.fit(parsed.address.street, LONGEST.street, 'adresse');
  const city = issues.fit(parsed.address.city, LONGEST.city, 'adresse');
  return street === null || city === null ? none : { street, postcode: parsed.address.postcode, city };
}
