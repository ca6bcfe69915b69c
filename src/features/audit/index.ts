export {
  createAuditService,
  verifyChains,
  type AuditEntry,
  type AuditService,
  type BrokenLink,
  type FieldChanges,
} from './audit-service.ts';
export { readPersonKeys } from './person-keys.ts';
