/**
 * What the pages of the imports ask of the services, as types: the routes are written against these, the services satisfy them.
 * Reads never give a full NIR: cells that hold one come masked.
 */
import type { Actor } from '../../shared/actor.ts';
import type { FileErrorCode, RowIssueCode } from '../../shared/issue-codes.ts';
import type { SourceErrorDetails } from '../../shared/source-error.ts';
import type { WholeList } from '../../shared/whole-list.ts';
import type { Suspicion } from './batch-safety.ts';
import type { BatchTotals, RowOutcome } from './batch-totals.ts';

export type BatchSource = 'students' | 'companies' | 'grades';

export type BatchState =
  | 'reading'
  | 'ready'
  | 'needs_confirmation'
  | 'applying'
  | 'applied'
  | 'refused'
  | 'failed'
  | 'discarded'
  | 'cancelling'
  | 'cancelled';

/** A line of the list of batches. */
export interface BatchSummary {
  readonly id: string;
  readonly source: BatchSource;
  readonly state: BatchState;
  readonly origin: 'page' | 'cli' | 'schedule';
  readonly fileName: string;
  readonly dryRun: boolean;
  readonly errorCode: FileErrorCode | null;
  readonly totals: BatchTotals | null;
  /** Null for the system and for accounts that are gone. */
  readonly startedBy: string | null;
  readonly createdAt: Date;
  readonly readAt: Date | null;
  readonly applyStartedAt: Date | null;
  readonly appliedAt: Date | null;
  readonly cancelledAt: Date | null;
}

/** Everything about a batch but its rows. */
export interface BatchDetail extends BatchSummary {
  readonly version: number;
  readonly fileFormat: string | null;
  readonly sheet: string | null;
  /** As the spreadsheet numbers it, from 1. */
  readonly headerRow: number | null;
  /** In the order of the sheet; `field` null: a header that no rule knows. */
  readonly columns: readonly { readonly header: string; readonly field: string | null }[];
  readonly unknownColumns: readonly string[];
  /** Sheets with the headers that were not read. */
  readonly otherSheets: readonly string[];
  readonly errorDetail: SourceErrorDetails | null;
  /** What a failed batch was at when it stopped: only one that was being written can go on. */
  readonly stoppedDuring: 'reading' | 'applying' | 'cancelling' | null;
  readonly suspicions: readonly Suspicion[];
  readonly rowCount: number;
  /** Rows read, applied or undone so far, by state. */
  readonly rowsDone: number;
  readonly confirmedBy: string | null;
  readonly confirmedAt: Date | null;
  readonly cancelledBy: string | null;
  /** Until when `cancel` is possible; null: never, or no longer. */
  readonly undoableUntil: Date | null;
  /** Rows put back, rows left alone because someone edited the record since; of a cancelled batch. */
  readonly undo: { readonly restored: number; readonly left: number } | null;
  /** Conflicts of this batch that wait for a decision. */
  readonly openConflicts: number;
  /** Row number of the first row still rejected; null when there is none. */
  readonly firstRejected: number | null;
  /** The actor may read rows (imports.read_rows), and decide (confirm, discard, cancel, correct) for this source. */
  readonly mayReadRows: boolean;
  readonly mayDecide: boolean;
}

/** Where long work stands; read once a second while someone looks. */
export interface BatchProgress {
  readonly state: BatchState;
  readonly rowsDone: number;
  /** Null while unknown (a file being read). */
  readonly rowCount: number | null;
}

export interface IssueOnCell {
  readonly code: RowIssueCode;
  /** The field whose cell is to blame; empty when none is. */
  readonly field: string;
  readonly severity: 'error' | 'warning';
}

export interface CellAsRead {
  readonly field: string;
  /** As the file names the column. */
  readonly header: string;
  /** As read, the NIR masked; empty for an empty cell. */
  readonly value: string;
}

/** A row of the report. */
export interface BatchRow {
  /** As the spreadsheet shows it; for a database source, the place in the table. */
  readonly rowNumber: number;
  /** `id_entreprise` of a database source. */
  readonly sourceKey: string | null;
  readonly outcome: RowOutcome;
  /** The person or company the row is about, as it can be named: from the record, the fields or the cells. */
  readonly label: string | null;
  readonly studentNumber: string | null;
  readonly entityId: string | null;
  readonly issues: readonly IssueOnCell[];
  readonly suggestion: string | null;
  readonly cells: readonly CellAsRead[];
  /** Of an update: field → [before, after]; dates, phones and statuses as stored. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>> | null;
  /** What was or would be written, without the NIR. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly correctedAt: Date | null;
  readonly undoOutcome: 'restored' | 'left' | 'nothing' | null;
}

export interface RowDetail extends BatchRow {
  /** The row can be corrected and retried: rejected, its batch applied, its cells still kept. */
  readonly mayCorrect: boolean;
  readonly correctedBy: string | null;
  /** Rejected rows of the batch before and after this one. */
  readonly previousRejected: number | null;
  readonly nextRejected: number | null;
}

