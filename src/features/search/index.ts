export { SEARCH_PERMISSIONS, searchRoutes } from './search-routes.ts';
export { createSearchService, type SearchHit, type SearchService } from './search-service.ts';
export { companySource, contactSource, studentSource } from './search-sources.ts';
