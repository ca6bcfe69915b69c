import type { Database } from '../../db/client.ts';
import type { Leases } from '../../jobs/leases.ts';
import type { Outbox } from '../../jobs/outbox.ts';
import type { Logger } from '../../log.ts';
import type { Clock } from '../../shared/clock.ts';
import type { AuditService } from '../audit/index.ts';
import type { SettingsService } from '../settings/index.ts';
import type { NirVault } from '../students/index.ts';
import type { Writer } from './row-store.ts';

/** What every part of the import engine works with. */
export interface ImportEnvironment {
  readonly database: Database;
  readonly audit: AuditService;
  readonly outbox: Outbox;
  readonly settings: SettingsService;
  readonly clock: Clock;
  readonly vault: NirVault;
  readonly leases: Leases;
  readonly log: Logger;
  /** Folder of stored files. */
  readonly dataDir: string;
  /** Address of the administrative site, for mails. */
  readonly publicAdminUrl: string;
  /** `mysql://…` of GetEnt, when it is set. */
  readonly getentUrl: string | undefined;
  /** Path of the daily workbook, when it is set. */
  readonly studentFile: string | undefined;
  /** After how many seconds without a sign of life the work of a process is anyone's. */
  readonly leaseSeconds: number;
  /** Rows of one transaction. */
  readonly chunkRows: number;
  /** The worker is part of this process: what pages ask for is done here, even before the worker looks. */
  readonly worksHere: boolean;
}

/** The database as a writer: each statement stands for itself. */
export function autonomous(database: Database): Writer {
  return {
    async execute(statement) {
      const { affectedRows } = await database.pool.query<{ affectedRows: number }>(statement.sql, statement.values);
      return affectedRows;
    },
  };
}

/** Lets the requests that wait be served: long work in the main thread calls it between two pieces. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Held by whoever applies or undoes a batch: one at a time, whatever its source. */
export const WRITING_LEASE = 'imports.write';

/** Held by whoever reads a batch. */
export const readingLease = (batchId: string): string => `read:${batchId}`;
