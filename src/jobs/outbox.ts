/**
 * The outbox: a message is written in the transaction that decides it, and sent afterwards by the worker of the same
 * server, under a lease that is renewed while the message is on its way, with back-off. A purpose is queued once; a message
 * goes twice only if its process dies between the mail server's "accepted" and the note of it, and then under the same
 * Message-ID.
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
  /** views/emails/<template>.ejs and <template>.text.ejs; its texts are in emails.json, hyphens written as underscores. */
  readonly template: string;
  readonly params: Record<string, string | number>;
}

export type Message = MailMessage;

/** Sends one message, known by its id; throws to have it tried again later. */
export type Sender = (message: Message, id: string) => Promise<void>;

/** Thrown by a sender when trying again would change nothing: the mailbox does not exist. */
export class UndeliverableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UndeliverableError';
  }
}

export interface Delivery {
  sent: number;
  /** Attempts that failed and will be made again. */
  postponed: number;
  /** Messages given up. */
  failed: number;
}

export interface DeliveryOptions {
  /** Messages at most in one call. */
  readonly limit?: number;
  /** Asked before each message: true leaves the rest for later. */
  readonly isStopping?: () => boolean;
}

/** Seconds before each new attempt; after the last one the message is failed. */
export const RETRY_DELAYS: readonly number[] = [30, 120, 600, 1_800, 7_200, 21_600];
const LEASE_SECONDS = 60;
const RENEWAL_MS = 20_000;

const context = (id: string): string => `outbox:${id}`;

interface ClaimedMessage {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly attempts: number;
}

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
  const inSeconds = (seconds: number): Date => new Date(clock.now().getTime() + seconds * 1000);

  /**
   * One state at a time, so that the index gives the rows in order and only the one taken is locked: sorting would lock every
   * message due, and another worker would find nothing to do.
   */
  async function claimNext(owner: string): Promise<ClaimedMessage | null> {
    return database.prisma.$transaction(
      async (prisma) => {
        for (const state of ['pending', 'sending']) {
          const [row] = await prisma.$queryRaw<{ id: string; payload: Uint8Array; attempts: number | bigint }[]>(
            Prisma.sql`SELECT id, payload, attempts FROM outbox_message WHERE site = ${site} AND state = ${state} AND next_attempt_at <= ${clock.now()} ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
          );
          if (!row) continue;
          // A lease that runs out makes the message due again: its process died while sending.
          const leaseUntil = inSeconds(LEASE_SECONDS);
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
        }
        return null;
      },
      { isolationLevel: 'ReadCommitted' },
    );
  }

  /** Sends under the lease, which a slow mail server does not outlast. @returns what went wrong, or null */
  async function attempt(send: Sender, message: ClaimedMessage, owner: string): Promise<unknown> {
    const renewal = setInterval(() => {
      const leaseUntil = inSeconds(LEASE_SECONDS);
      database.prisma.outboxMessage
        .updateMany({
          where: { id: message.id, leaseOwner: owner },
          data: { leaseUntil, nextAttemptAt: leaseUntil },
        })
        // The next renewal, or the note of the result, meets the same fault and says it.
        .catch(() => undefined);
    }, RENEWAL_MS);
    try {
      const content = open(fieldKeys, message.payload, context(message.id)).toString('utf8');
      await send(JSON.parse(content) as Message, message.id);
      return null;
    } catch (error) {
      return error ?? new Error('The sender failed without saying why');
    } finally {
      clearInterval(renewal);
    }
  }

  async function settle(message: ClaimedMessage, owner: string, data: Prisma.OutboxMessageUpdateManyMutationInput) {
    await database.prisma.outboxMessage.updateMany({
      where: { id: message.id, leaseOwner: owner },
      data: { ...data, leaseOwner: null, leaseUntil: null },
    });
  }

  return {
    /** Called by the worker of this process: told as soon as something was queued here. */
    onQueued(listener: () => void): void {
      wake = listener;
    },

    /**
     * Queues a message in the caller's transaction.
     * @param dedupeKey says what it is for, in 120 characters; a second message of the same purpose is ignored
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
     * @param owner names the worker; no two share a name
     * @throws when the database cannot be reached: what was being sent is then due again once its lease runs out
     */
    async deliverDue(
      send: Sender,
      owner: string,
      { limit = 50, isStopping = () => false }: DeliveryOptions = {},
    ): Promise<Delivery> {
      const delivery: Delivery = { sent: 0, postponed: 0, failed: 0 };
      for (let count = 0; count < limit && !isStopping(); count += 1) {
        const message = await claimNext(owner);
        if (!message) break;
        const error = await attempt(send, message, owner);
        const delay = error instanceof UndeliverableError ? undefined : RETRY_DELAYS[message.attempts - 1];
        if (error === null) {
          await settle(message, owner, { state: 'sent', sentAt: clock.now(), lastError: null });
          delivery.sent += 1;
        } else if (delay === undefined) {
          await settle(message, owner, { state: 'failed', lastError: kindOf(error) });
          delivery.failed += 1;
        } else {
          await settle(message, owner, {
            state: 'pending',
            lastError: kindOf(error),
            nextAttemptAt: inSeconds(delay),
          });
          delivery.postponed += 1;
        }
      }
      return delivery;
    },
  };
}

/** Only the kind of an error is kept: a server's answer may quote the address. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const { code, responseCode } = (error instanceof UndeliverableError ? (error.cause ?? error) : error) as {
    code?: unknown;
    responseCode?: unknown;
  };
  return [error.name, code, responseCode]
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join(' ')
    .slice(0, 255);
}
