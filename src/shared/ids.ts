import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ENTROPY_BYTES = 16;
/** Entropy of many identifiers at a time: asking the system for each costs more than the identifier, and an import makes half a million. */
const entropy = Buffer.alloc(ENTROPY_BYTES * 512);
let entropyUsed = entropy.length;

function drawEntropy(): Uint8Array {
  if (entropyUsed === entropy.length) {
    randomFillSync(entropy);
    entropyUsed = 0;
  }
  entropyUsed += ENTROPY_BYTES;
  return entropy.subarray(entropyUsed - ENTROPY_BYTES, entropyUsed);
}

/** The counter of RFC 9562 §6.2: identifiers of one millisecond follow each other. */
let msecs = 0;
let seq = 0;

/** A new UUIDv7: unique across both servers and ordered by time, so inserts stay at the end of the index. */
export function newId(): string {
  const random = drawEntropy();
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // Begins low enough never to run over within a millisecond.
    seq = ((random[6] ?? 0) << 16) | ((random[7] ?? 0) << 8) | (random[8] ?? 0);
  } else seq += 1;
  return v7({ random, msecs, seq });
}

/** True for the textual form of any UUID; guards lookups by an id typed into an address. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}
