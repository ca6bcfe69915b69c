/** The daily work of a source: read when its content changed, applied when it is safe. @see import rules §5 */
import { readGetentCompanies, type GetentReading } from '../../connectors/getent/index.ts';
import type { Actor } from '../../shared/actor.ts';
import { SourceError } from '../../shared/source-error.ts';
import { sha256OfFile } from './batch-reader.ts';
import type { Batch, ImportSource } from './batch-store.ts';
import { findLatestContent, type ImportEngine, type RunOptions } from './import-engine.ts';
import type { ImportEnvironment } from './import-environment.ts';

/** How a daily import ended. */
export interface DailyResult {
  readonly result: 'done' | 'skipped' | 'needs_confirmation' | 'failed';
  readonly batchId: string | null;
  readonly errorCode: string | null;
  /** `not set`, `unchanged`, or a technical word for operators. */
  readonly reason: string | null;
  readonly totals: { readonly created: number; readonly updated: number; readonly rejected: number } | null;
}

const skipped = (reason: string): DailyResult => ({
  result: 'skipped',
  batchId: null,
  errorCode: null,
  reason,
  totals: null,
});

/** A source that cannot be read gives no content: the run says why, in a batch. */
async function contentOrNull<Content>(read: () => Promise<Content>): Promise<Content | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}

export function createDailyImport(environment: ImportEnvironment, engine: ImportEngine) {
  const { studentFile, getentUrl } = environment;

  /** Content that a batch has read already, whatever was decided about it, says nothing new. */
  async function isKnown(source: ImportSource, sha256: string | null): Promise<boolean> {
    if (sha256 === null) return false;
    const latest = await findLatestContent(environment, source);
    return latest?.fileSha256 === sha256 && latest.state !== 'applying';
  }

  async function sourceOf(
    source: ImportSource,
    signal: AbortSignal | undefined,
  ): Promise<{ from: RunOptions['from']; sha256: string | null } | null> {
    if (source === 'students') {
      if (!studentFile) return null;
      return { from: { source, path: studentFile }, sha256: await contentOrNull(() => sha256OfFile(studentFile)) };
    }
    if (!getentUrl) return null;
    const reading = await contentOrNull<GetentReading>(() => readGetentCompanies({ url: getentUrl, signal }));
    return reading
      ? { from: { source, reading }, sha256: reading.sha256 }
      : { from: { source, url: getentUrl }, sha256: null };
  }

  return async function runDaily(actor: Actor, source: ImportSource, signal?: AbortSignal): Promise<DailyResult> {
    const found = await sourceOf(source, signal);
    if (!found) return skipped('not set');
    if (await isKnown(source, found.sha256)) return skipped('unchanged');
    return resultOf(await engine.run(actor, { origin: 'schedule', from: found.from, signal }));
  };
}

function resultOf(batch: Batch): DailyResult {
  const { totals } = batch;
  const results: Partial<Record<Batch['state'], DailyResult['result']>> = {
    applied: 'done',
    needs_confirmation: 'needs_confirmation',
    // Stopped with the process: the work goes on at the next start.
    applying: 'done',
  };
  const { reason } = (batch.errorDetail ?? {}) as { reason?: unknown };
  return {
    result: results[batch.state] ?? 'failed',
    batchId: batch.id,
    errorCode: batch.errorCode,
    reason: typeof reason === 'string' ? reason : null,
    totals: totals && { created: totals.created, updated: totals.updated, rejected: totals.rejected },
  };
}
