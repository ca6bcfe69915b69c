/**
 * Leases: who may do a piece of work on this server, and until when. Time is the database's, so that processes whose clocks
 * differ agree. A lease that runs out is anyone's: its holder died, or lost the database.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Prisma, type Database } from '../db/client.ts';
import { retryingDeadlocks, type Transaction } from '../db/transaction.ts';

/** The work was taken over by another process: whoever notices stops without writing. */
export class LeaseLostError extends Error {
  constructor(job: string) {
    super(`The lease of ${job} is held by another process`);
    this.name = 'LeaseLostError';
  }
}

export type Leases = ReturnType<typeof createLeases>;

/** Names a process among all others: host, process number and a random part, since numbers come back. */
export function processName(): string {
  return `${hostname().slice(0, 20)}:${process.pid}:${randomUUID().slice(0, 8)}`;
}

export function createLeases({
  database,
  site,
  owner = processName(),
}: {
  database: Database;
  site: string;
  owner?: string;
}) {
  const whose = (job: string): Prisma.Sql => Prisma.sql`site = ${site} AND job = ${job} AND owner = ${owner}`;

  /** Two processes that insert the row which a third one deletes may each wait for the other. */
  const execute = (statement: Prisma.Sql): Promise<number> =>
    retryingDeadlocks(async () => {
      const { affectedRows } = await database.pool.query<{ affectedRows: number }>(statement.sql, statement.values);
      return affectedRows;
    });

  return {
    owner,

    /**
     * Takes or prolongs a lease.
     * @param job 48 characters at most
     * @returns false while another process holds it
     */
    async take(job: string, seconds: number): Promise<boolean> {
      const until = Prisma.sql`NOW(3) + INTERVAL ${seconds} SECOND`;
      await execute(
        Prisma.sql`INSERT IGNORE INTO job_lease (site, job, owner, held_until) VALUES (${site}, ${job}, ${owner}, NOW(3) - INTERVAL 1 SECOND)`,
      );
      const taken = await execute(
        Prisma.sql`UPDATE job_lease SET owner = ${owner}, held_until = ${until} WHERE site = ${site} AND job = ${job} AND (owner = ${owner} OR held_until < NOW(3))`,
      );
      return taken === 1;
    },

    /**
     * Proves inside a transaction that the lease is still ours, and prolongs it: whatever else the transaction writes is written
     * by the holder or not at all. One that ran out and that nobody took is still ours.
     * @throws LeaseLostError when another process took it
     */
    async fence(tx: Transaction, job: string, seconds: number): Promise<void> {
      const kept = await tx.execute(
        Prisma.sql`UPDATE job_lease SET held_until = NOW(3) + INTERVAL ${seconds} SECOND WHERE ${whose(job)}`,
      );
      if (kept !== 1) throw new LeaseLostError(job);
    },

    /** Gives a lease back; nothing happens when it is not ours. */
    async release(job: string): Promise<void> {
      await execute(Prisma.sql`DELETE FROM job_lease WHERE ${whose(job)}`);
    },

    /** True while any process holds the lease. */
    async isHeld(job: string): Promise<boolean> {
      const rows = await database.query<{ held: number }>(
        Prisma.sql`SELECT 1 AS held FROM job_lease WHERE site = ${site} AND job = ${job} AND held_until >= NOW(3)`,
      );
      return rows.length > 0;
    },
  };
}
