import { createHash } from 'node:crypto';

/**
 * A short fingerprint of what a row says: two rows are the same content exactly when it is equal. Sixteen bytes in base64, so that
 * those of 200 000 rows stay in memory while the values do not.
 */
export function rowDigest(values: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64').slice(0, 22);
}
