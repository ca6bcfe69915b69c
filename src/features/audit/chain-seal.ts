/**
 * The seal of a chain's end. The links alone tell a change in the middle; whoever writes the tables could cut the end off, or write the
 * whole chain anew, and move its end along. The seal is made with a key that is outside the database.
 */
import { timingSafeEqual } from 'node:crypto';
import { deriveKey, fingerprint, type Keys } from '../../shared/encryption.ts';

/** Where a chain ends: its server, the number of its last event (0: none yet) and that event's hash. */
export interface ChainEnd {
  readonly site: string;
  readonly sequence: bigint;
  readonly hash: Uint8Array;
}

/** @param fieldKeys every key of the ring reads, the current one writes */
export function createChainSeals(fieldKeys: Keys) {
  const keys = new Map([...fieldKeys.keys].map(([version, key]) => [version, deriveKey(key, 'journal-end')]));

  const sealWith = (key: Buffer, { site, sequence, hash }: ChainEnd): Buffer<ArrayBuffer> =>
    fingerprint(key, JSON.stringify([site, sequence.toString(), Buffer.from(hash).toString('hex')]));

  return {
    /** 32 bytes. */
    of(end: ChainEnd): Buffer<ArrayBuffer> {
      const key = keys.get(fieldKeys.current);
      if (!key) throw new Error(`FIELD_KEY ${fieldKeys.current} is not in the ring`);
      return sealWith(key, end);
    },

    /** True when the chain ended there when it was last written. */
    holds(end: ChainEnd, seal: Uint8Array): boolean {
      return [...keys.values()].some((key) => {
        const expected = sealWith(key, end);
        return seal.length === expected.length && timingSafeEqual(seal, expected);
      });
    },
  };
}
