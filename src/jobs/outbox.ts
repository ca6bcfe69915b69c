/**
 * The outbox: a message is written in the transaction that decides it, and sent afterwards by the worker of the same
 * server, under a lease, with back-off. What is sent twice is never the outbox's doing: a purpose is queued once.
 */
import { Prisma, type Database } from '../db/client.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Clock } from '../shared/clock.ts';
import { open, seal, type Keys } from '../shared/encryption.ts';
import { newId } from '../shared/ids.ts';

/** A mail before rendering: the template decides subject and body, in the reader's language. */
export interface MailMessage {
  readonly channel: 'mail';
  readonly to: string;
  readonly language: 'fr' | 'en';
  /** views/emails/<template>.ejs and emails.<template>.subject */
  readonly template: string;
  readonly params: Record<string, string | number>;
}

export type Message = MailMessage;

/** Sends one message; throws to have it tried again later. */
export type Sender = (message: Message) => Promise<void>;

/** Seconds before each new attempt; after the last one the message is failed. */
const RETRY_DELAYS = [30, 120, 600, 1_800, 7_200, 21_600];
const LEASE_SECONDS = 60;

const context = (id: string): string => `outbox:${id}`;

export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox({
  database,
  site,
  fieldKeys,
  clock,
}: {
  database: Database;
  site: string;
  fieldKeys: Keys;
  clock: Clock;
}) {
  let wake: () => void = () => undefined;

  return {
    /** Called by the worker of this process: told as soon as something was queued here. */
    onQueued(listener: () => void): void {
      wake = listener;
    },

    /**
     * Queues a message in the caller's transaction.
     * @param dedupeKey says what it is for; a second message of the same purpose is ignored
     */
    async enqueue(tx: Transaction, message: Message, dedupeKey: string): Promise<void> {
      const id = newId();
      const payload = seal(fieldKeys, JSON.stringify(message), context(id));
      await tx.execute(
        Prisma.sql`INSERT INTO outbox_message (id, site, channel, payload, dedupe_key, next_attempt_at) VALUES (${id}, ${site}, ${message.channel}, ${payload}, ${dedupeKey}, ${clock.now()}) ON DUPLICATE KEY UPDATE id = id`,
      );
      tx.afterCommit(() => wake());
    },

    /**
     * Sends what is due, one message after the other; a message under another process's lease is skipped.
     * @returns how many were sent and how many failed this time
     */
    async deliverDue(send: Sender, owner: string, limit = 50): Promise<{ sent: number; failed: number }> {
      const result = { sent: 0, failed: 0 };
      for (let count = 0; count < limit; count += 1) {
        const claimed = await claimNext(owner);
        if (!claimed) return result;
        try {
          await send(JSON.parse(open(fieldKeys, claimed.payload, context(claimed.id)).toString('utf8')) as Message);
          await database.prisma.outboxMessage.update({
            where: { id: claimed.id },
            data: { state: 'sent', sentAt: clock.now(), leaseOwner: null, leaseUntil: null, lastError: null },
            select: { id: true },
          });
          result.sent += 1;
        } catch (error) {
          await postpone(claimed, error);
          result.failed += 1;
        }
      }
      return result;
    },
  };

  async function claimNext(owner: string): Promise<{ id: string; payload: Uint8Array; attempts: number } | null> {
    const now = clock.now();
    return database.prisma.$transaction(async (prisma) => {
      const [row] = await prisma.$queryRaw<{ id: string; payload: Uint8Array; attempts: number | bigint }[]>(
        Prisma.sql`SELECT id, payload, attempts FROM outbox_message WHERE site = ${site} AND state IN ('pending', 'sending') AND next_attempt_at <= ${now} ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
      );
      if (!row) return null;
      // A lease that runs out makes the message due again: its process died while sending.
      const leaseUntil = new Date(now.getTime() + LEASE_SECONDS * 1000);
      await prisma.outboxMessage.update({
        where: { id: row.id },
        data: {
          state: 'sending',
          attempts: { increment: 1 },
          leaseOwner: owner,
          leaseUntil,
          nextAttemptAt: leaseUntil,
        },
        select: { id: true },
      });
      return { id: row.id, payload: row.payload, attempts: Number(row.attempts) + 1 };
    });
  }

  async function postpone(message: { id: string; attempts: number }, error: unknown): Promise<void> {
    const delay = RETRY_DELAYS[message.attempts - 1];
    // Only the kind of error is kept: a server's answer may quote the address.
    const lastError =
      error instanceof Error
        ? `${error.name}${'code' in error ? ` ${String(error.code)}` : ''}`.slice(0, 255)
        : 'Error';
    await database.prisma.outboxMessage.update({
      where: { id: message.id },
      data:
        delay === undefined
          ? { state: 'failed', lastError, leaseOwner: null, leaseUntil: null }
          : {
              state: 'pending',
              lastError,
              leaseOwner: null,
              leaseUntil: null,
              nextAttemptAt: new Date(clock.now().getTime() + delay * 1000),
            },
      select: { id: true },
    });
  }
}
