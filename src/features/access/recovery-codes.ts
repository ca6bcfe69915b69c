/** Codes that stand in for a lost second factor: fifty random bits each, kept only as keyed fingerprints. */
import { randomInt } from 'node:crypto';
import { deriveKey, fingerprint, type Keys } from '../../shared/encryption.ts';

const CODES_AT_ONCE = 10;

/** Neither I, L, O, U nor the digits they are taken for when read from paper. */
const LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const LENGTH = 10;

/** `H3KQ7-MZ2XA`: ten codes, shown once. */
export function newRecoveryCodes(): string[] {
  const letter = (): string => LETTERS.charAt(randomInt(LETTERS.length));
  return Array.from({ length: CODES_AT_ONCE }, () => {
    const code = Array.from({ length: LENGTH }, letter).join('');
    return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
  });
}

/** A code as it was shown, however it was copied; null when it cannot be one. */
export function readRecoveryCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s.–-]/g, '');
  return code.length === LENGTH && [...code].every((letter) => LETTERS.includes(letter)) ? code : null;
}

/** Fingerprint for the database, under one key of the ring; the account is part of it. */
function codeHash(key: Buffer, userId: string, code: string): string {
  return fingerprint(deriveKey(key, 'recovery-codes'), `${userId}:${code}`).toString('hex');
}

/** Under the key that writes. @param code as {@link readRecoveryCode} gives it */
export function hashRecoveryCode(keys: Keys, userId: string, code: string): string {
  const key = keys.keys.get(keys.current);
  if (!key) throw new Error(`Key ${keys.current} is not in the ring`);
  return codeHash(key, userId, code);
}

/** Under every key of the ring: codes outlive a change of key. */
export function possibleCodeHashes(keys: Keys, userId: string, code: string): string[] {
  return [...keys.keys.values()].map((key) => codeHash(key, userId, code));
}
