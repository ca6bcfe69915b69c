/**
 * Rows about a person under limitation of processing: the row stays in its batch, and what it says of the person is for whoever may
 * see them.
 * @see RGPD art. 18; docs/decisions/003-rights.md
 */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { readsJournalContent } from '../audit/index.ts';
import type { Batch } from './batch-store.ts';
import type { StoredRow } from './row-store.ts';

/** SQL condition on the table alias `s`: true for the people whose data the actor may read in a report. */
export function notLimited(actor: Actor): Prisma.Sql {
  return actor.type !== 'user' || readsJournalContent(actor) ? Prisma.sql`TRUE` : Prisma.sql`s.restricted_at IS NULL`;
}

/** The same rows; of those about someone out of the actor's sight, what happened and nothing else. */
export async function withoutLimited(
  reader: Pick<Reader, 'query'>,
  actor: Actor,
  batch: Pick<Batch, 'source'>,
  rows: readonly StoredRow[],
): Promise<StoredRow[]> {
  const ids = [...new Set(rows.flatMap(({ entityId }) => entityId ?? []))];
  if (batch.source !== 'students' || ids.length === 0) return [...rows];
  const limited = await reader.query<{ id: string }>(
    Prisma.sql`SELECT s.id FROM student s WHERE s.id IN (${Prisma.join(ids)}) AND NOT (${notLimited(actor)})`,
  );
  const hidden = new Set(limited.map(({ id }) => id));
  return rows.map((row) =>
    row.entityId !== null && hidden.has(row.entityId)
      ? { ...row, entityId: null, sourceKey: null, raw: null, fields: null, changes: null, suggestion: null }
      : row,
  );
}