export interface MissingPerson {
  readonly studentId: string;
  readonly studentNumber: string;
  readonly name: string;
  readonly status: string;
  /** Since when the person is absent from the files. */
  readonly missingSince: Date | null;
}

export interface OpenConflict {
  readonly id: string;
  readonly subjectType: 'student' | 'company';
  readonly subjectId: string;
  readonly subjectName: string;
  readonly field: string;
  readonly baseValue: string | null;
  readonly fileValue: string | null;
  readonly crmValue: string | null;
  readonly batchId: string;
  readonly rowNumber: number;
  readonly createdAt: Date;
  readonly version: number;
}

/** A page of a list. `previous` and `next` are opaque places to give back as `before` and `after`; null at the ends. */
export interface Keyset<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly previous: string | null;
  readonly next: string | null;
}

interface Place {
  readonly after: string | null;
  readonly before: string | null;
}

export interface BatchListFilters {
  readonly q: string;
  readonly states: readonly BatchState[];
  readonly source: BatchSource | null;
  readonly oldestFirst?: boolean;
}

/** The services behind the pages of the imports. An unknown batch or row is a NotFoundError everywhere. */
export interface ImportScreens {
  list(actor: Actor, filters: Place & BatchListFilters): Promise<Keyset<BatchSummary>>;
  /** Every batch that answers, for a file. */
  everything(actor: Actor, filters: BatchListFilters): Promise<WholeList<BatchSummary>>;
  /**
   * Takes a file, keeps it encrypted and starts its reading; answers at once.
   * @throws ForbiddenError without imports.decide_students
   */
  startFromUpload(
    actor: Actor,
    input: { readonly path: string; readonly fileName: string; readonly force: boolean },
  ): Promise<{ readonly id: string }>;
  /** Starts the reading of GetEnt. @throws RuleViolation when GETENT_URL is not set */
  startFromGetent(actor: Actor, input: { readonly force: boolean }): Promise<{ readonly id: string }>;
  get(actor: Actor, id: string): Promise<BatchDetail>;
  progress(id: string): Promise<BatchProgress | null>;
  rows(
    actor: Actor,
    input: Place & { readonly id: string; readonly outcome: RowOutcome | null; readonly code: RowIssueCode | null },
  ): Promise<Keyset<BatchRow>>;
  row(actor: Actor, id: string, rowNumber: number): Promise<RowDetail>;
  missing(actor: Actor, input: Place & { readonly id: string }): Promise<Keyset<MissingPerson>>;
  /** Ready, needs_confirmation, or stopped while it was written → applying. @throws ConflictError when the batch moved meanwhile */
  confirm(actor: Actor, input: { readonly id: string; readonly version: number }): Promise<void>;
  discard(actor: Actor, input: { readonly id: string; readonly version: number }): Promise<void>;
  /** Applied, or stopped while it was written or taken back → cancelling. @throws ConflictError, RuleViolation when it is too late */
  cancel(actor: Actor, input: { readonly id: string; readonly version: number }): Promise<void>;
  /**
   * Judges a rejected row again with these cells (an absent one keeps what was read) and writes it when it passes.
   * @returns what became of it: still `rejected` with its issues, or written
   */
  correctRow(
    actor: Actor,
    input: { readonly id: string; readonly rowNumber: number; readonly cells: Readonly<Record<string, string>> },
  ): Promise<{
    readonly outcome: RowOutcome;
    readonly issues: readonly IssueOnCell[];
    readonly suggestion: string | null;
  }>;
  conflicts(
    actor: Actor,
    filters: Place & { readonly q: string; readonly batchId: string | null; readonly subjectId: string | null },
  ): Promise<Keyset<OpenConflict>>;
  /** @returns how many were decided, and how many were left because they changed meanwhile */
  decideConflicts(
    actor: Actor,
    input: { readonly ids: readonly string[]; readonly decision: 'keep_crm' | 'take_file' },
  ): Promise<{ readonly decided: number; readonly left: number }>;
  /**
   * The report as one JSON document (see the interfaces), and as a workbook to correct.
   * @throws RuleViolation `IMPORT_UNDER_WAY` while the batch is read, written or taken back
   */
  writeJsonReport(actor: Actor, id: string, output: NodeJS.WritableStream): Promise<void>;
  writeWorkbookReport(actor: Actor, id: string, output: NodeJS.WritableStream): Promise<void>;
}
