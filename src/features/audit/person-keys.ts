/**
 * The key of each person in the journal: random, wrapped by FIELD_KEY, destroyed at erasure, after which the person's values in
 * the journal can no longer be read while the chain still verifies.
 */
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { newKey, open, seal, type Keys } from '../../shared/encryption.ts';

const context = (personId: string): string => `person-key:${personId}`;

interface PersonKeyRow {
  personId: string;
  wrappedKey: Uint8Array | null;
}

function unwrapAll(fieldKeys: Keys, rows: readonly PersonKeyRow[]): Map<string, Buffer | null> {
  return new Map(
    rows.map((row) => [row.personId, row.wrappedKey ? open(fieldKeys, row.wrappedKey, context(row.personId)) : null]),
  );
}

/** Keys of the persons that have one; null for a key that was destroyed. */
export async function readPersonKeys(
  reader: { query<Row>(statement: Prisma.Sql): Promise<Row[]> },
  fieldKeys: Keys,
  personIds: readonly string[],
): Promise<Map<string, Buffer | null>> {
  if (personIds.length === 0) return new Map();
  const rows = await reader.query<PersonKeyRow>(
    Prisma.sql`SELECT person_id AS personId, wrapped_key AS wrappedKey FROM person_key WHERE person_id IN (${Prisma.join([...personIds])})`,
  );
  return unwrapAll(fieldKeys, rows);
}

/**
 * Keys of persons about to be written about; those who have none get one. `newPersonIds` names the persons created in this very
 * transaction, for whom there is nothing to look up.
 */
export async function ensurePersonKeys(
  tx: Transaction,
  fieldKeys: Keys,
  personIds: readonly string[],
  newPersonIds: ReadonlySet<string>,
): Promise<Map<string, Buffer | null>> {
  const keys = await readPersonKeys(
    tx,
    fieldKeys,
    personIds.filter((id) => !newPersonIds.has(id)),
  );
  const missing = personIds.filter((id) => !keys.has(id));
  if (missing.length === 0) return keys;
  const rows = missing.map((personId) => {
    const key = newKey();
    keys.set(personId, key);
    return Prisma.sql`(${personId}, ${seal(fieldKeys, key, context(personId))})`;
  });
  const written = await tx.execute(
    Prisma.sql`INSERT IGNORE INTO person_key (person_id, wrapped_key) VALUES ${Prisma.join(rows)}`,
  );
  if (written === missing.length) return keys;
  // Someone else gave one of them a key in between: theirs stands.
  for (const [personId, key] of await readPersonKeys(tx, fieldKeys, missing)) keys.set(personId, key);
  return keys;
}
