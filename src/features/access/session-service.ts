/** Where an account is signed in, and closing that from elsewhere. */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { NotFoundError } from '../../shared/errors.ts';
import type { AuditService } from '../audit/index.ts';
import { findSessions, type SessionRow } from './access-queries.ts';

export type SessionService = ReturnType<typeof createSessionService>;

export function createSessionService({ database, audit }: { database: Database; audit: AuditService }) {
  return {
    /** The actor's own open sessions, the last used first; `key` is the hash of the cookie's identifier. */
    list(actor: Actor): Promise<SessionRow[]> {
      return findSessions(database, actor.id ?? '');
    },

    /** Closes one of the actor's own sessions. @throws NotFoundError when it is closed already, or someone else's */
    async close(actor: Actor, key: string): Promise<void> {
      await inTransaction(database, async (tx) => {
        const { count } = await tx.prisma.staffSession.deleteMany({ where: { id: key, userId: actor.id ?? '' } });
        if (count === 0) throw new NotFoundError();
        audit.record(tx, actor, {
          action: 'session.revoked',
          subjectType: 'user',
          subjectId: actor.id ?? '',
          detail: { sessions: 1 },
        });
      });
    },

    /** Closes the actor's own sessions but the one that asks. @returns how many were closed */
    async closeOthers(actor: Actor, currentKey: string): Promise<number> {
      return inTransaction(database, async (tx) => {
        const closed = await closeSessionsOf(tx, actor.id ?? '', currentKey);
        if (closed > 0)
          audit.record(tx, actor, {
            action: 'session.revoked',
            subjectType: 'user',
            subjectId: actor.id ?? '',
            detail: { sessions: closed },
          });
        return closed;
      });
    },
  };
}

/** Closes every session of an account in the caller's transaction, but one if it is named. @returns how many */
export function closeSessionsOf(tx: Transaction, userId: string, exceptKey = ''): Promise<number> {
  return tx.execute(Prisma.sql`DELETE FROM staff_session WHERE user_id = ${userId} AND id <> ${exceptKey}`);
}
