/**
 * Authenticated encryption of small values (AES-256-GCM) under a versioned key ring.
 * Layout of a sealed value: version length (1 byte) · version · nonce (12) · tag (16) · ciphertext.
 * @see domain decisions: NIR by AES-256-GCM, key outside the database
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, randomFillSync } from 'node:crypto';

/** A versioned key ring: every key reads, `current` writes. */
export interface Keys {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Buffer>;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Nonces are drawn many at a time: asking the system for each costs more than the encryption of a small value. */
const nonces = Buffer.alloc(NONCE_BYTES * 512);
let nextNonce = nonces.length;

function newNonce(): Buffer {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces);
    nextNonce = 0;
  }
  // A copy: what is handed out must not change at the next draw.
  const nonce = Buffer.from(nonces.subarray(nextNonce, nextNonce + NONCE_BYTES));
  nextNonce += NONCE_BYTES;
  return nonce;
}

/** Encrypts with one 32-byte key; `context` is authenticated and must be given again to decrypt. */
export function encryptWith(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = newNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** @throws when the key, the context or a byte of the value is not what it was */
export function decryptWith(key: Buffer, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}

/** Encrypts under the ring's current key. */
export function seal(ring: Keys, plain: Buffer | string, context: string): Buffer<ArrayBuffer> {
  const key = ring.keys.get(ring.current);
  if (!key) throw new Error(`Key ${ring.current} is not in the ring`);
  const version = Buffer.from(ring.current);
  return Buffer.concat([Buffer.from([version.length]), version, encryptWith(key, Buffer.from(plain), context)]);
}

/** @throws when the version is not in the ring, or the value or its context changed */
export function open(ring: Keys, sealed: Uint8Array, context: string): Buffer {
  const length = sealed[0] ?? 0;
  const version = Buffer.from(sealed.subarray(1, 1 + length)).toString('ascii');
  const key = ring.keys.get(version);
  if (!key) throw new Error(`Key ${version} is not in the ring`);
  return decryptWith(key, sealed.subarray(1 + length), context);
}

/** Version of the key that sealed a value. */
export function sealedVersion(sealed: Uint8Array): string {
  return Buffer.from(sealed.subarray(1, 1 + (sealed[0] ?? 0))).toString('ascii');
}

/** A new random 32-byte key. */
export function newKey(): Buffer {
  return randomBytes(32);
}

/** Keyed fingerprint (HMAC-SHA-256): equal values meet, the value cannot be found back without the key. */
export function fingerprint(key: Buffer, value: string): Buffer<ArrayBuffer> {
  return createHmac('sha256', key).update(value).digest();
}

/** A key for one purpose, derived from another (HKDF-SHA-256). */
export function deriveKey(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), purpose, 32));
}
