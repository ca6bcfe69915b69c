export { importRoutes } from './import-routes.ts';
export { conflictsUrl, importRowUrl, importsUrl, importUrl, newImportUrl } from './urls.ts';
