/** The door: an address and a password, throttled by account and by network address, then what the journal keeps of it. */
import type { Database } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ThrottledError } from '../../shared/errors.ts';
import type { AuditService } from '../audit/index.ts';
import { findByEmail } from './access-queries.ts';
import type { RequestOrigin } from './account-service.ts';
import { isPassword } from './password-hashing.ts';
import type { Throttle } from './throttle.ts';

export interface Attempt extends RequestOrigin {
  readonly email: string;
  readonly password: string;
}

export interface SignedIn {
  readonly userId: string;
  readonly needsCode: boolean;
}

/** How someone proved who they are. */
export type SignInMethod = 'password' | 'totp' | 'recovery_code';

/** A sign-in before this one, shown to the person, who alone can tell whether it was theirs. */
export interface EarlierSignIn {
  readonly at: Date;
  readonly ip: string | null;
}

export type SignInService = ReturnType<typeof createSignInService>;

/** Someone who is not signed in yet, or does not manage to. */
export function strangerFrom(user: { id: string; name: string } | null, origin: RequestOrigin): Actor {
  return {
    type: 'user',
    id: user?.id ?? null,
    name: user?.name ?? '',
    grants: [],
    programmeIds: null,
    ip: origin.ip,
    requestId: origin.requestId,
    language: 'fr',
  };
}

export function createSignInService({
  database,
  audit,
  clock,
  throttle,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
  throttle: Throttle;
}) {
  return {
    /**
     * Checks an address and its password. The answer, and the time it takes, are the same for an unknown address, a
     * disabled account and a wrong password.
     * @returns null when they do not go together; which of the two is wrong is never said
     * @throws ThrottledError after too many failures of the account or from the address
     */
    async checkPassword(attempt: Attempt): Promise<SignedIn | null> {
      const email = attempt.email.trim().toLowerCase();
      const ip = attempt.ip ?? '';
      const wait = await throttle.signIn.take(email, ip);
      if (wait > 0) throw new ThrottledError(wait);
      const user = await findByEmail(database, email);
      const right = await isPassword(user?.passwordHash, attempt.password);
      if (!user || user.disabledAt || !right) {
        const seconds = await throttle.signIn.fail(email, ip);
        await recordRefusal(user, attempt, 'password');
        if (seconds > 0) throw new ThrottledError(seconds);
        return null;
      }
      await throttle.signIn.succeed(email, ip);
      return { userId: user.id, needsCode: user.totpEnabledAt !== null };
    },

    /**
     * Notes a completed sign-in: date and address on the account, event in the journal.
     * @returns the sign-in before this one, if there was one
     */
    async completeSignIn(actor: Actor, method: SignInMethod): Promise<EarlierSignIn | null> {
      const id = actor.id ?? '';
      return inTransaction(database, async (tx) => {
        const before = await tx.prisma.staffUser.findUniqueOrThrow({
          where: { id },
          select: { lastSignInAt: true, lastSignInIp: true },
        });
        await tx.prisma.staffUser.update({
          where: { id },
          data: { lastSignInAt: clock.now(), lastSignInIp: actor.ip },
          select: { id: true },
        });
        audit.record(tx, actor, { action: 'session.opened', subjectType: 'user', subjectId: id, detail: { method } });
        return before.lastSignInAt ? { at: before.lastSignInAt, ip: before.lastSignInIp } : null;
      });
    },

    /** Notes that someone signed out. */
    async recordSignOut(actor: Actor): Promise<void> {
      await inTransaction(database, (tx) => {
        audit.record(tx, actor, { action: 'session.closed', subjectType: 'user', subjectId: actor.id ?? '' });
        return Promise.resolve();
      });
    },
  };

  /** What was typed as an address is not kept: it may be a password. */
  async function recordRefusal(
    user: { id: string; name: string } | null,
    origin: RequestOrigin,
    factor: 'password',
  ): Promise<void> {
    await inTransaction(database, (tx) => {
      audit.record(tx, strangerFrom(user, origin), {
        action: 'session.refused',
        subjectType: user ? 'user' : 'system',
        subjectId: user?.id ?? 'unknown-account',
        detail: { factor },
      });
      return Promise.resolve();
    });
  }
}
