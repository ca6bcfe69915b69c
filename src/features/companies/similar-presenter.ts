/** The warning that what is being typed looks known. */
import type { Translate } from '../../i18n/index.ts';
import type { SimilarCompany } from './similar-companies.ts';
import { companyUrl, contactUrl } from './urls.ts';

export interface SimilarRecords {
  /** Nothing looks alike: the warning is empty. */
  readonly isEmpty: boolean;
  readonly title: string;
  readonly records: readonly { readonly name: string; readonly href: string; readonly detail: string }[];
  readonly hiddenText: string | null;
  /** True when a person must say that it is none of them before the record can be made. */
  readonly asksToInsist: boolean;
  readonly insisted: boolean;
}

export function presentSimilar(
  found: { companies: readonly SimilarCompany[]; hidden: number },
  { t, mayInsist, insisted }: { t: Translate; mayInsist: boolean; insisted: boolean },
): SimilarRecords {
  const { companies, hidden } = found;
  return {
    isEmpty: companies.length === 0 && hidden === 0,
    title: t('companies.similar.title', { count: companies.length + hidden }),
    records: companies.map((company) => ({
      name: company.name,
      href: companyUrl(company.id),
      detail: [
        company.city,
        ...company.reasons.map((reason) => t(`companies.similar.reasons.${reason}`)),
        company.archived ? t('common.status.record.archived') : null,
      ]
        .filter(Boolean)
        .join(' · '),
    })),
    hiddenText: hidden > 0 ? t('companies.similar.hidden', { count: hidden }) : null,
    asksToInsist: mayInsist && (hidden > 0 || companies.some(({ strong }) => strong)),
    insisted,
  };
}

export function presentSimilarContacts(
  found: readonly { id: string; name: string; companyName: string }[],
  { t, insisted }: { t: Translate; insisted: boolean },
): SimilarRecords {
  return {
    isEmpty: found.length === 0,
    title: t('companies.similar.contacts_title', { count: found.length }),
    records: found.map(({ id, name, companyName }) => ({ name, href: contactUrl(id), detail: companyName })),
    hiddenText: null,
    asksToInsist: found.length > 0,
    insisted,
  };
}
