export { declareBulkTags } from './bulk-tag-routes.ts';
export { declareList, type DeclaredList } from './list-routes.ts';
export { createListService, type ListService } from './list-service.ts';
export { savedViewRoutes } from './saved-view-routes.ts';
export { listUrl, savedViewsUrl } from './urls.ts';
