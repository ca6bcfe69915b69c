export { createCompanyList, type CompanyList, type CompanyListRow } from './company-list.ts';
export { HEADCOUNT_CODES, readableCompanyGroups, RELATION_STAGES, type CompanyFieldGroup } from './company-fields.ts';
export { addressText } from './company-presenter.ts';
export { companyRoutes } from './company-routes.ts';
export { createCompanyService, type CompanyService } from './company-service.ts';
export {
  companySearchTokens,
  insertCompanies,
  linkUnresolvedPositions,
  writeCompanySearchTokens,
  type NewCompany,
} from './company-writer.ts';
export { createContactList, type ContactList, type ContactListRow } from './contact-list.ts';
export { contactRoutes } from './contact-routes.ts';
export { createContactService, type ContactService } from './contact-service.ts';
export { visibleContacts } from './contact-visibility.ts';
export { companyListRoutes } from './list-routes.ts';
export { ownMailDomain } from './similar-companies.ts';
export { createSiteService, type SiteService } from './site-service.ts';
export { companiesUrl, companyUrl, contactsUrl, contactUrl, newCompanyUrl } from './urls.ts';
