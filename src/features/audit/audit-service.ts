/**
 * The journal: append-only, one hash chain a server. `record` notes an event; the events of a transaction are encrypted,
 * linked and inserted together just before it commits.
 * @see docs/decisions/004-journal.md
 */
import { Prisma } from '../../db/client.ts';
import { inParts, insertRows } from '../../db/bulk-insert.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { decryptWith, deriveKey, encryptWith, type Keys } from '../../shared/encryption.ts';
import { isId, newId } from '../../shared/ids.ts';
import { hideNirs } from '../../shared/nir.ts';
import { CHAIN_START, linkHash, type ChainedEvent } from './audit-chain.ts';
import { createChainSeals } from './chain-seal.ts';
import { ensurePersonKeys } from './person-keys.ts';

/** Field → [before, after]; null where there was, or is, nothing. Never a NIR. */
export type FieldChanges = Record<string, readonly [unknown, unknown]>;

export interface AuditEntry {
  /** Past tense: student.updated, nir.revealed… */
  readonly action: string;
  readonly subjectType:
    | 'student'
    | 'company'
    | 'contact'
    | 'user'
    | 'role'
    | 'import'
    | 'setting'
    | 'list'
    | 'job'
    | 'tag'
    | 'programme'
    | 'cohort'
    | 'session'
    | 'system';
  readonly subjectId: string;
  /** The person whose values the payload holds: their key encrypts it. */
  readonly personId?: string | null;
  /** True when the person was created in this transaction: spares a look-up on bulk writes. */
  readonly personIsNew?: boolean;
  readonly changes?: FieldChanges;
  /** What else there is to say: a reason, counts, a list's filters. */
  readonly detail?: Record<string, unknown>;
}

/** What an event says once decrypted. */
export interface AuditPayload {
  readonly changes?: FieldChanges;
  readonly detail?: Record<string, unknown>;
}

/** The end of a chain, as it is kept. */
interface ChainHead {
  readonly lastSequence: bigint;
  /** Of the last event; null when there is none. */
  readonly hash: Uint8Array | null;
  readonly seal: Uint8Array;
}

interface PendingEvent {
  readonly actor: Actor;
  readonly entry: AuditEntry;
}

/** The journal outlives what it tells of, and never holds a NIR: one that someone typed where it does not belong is masked. */
function serialised(payload: AuditPayload): string {
  return JSON.stringify(payload, (_key, value: unknown) =>
    typeof value === 'string' && !isId(value) ? hideNirs(value) : value,
  );
}

const payloadContext = (eventId: string): string => `audit:${eventId}`;
const EVENT_COLUMNS = (
  'id site sequence occurred_at actor_type actor_id action subject_type subject_id ip request_id person_id ' +
  'payload previous_hash hash'
).split(' ');
/** One INSERT holds at most this many events: stays far below max_allowed_packet. */
const ROWS_PER_INSERT = 500;

export type AuditService = ReturnType<typeof createAuditService>;

