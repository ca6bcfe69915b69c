export { createAuditService, type AuditEntry, type AuditService, type FieldChanges } from './audit-service.ts';
export { verifyChains, type BrokenLink } from './chain-verification.ts';
export { readPersonKeys } from './person-keys.ts';
export { eventJson, presentHistory, type HistoryDayView } from './history-presenter.ts';
export { journalRoutes } from './journal-routes.ts';
export {
  createJournalService,
  readsJournalContent,
  type HistoryQuery,
  type JournalEvent,
  type JournalService,
} from './journal-service.ts';
export { journalOfRecordUrl } from './urls.ts';
