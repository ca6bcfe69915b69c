/** Deletes what has served its time: sessions, counters of attempts, links to choose a password, messages, old histories. */
import { Prisma, type Database } from '../db/client.ts';
import { retryingDeadlocks } from '../db/transaction.ts';
import { STAFF_SITE } from '../shared/site.ts';

const ROWS_PER_STATEMENT = 5_000;
/** Links stay long enough to be shown in the history of an account. */
const RESET_DAYS = 30;
const HISTORY_MONTHS = 12;
/**
 * A message whose sending is over: its contents and the address, sealed together, go first. What was sent, when, for what
 * purpose and after how many attempts stays as its proof.
 */
const MESSAGE_BODY_MONTHS = 6;
const MESSAGE_FACT_MONTHS = 12;

/**
 * @param site the server: it touches only the tables and rows it writes
 * @returns rows deleted, by table; messages emptied as `outbox_body`
 */
export async function deleteExpired(database: Database, site: string): Promise<Record<string, number>> {
  const endedMessages = (months: number): Prisma.Sql =>
    Prisma.sql`site = ${site} AND state NOT IN ('pending', 'sending') AND COALESCE(sent_at, next_attempt_at) < NOW(3) - INTERVAL ${months} MONTH`;
  const statements: Record<string, Prisma.Sql> = {
    ...(site === STAFF_SITE
      ? {
          staff_session: Prisma.sql`DELETE FROM staff_session WHERE expires_at < NOW(3)`,
          account_change: Prisma.sql`DELETE FROM account_change WHERE created_at < NOW(3) - INTERVAL ${HISTORY_MONTHS} MONTH`,
          password_reset: Prisma.sql`DELETE FROM password_reset WHERE created_at < NOW(3) - INTERVAL ${RESET_DAYS} DAY`,
        }
      : { portal_session: Prisma.sql`DELETE FROM portal_session WHERE expires_at < NOW(3)` }),
    rate_limit: Prisma.sql`DELETE FROM rate_limit WHERE \`key\` LIKE ${`${site}:%`} AND expire < UNIX_TIMESTAMP(NOW(3)) * 1000`,
    job_run: Prisma.sql`DELETE FROM job_run WHERE site = ${site} AND started_at < NOW(3) - INTERVAL ${HISTORY_MONTHS} MONTH`,
    outbox_message: Prisma.sql`DELETE FROM outbox_message WHERE ${endedMessages(MESSAGE_FACT_MONTHS)}`,
    outbox_body: Prisma.sql`UPDATE outbox_message SET payload = '' WHERE payload <> '' AND ${endedMessages(MESSAGE_BODY_MONTHS)}`,
    job_lease: Prisma.sql`DELETE FROM job_lease WHERE site = ${site} AND held_until < NOW(3) - INTERVAL 1 DAY`,
  };
  const deleted: Record<string, number> = {};
  for (const [table, statement] of Object.entries(statements)) {
    const limited = Prisma.sql`${statement} LIMIT ${ROWS_PER_STATEMENT}`;
    deleted[table] = 0;
    for (;;) {
      const { affectedRows } = await retryingDeadlocks(() =>
        database.pool.query<{ affectedRows: number }>(limited.sql, limited.values),
      );
      deleted[table] += affectedRows;
      if (affectedRows < ROWS_PER_STATEMENT) break;
    }
  }
  return deleted;
}
