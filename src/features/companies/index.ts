export {
  companySearchTokens,
  insertCompanies,
  linkUnresolvedPositions,
  writeCompanySearchTokens,
  type NewCompany,
} from './company-writer.ts';
