/** What a merge changes in the queue itself, there and back. */
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { newId } from '../../shared/ids.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';

interface Merged {
  readonly subjectType: DuplicateSubject;
  readonly survivorId: string;
  readonly mergedId: string;
}

/** Pairs that waited with the merged record wait no more: the next search finds them with the survivor, if they still hold. */
export async function closePairs(tx: Transaction, { subjectType, mergedId }: Merged): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    Prisma.sql`SELECT id FROM duplicate_candidate WHERE subject_type = ${subjectType} AND state = 'open' AND (first_id = ${mergedId} OR second_id = ${mergedId}) FOR UPDATE`,
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0)
    await tx.execute(
      Prisma.sql`UPDATE duplicate_candidate SET state = 'obsolete', version = version + 1 WHERE id IN (${Prisma.join(ids)})`,
    );
  return ids;
}

export async function reopenPairs(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await tx.execute(
      Prisma.sql`UPDATE duplicate_candidate SET state = 'open', version = version + 1 WHERE state = 'obsolete' AND id IN (${Prisma.join([...ids])})`,
    );
}

/** Whoever is not the merged record is not the survivor either: refusals made for one hold for the other. */
export async function inheritRefusals(
  tx: Transaction,
  { subjectType, survivorId, mergedId }: Merged,
): Promise<string[]> {
  const refused = await tx.query<{
    otherId: string;
    score: number;
    decidedById: string | null;
    decidedAt: Date | null;
  }>(
    Prisma.sql`SELECT IF(first_id = ${mergedId}, second_id, first_id) AS otherId, score, decided_by_id AS decidedById, decided_at AS decidedAt FROM duplicate_candidate WHERE subject_type = ${subjectType} AND state = 'dismissed' AND (first_id = ${mergedId} OR second_id = ${mergedId})`,
  );
  const inherited: string[] = [];
  for (const { otherId, score, decidedById, decidedAt } of refused) {
    if (otherId === survivorId) continue;
    const id = newId();
    const [firstId, secondId] = [survivorId, otherId].sort();
    const written = await tx.execute(
      Prisma.sql`INSERT IGNORE INTO duplicate_candidate (id, subject_type, first_id, second_id, score, reasons, state, decided_by_id, decided_at) VALUES (${id}, ${subjectType}, ${firstId}, ${secondId}, ${score}, '[]', 'dismissed', ${decidedById}, ${decidedAt})`,
    );
    if (written > 0) inherited.push(id);
  }
  return inherited;
}

export async function dropRefusals(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await tx.execute(
      Prisma.sql`DELETE FROM duplicate_candidate WHERE state = 'dismissed' AND id IN (${Prisma.join([...ids])})`,
    );
}
