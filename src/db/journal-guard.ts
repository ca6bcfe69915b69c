/**
 * Has the database itself refuse that an event of the journal be changed or deleted. Not a migration: with a binary log, a server lets
 * only some accounts create triggers, and a journal without them must not keep a school from installing the product.
 * @see docs/decisions/014-append-only.md
 */
import type { SqlRunner } from './migration-record.ts';

/**
 * Set to 1 on its own connection by what deletes events whose time has come; heard only from the account that owns the triggers.
 * Nothing lets an event be changed.
 */
export const JOURNAL_PURGE = '@crm_journal_purge';

const REFUSAL = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The journal is append-only'";
const IS_PURGE = `COALESCE(${JOURNAL_PURGE}, 0) = 1 AND SUBSTRING_INDEX(USER(), '@', 1) = SUBSTRING_INDEX(CURRENT_USER(), '@', 1)`;

const GUARDS: Readonly<Record<string, string>> = {
  audit_event_unchanged: `CREATE TRIGGER audit_event_unchanged BEFORE UPDATE ON audit_event FOR EACH ROW ${REFUSAL}`,
  audit_event_kept: `CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event FOR EACH ROW BEGIN IF NOT (${IS_PURGE}) THEN ${REFUSAL}; END IF; END`,
};

/** What servers answer to an account that may not create triggers: binary log without SUPER, access denied to it, to the table. */
const NOT_ALLOWED: ReadonlySet<number> = new Set([1419, 1227, 1142]);

/**
 * Makes the triggers that are missing in the current database.
 * @returns false when this account may not
 */
export async function guardJournal(runner: SqlRunner): Promise<boolean> {
  const tables = await runner.query<unknown[]>(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'audit_event'",
  );
  if (tables.length === 0) return true;
  const found = await runner.query<{ name: string }[]>(
    "SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table = 'audit_event'",
  );
  const present = new Set(found.map(({ name }) => name));
  try {
    for (const [name, statement] of Object.entries(GUARDS)) if (!present.has(name)) await runner.query(statement);
    return true;
  } catch (error) {
    if (NOT_ALLOWED.has((error as { errno?: number }).errno ?? 0)) return false;
    throw error;
  }
}
