import { afterEach, beforeEach, expect } from 'vitest';

/** A line that pino wrote: level 30 is info, 40 a warning, 50 an error, 60 fatal. */
export interface LogEntry {
  level: number;
  msg?: string;
  err?: { type?: string; message?: string; stack?: string };
  [field: string]: unknown;
}

export interface LogCapture {
  /** Where to send the logger of the container under test: `pino(options, logs.destination)`. */
  readonly destination: { write(line: string): void };
  /** What was logged since the test began. */
  readonly entries: readonly LogEntry[];
  /** Says that this test expects errors whose message, or whose cause's, matches. */
  expectError(pattern: RegExp): void;
}

const ERROR = 50;

/**
 * Collects the log of the product during the tests of a file, and fails a test that logged an error it did not announce
 * with `expectError`, or that announced one that never came. Call it at the top of the file.
 */
export function captureLogs(): LogCapture {
  const entries: LogEntry[] = [];
  let expected: RegExp[] = [];

  beforeEach(() => {
    entries.length = 0;
    expected = [];
  });
  afterEach(() => {
    const errors = entries.filter((entry) => entry.level >= ERROR).map(describeEntry);
    const unexpected = errors.filter((text) => !expected.some((pattern) => pattern.test(text)));
    expect(unexpected, 'errors logged by the product').toEqual([]);
    const missing = expected.filter((pattern) => !errors.some((text) => pattern.test(text)));
    expect(missing, 'errors announced by the test and never logged').toEqual([]);
  });

  return {
    destination: { write: (line) => void entries.push(JSON.parse(line) as LogEntry) },
    entries,
    expectError: (pattern) => void expected.push(pattern),
  };
}

function describeEntry({ msg, err }: LogEntry): string {
  return [msg, err?.stack ?? err?.message].filter(Boolean).join(': ');
}
