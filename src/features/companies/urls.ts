/** Addresses of companies, their sites and their contacts; no other file writes them. */

/** Parts of a company that are edited by themselves. */
export type CompanySection = 'identite' | 'coordonnees' | 'relation';

/** Tabs of a company's record beside the first. */
export type CompanyTab = 'etablissements' | 'contacts' | 'personnes' | 'notes' | 'historique' | 'imports';

/** Tabs of a contact's record beside the first. */
export type ContactTab = 'notes';

/** The list of companies, with its query string (`ville=Lyon&tri=-nom`) when one is given. */
export function companiesUrl(query = ''): string {
  return query === '' ? '/entreprises' : `/entreprises?${query}`;
}

export function companyUrl(id: string, tab?: CompanyTab): string {
  return tab ? `/entreprises/${id}/${tab}` : `/entreprises/${id}`;
}

export function newCompanyUrl(): string {
  return '/entreprises/nouvelle';
}

/** Companies that look like the one being typed. */
export function similarCompaniesUrl(): string {
  return '/entreprises/ressemblances';
}

export function editCompanyUrl(id: string, section: CompanySection): string {
  return `/entreprises/${id}/modification/${section}`;
}

/** Where the other record of a company known to be double is looked for (src/features/duplicates). */
export function companyTwinUrl(id: string): string {
  return `/doublons/rapprochement?type=entreprises&fiche=${id}`;
}

/** What waits for a decision about a company (src/features/imports). */
export function companyConflictsUrl(id: string): string {
  return `/imports/ecarts?fiche=${id}`;
}

export function companyArchiveUrl(id: string): string {
  return `/entreprises/${id}/archivage`;
}

/** Tags of a company, put on and taken off. */
export function companyTagsUrl(id: string): string {
  return `/entreprises/${id}/etiquettes`;
}

export function newSiteUrl(companyId: string): string {
  return `/entreprises/${companyId}/etablissements/nouveau`;
}

export function siteUrl(companyId: string, siteId: string): string {
  return `/entreprises/${companyId}/etablissements/${siteId}`;
}

export function siteArchiveUrl(companyId: string, siteId: string): string {
  return `${siteUrl(companyId, siteId)}/archivage`;
}

/** The list of contacts, with its query string when one is given. */
export function contactsUrl(query = ''): string {
  return query === '' ? '/contacts' : `/contacts?${query}`;
}

export function contactUrl(id: string, tab?: ContactTab): string {
  return tab ? `/contacts/${id}/${tab}` : `/contacts/${id}`;
}

export function newContactUrl(companyId: string): string {
  return `/entreprises/${companyId}/contacts/nouveau`;
}

/** Contacts who look like the one being typed. */
export function similarContactsUrl(companyId: string): string {
  return `/entreprises/${companyId}/contacts/ressemblances`;
}

export function editContactUrl(id: string): string {
  return `/contacts/${id}/modification`;
}

export function contactArchiveUrl(id: string): string {
  return `/contacts/${id}/archivage`;
}

export function contactTagsUrl(id: string): string {
  return `/contacts/${id}/etiquettes`;
}
