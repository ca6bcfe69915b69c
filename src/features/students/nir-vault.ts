/**
 * The social-security numbers: encrypted (AES-256-GCM) and found by a keyed fingerprint (HMAC-SHA-256), in a schema of
 * their own that is reached here and nowhere else.
 * @see domain decisions, NIR
 */
import { insertRows } from '../../db/bulk-insert.ts';
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { fingerprint, open, seal, sealedVersion, type Keys } from '../../shared/encryption.ts';

const context = (studentId: string): string => `nir:${studentId}`;

export interface NirEntry {
  readonly studentId: string;
  /** 15 characters, upper case. */
  readonly nir: string;
}

export type NirVault = ReturnType<typeof createNirVault>;

type SqlSource = Pick<Reader, 'query' | 'nirSchema'>;

export function createNirVault({ nirKeys, indexKeys }: { nirKeys: Keys; indexKeys: Keys }) {
  const indexKey = indexKeys.keys.get(indexKeys.current);
  if (!indexKey) throw new Error('NIR_INDEX_KEY has no current key');
  const table = (source: { nirSchema: string }, name: 'student_nir' | 'erased_person') =>
    Prisma.raw(`${source.nirSchema}.\`${name}\``);

  return {
    /** The blind index of a number: 32 bytes, equal for equal numbers. */
    indexOf: (nir: string): Buffer<ArrayBuffer> => fingerprint(indexKey, nir),

    /** Persons behind numbers: blind index in hexadecimal → student id. */
    async findByIndexes(source: SqlSource, indexes: readonly Uint8Array[]): Promise<Map<string, string>> {
      if (indexes.length === 0) return new Map();
      const rows = await source.query<{ nirIndex: Uint8Array; studentId: string }>(
        Prisma.sql`SELECT nir_index AS nirIndex, student_id AS studentId FROM ${table(source, 'student_nir')} WHERE nir_index IN (${Prisma.join(indexes.map((index) => Buffer.from(index)))})`,
      );
      return new Map(rows.map((row) => [Buffer.from(row.nirIndex).toString('hex'), row.studentId]));
    },

    /** Which of these numbers belong to erased persons: blind indexes in hexadecimal. */
    async findErased(source: SqlSource, indexes: readonly Uint8Array[]): Promise<Set<string>> {
      if (indexes.length === 0) return new Set();
      const rows = await source.query<{ nirIndex: Uint8Array }>(
        Prisma.sql`SELECT nir_index AS nirIndex FROM ${table(source, 'erased_person')} WHERE nir_index IN (${Prisma.join(indexes.map((index) => Buffer.from(index)))})`,
      );
      return new Set(rows.map((row) => Buffer.from(row.nirIndex).toString('hex')));
    },

    /** Stores numbers of persons who have none yet. A number held by someone else violates `student_nir_by_index`. */
    async store(tx: Transaction, entries: readonly NirEntry[]): Promise<void> {
      if (entries.length === 0) return;
      await tx.execute(
        insertRows(
          `${tx.nirSchema}.\`student_nir\``,
          ['student_id', 'nir_index', 'ciphertext', 'key_digits', 'key_version'],
          entries.map(({ studentId, nir }) => [
            studentId,
            fingerprint(indexKey, nir),
            seal(nirKeys, nir, context(studentId)),
            nir.slice(-2),
            nirKeys.current,
          ]),
        ),
      );
    },

    /** Forgets the numbers of persons. */
    async remove(tx: Transaction, studentIds: readonly string[]): Promise<void> {
      if (studentIds.length === 0) return;
      await tx.execute(
        Prisma.sql`DELETE FROM ${table(tx, 'student_nir')} WHERE student_id IN (${Prisma.join([...studentIds])})`,
      );
    },

    /** The two last digits, all a screen shows: student id → digits, absent when there is no number. */
    async keyDigits(source: SqlSource, studentIds: readonly string[]): Promise<Map<string, string>> {
      if (studentIds.length === 0) return new Map();
      const rows = await source.query<{ studentId: string; keyDigits: string }>(
        Prisma.sql`SELECT student_id AS studentId, key_digits AS keyDigits FROM ${table(source, 'student_nir')} WHERE student_id IN (${Prisma.join([...studentIds])})`,
      );
      return new Map(rows.map((row) => [row.studentId, row.keyDigits]));
    },

    /** The full number, for whoever proved the right to it; null when the person has none. The caller journals it. */
    async read(source: SqlSource, studentId: string): Promise<string | null> {
      const [row] = await source.query<{ ciphertext: Uint8Array }>(
        Prisma.sql`SELECT ciphertext FROM ${table(source, 'student_nir')} WHERE student_id = ${studentId}`,
      );
      return row ? open(nirKeys, row.ciphertext, context(studentId)).toString('ascii') : null;
    },

    /** Encrypts under the NIR key what may hold numbers (raw cells, before-images, uploaded files). */
    seal: (plain: Buffer | string, purpose: string): Buffer<ArrayBuffer> => seal(nirKeys, plain, purpose),
    /** @throws when the value or its purpose is not what was sealed */
    open: (sealed: Uint8Array, purpose: string): Buffer => open(nirKeys, sealed, purpose),
    sealedVersion,
  };
}
