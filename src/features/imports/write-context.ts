import type { Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { AuditService } from '../audit/index.ts';
import type { NirVault } from '../students/index.ts';

/** What the writing of a part of a batch needs. */
export interface WriteContext {
  readonly tx: Transaction;
  readonly audit: AuditService;
  readonly vault: NirVault;
  readonly actor: Actor;
  readonly batchId: string;
  /** For dates and student numbers. */
  readonly now: Date;
  /** First letters of student numbers. */
  readonly numberPrefix: string;
}
