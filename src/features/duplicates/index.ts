export {
  DUPLICATE_SCAN_JOB,
  createDuplicateScanService,
  type DuplicateScanService,
  type ScanResult,
} from './duplicate-scan-service.ts';
export { duplicateRoutes } from './duplicate-routes.ts';
export { createDuplicateService, type DuplicateService } from './duplicate-service.ts';
export { createMergeService, type MergeService } from './merge-service.ts';
export { createMergeUndoService, type MergeUndoService } from './merge-undo-service.ts';
export { duplicatesUrl } from './urls.ts';
