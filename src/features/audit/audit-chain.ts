/** The links of the journal's hash chain: pure, shared by the writer and by the walker that verifies it. */
import { createHash } from 'node:crypto';

/** What a link covers: every column of the event, the payload as ciphertext, so that destroying a key breaks no link. */
export interface ChainedEvent {
  readonly id: string;
  readonly site: string;
  readonly sequence: bigint;
  readonly occurredAt: Date;
  readonly actorType: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly ip: string | null;
  readonly requestId: string | null;
  readonly personId: string | null;
  readonly payload: Uint8Array | null;
}

/** The hash before the first event of a server. */
export const CHAIN_START: Buffer<ArrayBuffer> = Buffer.alloc(32);

/** SHA-256 over the previous hash and the event; fields are joined as JSON so that no two events read alike. */
export function linkHash(previous: Uint8Array, event: ChainedEvent): Buffer<ArrayBuffer> {
  const fields = [
    event.id,
    event.site,
    event.sequence.toString(),
    event.occurredAt.toISOString(),
    event.actorType,
    event.actorId,
    event.action,
    event.subjectType,
    event.subjectId,
    event.ip,
    event.requestId,
    event.personId,
  ];
  const hash = createHash('sha256').update(previous).update(JSON.stringify(fields));
  if (event.payload) hash.update(event.payload);
  return hash.digest();
}
