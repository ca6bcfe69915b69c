import type { FileErrorCode } from './issue-codes.ts';

/** What else is known about a refused source. Never a value of a row. */
export interface SourceErrorDetails {
  /** Fields of the mandatory columns that no header row names (`COLUMN_MISSING`). */
  missing?: string[];
  /** Which limit a file exceeds (`FILE_TOO_LARGE`). */
  limit?: 'bytes' | 'rows' | 'seconds' | 'memory';
  /** The value of that limit: bytes, rows, seconds or megabytes. */
  allowed?: number;
  /** A technical word for operators (`ENOENT`, `ER_ACCESS_DENIED_ERROR`, `html`…). */
  reason?: string;
}

/**
 * A file or database source that is refused as a whole, with its stable code: nothing of it is written.
 * @see import rules, "file-level error"
 */
export class SourceError extends Error {
  readonly code: FileErrorCode;
  readonly details: SourceErrorDetails;

  constructor(code: FileErrorCode, details: SourceErrorDetails = {}, options: ErrorOptions = {}) {
    super(code, options);
    this.name = 'SourceError';
    this.code = code;
    this.details = details;
  }
}
