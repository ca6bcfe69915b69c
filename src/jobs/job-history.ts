/** The runs of the jobs of a server, asked for, under way and ended. */
import { inBulkTransaction } from '../db/bulk-transaction.ts';
import { Prisma, type Database } from '../db/client.ts';
import type { Transaction } from '../db/transaction.ts';
import type { JobResult, JobRunSummary, JobScreens } from '../features/jobs/index.ts';
import { systemActor, type Actor } from '../shared/actor.ts';
import { isId, newId } from '../shared/ids.ts';
import type { JobOutcome } from './job.ts';

/** A row that waits to be begun. */
const REQUESTED = 'requested';
const PAGE_ROWS = 50;

interface RunRow {
  id: string;
  job: string;
  trigger: 'schedule' | 'user';
  startedBy: string | null;
  result: string;
  detail: string | null;
  startedAt: Date;
  finishedAt: Date | null;
}

const SELECTED = Prisma.sql`SELECT r.id, r.job, r.\`trigger\`, u.name AS startedBy, r.result, r.detail, r.started_at AS startedAt, r.finished_at AS finishedAt FROM job_run r LEFT JOIN staff_user u ON u.id = r.started_by_id`;

function toSummary(row: RunRow): JobRunSummary {
  return {
    ...row,
    // Whoever asked sees it as begun: it will be within a moment.
    result: row.result === REQUESTED ? 'running' : (row.result as JobResult),
    detail: row.detail === null ? null : (JSON.parse(row.detail) as JobRunSummary['detail']),
  };
}

