/** Deletes what has served its time: sessions, counters of attempts, links to choose a password, old histories. */
import { Prisma, type Database } from '../db/client.ts';
import { STAFF_SITE } from '../shared/site.ts';

const ROWS_PER_STATEMENT = 5_000;
/** Links stay long enough to be shown in the history of an account. */
const RESET_DAYS = 30;
const HISTORY_MONTHS = 12;

/**
 * @param site the server: it touches only the tables and rows it writes
 * @returns rows deleted, by table
 */
export async function deleteExpired(database: Database, site: string): Promise<Record<string, number>> {
  const statements: Record<string, Prisma.Sql> = {
    ...(site === STAFF_SITE
      ? {
          staff_session: Prisma.sql`DELETE FROM staff_session WHERE expires_at < NOW(3)`,
          password_reset: Prisma.sql`DELETE FROM password_reset WHERE created_at < NOW(3) - INTERVAL ${RESET_DAYS} DAY`,
        }
      : { portal_session: Prisma.sql`DELETE FROM portal_session WHERE expires_at < NOW(3)` }),
    rate_limit: Prisma.sql`DELETE FROM rate_limit WHERE \`key\` LIKE ${`${site}:%`} AND expire < UNIX_TIMESTAMP(NOW(3)) * 1000`,
    job_run: Prisma.sql`DELETE FROM job_run WHERE site = ${site} AND started_at < NOW(3) - INTERVAL ${HISTORY_MONTHS} MONTH`,
    job_lease: Prisma.sql`DELETE FROM job_lease WHERE site = ${site} AND held_until < NOW(3) - INTERVAL 1 DAY`,
  };
  const deleted: Record<string, number> = {};
  for (const [table, statement] of Object.entries(statements)) {
    const limited = Prisma.sql`${statement} LIMIT ${ROWS_PER_STATEMENT}`;
    deleted[table] = 0;
    for (;;) {
      const { affectedRows } = await database.pool.query<{ affectedRows: number }>(limited.sql, limited.values);
      deleted[table] += affectedRows;
      if (affectedRows < ROWS_PER_STATEMENT) break;
    }
  }
  return deleted;
}