export function createAuditService({ site, fieldKeys, clock }: { site: string; fieldKeys: Keys; clock: Clock }) {
  const seals = createChainSeals(fieldKeys);
  const pending = new WeakMap<Transaction, PendingEvent[]>();

  /** Values that belong to no person are encrypted under a key of the journal, one for each key of the ring. */
  const journalKeys = new Map([...fieldKeys.keys].map(([version, key]) => [version, deriveKey(key, 'journal')]));
  const journalKey = (version: string): Buffer => {
    const key = journalKeys.get(version);
    if (!key) throw new Error(`FIELD_KEY ${version} is not in the ring`);
    return key;
  };

  function encryptPayload(
    eventId: string,
    entry: AuditEntry,
    personKey: Buffer | null | undefined,
  ): Buffer<ArrayBuffer> | null {
    if (!entry.changes && !entry.detail) return null;
    const plain = Buffer.from(serialised({ changes: entry.changes, detail: entry.detail }));
    const marker = entry.personId ? Buffer.alloc(0) : Buffer.from(`${fieldKeys.current}:`);
    const key = entry.personId ? personKey : journalKey(fieldKeys.current);
    // The key was destroyed: the person is erased, and what happens to the remains is told without values.
    if (!key) return null;
    return Buffer.concat([marker, encryptWith(key, plain, payloadContext(eventId))]);
  }

  async function lockHead(tx: Transaction): Promise<ChainHead | undefined> {
    const [head] = await tx.query<ChainHead>(
      Prisma.sql`SELECT c.last_sequence AS lastSequence, c.last_hash AS seal, e.hash FROM audit_chain c LEFT JOIN audit_event e ON e.site = c.site AND e.sequence = c.last_sequence WHERE c.site = ${site} FOR UPDATE`,
    );
    return head;
  }

  /**
   * Once in the life of a server. An INSERT that meets the row takes a shared lock on it: made by every transaction, it would
   * have each wait for the other to let go of the row.
   */
  async function beginChain(tx: Transaction): Promise<ChainHead> {
    const seal = seals.of({ site, sequence: 0n, hash: CHAIN_START });
    await tx.execute(
      Prisma.sql`INSERT IGNORE INTO audit_chain (site, last_sequence, last_hash) VALUES (${site}, 0, ${seal})`,
    );
    const head = await lockHead(tx);
    if (!head) throw new Error(`No audit chain for ${site}`);
    return head;
  }

  async function flush(tx: Transaction, events: readonly PendingEvent[]): Promise<void> {
    const personIds = [...new Set(events.flatMap(({ entry }) => entry.personId ?? []))];
    const newPersonIds = new Set(
      events.flatMap(({ entry }) => (entry.personIsNew && entry.personId ? [entry.personId] : [])),
    );
    const keys = await ensurePersonKeys(tx, fieldKeys, personIds, newPersonIds);
    const prepared = events.map(({ actor, entry }) => {
      const id = newId();
      return {
        id,
        actor,
        entry,
        payload: encryptPayload(id, entry, entry.personId ? keys.get(entry.personId) : undefined),
      };
    });

    // From here on the chain is locked: nothing slow may come before the commit.
    const head = (await lockHead(tx)) ?? (await beginChain(tx));
    let sequence = BigInt(head.lastSequence);
    // An event that is gone leaves its successor without a link: the walk names it.
    let previous: Uint8Array = sequence === 0n ? CHAIN_START : (head.hash ?? head.seal);
    const isWhole = seals.holds({ site, sequence, hash: previous }, head.seal);
    const occurredAt = clock.now();
    const rows = prepared.map(({ id, actor, entry, payload }) => {
      sequence += 1n;
      const event: ChainedEvent = {
        id,
        site,
        sequence,
        occurredAt,
        actorType: actor.type,
        actorId: actor.id,
        action: entry.action,
        subjectType: entry.subjectType,
        subjectId: entry.subjectId,
        ip: actor.ip,
        requestId: actor.requestId,
        personId: entry.personId ?? null,
        payload,
      };
      const hash = linkHash(previous, event);
      const { actorType, actorId, action, subjectType, subjectId, ip, requestId, personId } = event;
      const who = [actorType, actorId, action, subjectType, subjectId, ip, requestId, personId];
      const row = [id, site, sequence, occurredAt, ...who, payload, Buffer.from(previous), hash];
      previous = hash;
      return row;
    });
    // A chain that was tampered with goes on, and keeps the seal that says so.
    const seal = isWhole ? seals.of({ site, sequence, hash: previous }) : Buffer.from(head.seal);
    // Sent together: the others wait for this one to be done.
    await Promise.all([
      ...[...inParts(rows, ROWS_PER_INSERT)].map((part) => tx.execute(insertRows('audit_event', EVENT_COLUMNS, part))),
      tx.execute(
        Prisma.sql`UPDATE audit_chain SET last_sequence = ${sequence}, last_hash = ${seal} WHERE site = ${site}`,
      ),
    ]);
  }

  return {
    /** Notes an event; it is written when the transaction commits, and not at all when it rolls back. */
    record(tx: Transaction, actor: Actor, entry: AuditEntry): void {
      const known = pending.get(tx);
      if (known) {
        known.push({ actor, entry });
        return;
      }
      const events: PendingEvent[] = [{ actor, entry }];
      pending.set(tx, events);
      tx.beforeCommit(() => flush(tx, events));
    },

    /**
     * Decrypts what an event says.
     * @param personKey key of `personId`; null when it was destroyed
     * @returns null when there is nothing to read any more, or never was
     */
    readPayload(
      event: { id: string; personId: string | null; payload: Uint8Array | null },
      personKey: Buffer | null | undefined,
    ): AuditPayload | null {
      if (!event.payload) return null;
      const bytes = Buffer.from(event.payload);
      if (event.personId) {
        if (!personKey) return null;
        return JSON.parse(decryptWith(personKey, bytes, payloadContext(event.id)).toString('utf8')) as AuditPayload;
      }
      const separator = bytes.indexOf(0x3a);
      const version = bytes.subarray(0, separator).toString('ascii');
      return JSON.parse(
        decryptWith(journalKey(version), bytes.subarray(separator + 1), payloadContext(event.id)).toString('utf8'),
      ) as AuditPayload;
    },
  };
}
