/** Walks the journal and tells whether it is what was written. @see docs/decisions/004-journal.md */
import { Prisma, type Database } from '../../db/client.ts';
import type { Keys } from '../../shared/encryption.ts';
import { CHAIN_START, linkHash, type ChainedEvent } from './audit-chain.ts';
import { createChainSeals } from './chain-seal.ts';

/** First link that does not hold. */
export interface BrokenLink {
  readonly site: string;
  readonly sequence: bigint;
  readonly eventId: string | null;
  /** missing: a number is skipped; altered: the event is not what was written; head: the chain's end is not where it was sealed, or it has none. */
  readonly kind: 'missing' | 'altered' | 'head';
}

interface EventRow extends Omit<ChainedEvent, 'sequence'> {
  sequence: bigint | number;
  previousHash: Uint8Array;
  hash: Uint8Array;
}

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

/**
 * Walks every server's chain from its first event to its end.
 * @param fieldKeys seal the ends: what someone without them wrote is told from what the product wrote
 * @returns the number of events read and the first broken link, if any
 */
export async function verifyChains(
  database: Database,
  fieldKeys: Keys,
): Promise<{ events: number; broken: BrokenLink | null }> {
  const seals = createChainSeals(fieldKeys);
  const heads = await database.query<{ site: string; lastSequence: number | null; seal: Uint8Array | null }>(
    Prisma.sql`SELECT site, MAX(lastSequence) AS lastSequence, MAX(seal) AS seal FROM (
      SELECT site, last_sequence AS lastSequence, last_hash AS seal FROM audit_chain
      UNION ALL SELECT DISTINCT site, NULL, NULL FROM audit_event) chains GROUP BY site ORDER BY site`,
  );
  let events = 0;
  for (const head of heads) {
    let previous: Uint8Array = CHAIN_START;
    let expected = 1n;
    for (;;) {
      const rows = await database.query<EventRow>(
        Prisma.sql`SELECT id, site, sequence, occurred_at AS occurredAt, actor_type AS actorType, actor_id AS actorId, action, subject_type AS subjectType, subject_id AS subjectId, ip, request_id AS requestId, person_id AS personId, payload, previous_hash AS previousHash, hash FROM audit_event WHERE site = ${head.site} AND sequence >= ${expected} ORDER BY sequence LIMIT 1000`,
      );
      for (const row of rows) {
        const sequence = BigInt(row.sequence);
        if (sequence !== expected)
          return { events, broken: { site: head.site, sequence: expected, eventId: null, kind: 'missing' } };
        if (!same(row.previousHash, previous) || !same(row.hash, linkHash(previous, { ...row, sequence }))) {
          return { events, broken: { site: head.site, sequence, eventId: row.id, kind: 'altered' } };
        }
        previous = row.hash;
        expected += 1n;
        events += 1;
      }
      if (rows.length === 0) break;
    }
    const end = { site: head.site, sequence: expected - 1n, hash: previous };
    if (head.seal === null || BigInt(head.lastSequence ?? -1) !== end.sequence || !seals.holds(end, head.seal)) {
      return { events, broken: { site: head.site, sequence: expected, eventId: null, kind: 'head' } };
    }
  }
  return { events, broken: null };
}
