/** The report of a batch as one JSON document, written row by row. @see interfaces, "Import report" */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { maskNir } from '../../shared/nir.ts';
import type { NirVault } from '../students/index.ts';
import type { Batch } from './batch-store.ts';
import { emptyTotals } from './batch-totals.ts';
import type { ReportVerdict } from './report-verdict.ts';
import { findRowsAfter, type StoredRow } from './row-store.ts';
import { notLimited, withoutLimited } from './row-visibility.ts';

/** Rows read at a time. */
const ROWS_AT_A_TIME = 1_000;

/** Chunks of the document, to be written one after the other. */
export async function* jsonReport(
  reader: Reader,
  actor: Actor,
  vault: NirVault,
  batch: Batch,
  { status, error }: ReportVerdict,
): AsyncGenerator<string> {
  const head = {
    source: batch.source,
    file: batch.fileName,
    sha256: batch.fileSha256,
    status,
    error,
    // The batch in its own words, which may become more.
    state: batch.state,
    ...(batch.errorDetail ? { errorDetail: batch.errorDetail } : {}),
    sheet: batch.sheet,
    headerRow: batch.headerRow,
    unknownColumns: batch.unknownColumns,
    otherSheets: batch.otherSheets,
    suspicions: batch.suspicions,
    totals: batch.totals ?? emptyTotals(),
    mergePairs: batch.mergePairs,
  };
  yield JSON.stringify(head).slice(0, -1);
  yield ',"missing":[';
  let separator = '';
  for await (const missing of missingRecords(reader, actor, vault, batch)) {
    yield `${separator}${missing.map((one) => JSON.stringify(one)).join(',')}`;
    separator = ',';
  }
  yield '],"rows":[';
  separator = '\n';
  for (let position = 0; ;) {
    const rows = await findRowsAfter(reader, batch.id, position, ROWS_AT_A_TIME);
    const last = rows.at(-1);
    if (!last) break;
    const told = await withoutLimited(reader, actor, batch, rows);
    yield separator + told.map((row) => JSON.stringify(reportRow(batch, row))).join(',\n');
    separator = ',\n';
    position = last.row;
  }
  yield '\n]}\n';
}

async function* missingRecords(
  reader: Reader,
  actor: Actor,
  vault: NirVault,
  batch: Batch,
): AsyncGenerator<Record<string, unknown>[]> {
  const table = Prisma.raw(batch.source === 'students' ? 'student' : 'company');
  const readable = batch.source === 'students' ? notLimited(actor) : Prisma.sql`TRUE`;
  const number = Prisma.raw(batch.source === 'students' ? 'student_number' : 'legacy_id');
  for (let after = ''; ;) {
    const rows = await reader.query<{ id: string; number: string | number }>(
      Prisma.sql`SELECT s.id, s.${number} AS number FROM import_missing m JOIN ${table} s ON s.id = m.subject_id WHERE m.batch_id = ${batch.id} AND m.kind = 'missing' AND m.subject_id > ${after} AND ${readable} ORDER BY m.subject_id LIMIT ${ROWS_AT_A_TIME}`,
    );
    const last = rows.at(-1);
    if (!last) return;
    if (batch.source === 'students') {
      const digits = await vault.keyDigits(
        reader,
        rows.map(({ id }) => id),
      );
      yield rows.map(({ id, number: studentNumber }) => ({ studentNumber, nirMasked: masked(digits.get(id)) }));
    } else {
      yield rows.map(({ number: key }) => ({ key }));
    }
    after = last.id;
  }
}

/** `* ** ** ** *** *** 91`: the key alone shows. */
function masked(keyDigits: string | undefined): string {
  return maskNir(`${'0'.repeat(13)}${keyDigits ?? ''}`);
}

function reportRow(batch: Batch, row: StoredRow): Record<string, unknown> {
  const written = row.outcome === 'created' || row.outcome === 'updated';
  return {
    row: row.row,
    ...(batch.source === 'students' ? {} : { key: row.sourceKey === null ? null : Number(row.sourceKey) }),
    outcome: row.outcome,
    errors: row.errors,
    warnings: row.warnings,
    ...(row.suggestion === null ? {} : { suggestion: row.suggestion }),
    ...(written ? { fields: fieldsOf(row.fields) } : {}),
    ...(written && row.changes !== null ? { changes: JSON.parse(row.changes) as unknown } : {}),
    ...(row.correctedAt === null ? {} : { correctedAt: row.correctedAt.toISOString() }),
    ...(row.undoOutcome === null ? {} : { undo: row.undoOutcome }),
  };
}

function fieldsOf(fields: string | null): Record<string, unknown> {
  const { source: _source, nirKey, ...written } = JSON.parse(fields ?? '{}') as Record<string, unknown>;
  return nirKey === undefined ? written : { ...written, nir: masked(String(nirKey)) };
}
