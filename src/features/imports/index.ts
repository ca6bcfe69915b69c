export type { ImportSource } from './batch-store.ts';
export { findLatestContent, type RunOptions, type RunProgress } from './import-engine.ts';
export type { ImportEnvironment } from './import-environment.ts';
export { importRoutes } from './import-routes.ts';
export { createImportService, type ImportService } from './import-service.ts';
export { conflictsUrl, importRowUrl, importsUrl, importUrl, newImportUrl } from './urls.ts';