export function createJobHistory({ database, site }: { database: Database; site: string }) {
  const execute = async (statement: Prisma.Sql): Promise<number> => {
    const { affectedRows } = await database.pool.query<{ affectedRows: number }>(statement.sql, statement.values);
    return affectedRows;
  };

  /** Locks a row that stands for the requests of a job until the transaction ends. */
  async function lockRequests(tx: Transaction, job: string): Promise<void> {
    await tx.execute(
      Prisma.sql`INSERT INTO job_lease (site, job, owner, held_until) VALUES (${site}, ${`ask:${job}`}, 'request', NOW(3)) ON DUPLICATE KEY UPDATE held_until = NOW(3)`,
    );
  }

  return {
    /**
     * Asks for a run. Whoever asks waits for those who ask at the same moment: reading alone would let two of them in.
     * @returns false when one is asked for or under way already
     */
    request(job: string, actor: Actor, now: Date, id = newId()): Promise<boolean> {
      return inBulkTransaction(database, async (tx) => {
        await lockRequests(tx, job);
        const asked = await tx.execute(
          Prisma.sql`INSERT INTO job_run (id, site, job, \`trigger\`, started_by_id, result, started_at) SELECT ${id}, ${site}, ${job}, ${actor.type === 'user' ? 'user' : 'schedule'}, ${actor.id}, ${REQUESTED}, ${now} FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM job_run r WHERE r.site = ${site} AND r.job = ${job} AND r.result IN (${REQUESTED}, 'running'))`,
        );
        return asked === 1;
      });
    },

    /** Runs asked for, oldest first, with who asked. */
    async requested(): Promise<{ id: string; job: string; actor: Actor }[]> {
      const rows = await database.query<{ id: string; job: string; userId: string | null; name: string | null }>(
        Prisma.sql`SELECT r.id, r.job, u.id AS userId, u.name FROM job_run r LEFT JOIN staff_user u ON u.id = r.started_by_id WHERE r.site = ${site} AND r.result = ${REQUESTED} ORDER BY r.started_at, r.id`,
      );
      return rows.map(({ id, job, userId, name }) => ({
        id,
        job,
        // The rights are those of the job: who asked is named in what it does.
        actor: userId === null ? systemActor(job) : { ...systemActor(job), id: userId, name: name ?? job },
      }));
    },

    /**
     * Notes that a run begins.
     * @param runId the run that was asked for; null: one of the clock
     * @returns its id, or null when it was begun by someone else meanwhile
     */
    async begin(
      job: string,
      { runId, actor, now }: { runId: string | null; actor: Actor; now: Date },
    ): Promise<string | null> {
      if (runId !== null) {
        const begun = await execute(
          Prisma.sql`UPDATE job_run SET result = 'running', started_at = ${now} WHERE id = ${runId} AND result = ${REQUESTED}`,
        );
        return begun === 1 ? runId : null;
      }
      const id = newId();
      await execute(
        Prisma.sql`INSERT INTO job_run (id, site, job, \`trigger\`, started_by_id, result, started_at) VALUES (${id}, ${site}, ${job}, 'schedule', ${actor.id}, 'running', ${now})`,
      );
      return id;
    },

    async end(id: string, { result, detail }: JobOutcome, now: Date): Promise<void> {
      await execute(
        Prisma.sql`UPDATE job_run SET result = ${result}, detail = ${detail ? JSON.stringify(detail) : null}, finished_at = ${now} WHERE id = ${id}`,
      );
    },

    /** Runs under way, as far as the history knows. */
    running(): Promise<{ id: string; job: string }[]> {
      return database.query(Prisma.sql`SELECT id, job FROM job_run WHERE site = ${site} AND result = 'running'`);
    },

    /** When a job last began; null: never. */
    async lastStart(job: string): Promise<Date | null> {
      const [row] = await database.query<{ startedAt: Date }>(
        Prisma.sql`SELECT started_at AS startedAt FROM job_run WHERE site = ${site} AND job = ${job} ORDER BY started_at DESC LIMIT 1`,
      );
      return row?.startedAt ?? null;
    },

    /** The last run of each job on this server. */
    async lastRuns(jobs: readonly string[]): Promise<Map<string, JobRunSummary>> {
      const rows = await database.query<RunRow>(
        Prisma.sql`${SELECTED} WHERE r.id IN (SELECT (SELECT l.id FROM job_run l WHERE l.job = j.job AND l.site = ${site} ORDER BY l.started_at DESC, l.id DESC LIMIT 1) FROM (${Prisma.join(
          jobs.map((job) => Prisma.sql`SELECT ${job} AS job`),
          ' UNION ALL ',
        )}) j)`,
      );
      return new Map(rows.map((row) => [row.job, toSummary(row)]));
    },

    /** A page of the history of this server, latest first. Ids are made in the order of time: they are the key. */
    async page({ job, after, before }: Parameters<JobScreens['history']>[1]): ReturnType<JobScreens['history']> {
      const where = Prisma.sql`r.site = ${site} AND ${job === null ? Prisma.sql`TRUE` : Prisma.sql`r.job = ${job}`}`;
      const [counted] = await database.query<{ total: number }>(
        Prisma.sql`SELECT COUNT(*) AS total FROM job_run r WHERE ${where}`,
      );
      const backwards = before !== null;
      const place = before ?? after;
      const sign = Prisma.raw(backwards ? '>' : '<');
      const order = Prisma.raw(backwards ? 'ASC' : 'DESC');
      const bound = place !== null && isId(place) ? Prisma.sql`r.id ${sign} ${place}` : Prisma.sql`TRUE`;
      const found = await database.query<RunRow>(
        Prisma.sql`${SELECTED} WHERE ${where} AND ${bound} ORDER BY r.id ${order} LIMIT ${PAGE_ROWS + 1}`,
      );
      const shown = found.slice(0, PAGE_ROWS).map(toSummary);
      const rows = backwards ? shown.reverse() : shown;
      const more = found.length > PAGE_ROWS;
      return {
        rows,
        total: Number(counted?.total ?? 0),
        previous: (backwards ? more : after !== null) ? (rows[0]?.id ?? null) : null,
        next: backwards || more ? (rows.at(-1)?.id ?? null) : null,
      };
    },
  };
}
