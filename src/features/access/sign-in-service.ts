/** The first factor: an address and a password, throttled by account and by network address. */
import { hash, verify } from '@node-rs/argon2';
import type { Database } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ThrottledError } from '../../shared/errors.ts';
import type { AuditService } from '../audit/index.ts';
import { argon2Options } from './account-service.ts';
import type { Throttle } from './throttle.ts';

export interface Attempt {
  readonly email: string;
  readonly password: string;
  readonly ip: string;
  readonly requestId: string;
}

export interface SignedIn {
  readonly userId: string;
  readonly needsCode: boolean;
  /** The sign-in before this one, shown to the person. */
  readonly previous: { readonly at: Date; readonly ip: string | null } | null;
}

export type SignInService = ReturnType<typeof createSignInService>;

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
  /** Verified when the address is unknown, so that the answer takes as long as for a known one. */
  const decoy = hash('no account has this password', argon2Options);

  return {
    /**
     * Checks an address and its password.
     * @returns null when they do not go together; which of the two is wrong is never said
     * @throws ThrottledError after too many failures of the account or from the address
     */
    async checkPassword(attempt: Attempt): Promise<SignedIn | null> {
      const email = attempt.email.trim().toLowerCase();
      const wait = await throttle.secondsToWait(email, attempt.ip);
      if (wait > 0) throw new ThrottledError(wait);
      const user = await database.prisma.staffUser.findUnique({
        where: { email },
        select: {
          id: true,
          passwordHash: true,
          disabledAt: true,
          totpEnabledAt: true,
          lastSignInAt: true,
          lastSignInIp: true,
          name: true,
        },
      });
      const right = await verify(user?.passwordHash ?? (await decoy), attempt.password);
      if (!user?.passwordHash || user.disabledAt || !right) {
        const seconds = await throttle.fail(email, attempt.ip);
        if (user) await journalFailure(user, attempt);
        if (seconds > 0) throw new ThrottledError(seconds);
        return null;
      }
      await throttle.succeed(email);
      const previous = user.lastSignInAt ? { at: user.lastSignInAt, ip: user.lastSignInIp } : null;
      return { userId: user.id, needsCode: user.totpEnabledAt !== null, previous };
    },

    /** Notes a completed sign-in: date and address on the account, event in the journal. */
    async completeSignIn(actor: Actor, method: 'password' | 'totp' | 'recovery_code'): Promise<void> {
      if (!actor.id) return;
      const id = actor.id;
      await inTransaction(database, async (tx) => {
        await tx.prisma.staffUser.update({
          where: { id },
          data: { lastSignInAt: clock.now(), lastSignInIp: actor.ip },
          select: { id: true },
        });
        audit.record(tx, actor, { action: 'session.opened', subjectType: 'user', subjectId: id, detail: { method } });
      });
    },
  };

  async function journalFailure(user: { id: string; name: string }, attempt: Attempt): Promise<void> {
    const actor: Actor = {
      type: 'user',
      id: user.id,
      name: user.name,
      grants: [],
      programmeIds: null,
      ip: attempt.ip,
      requestId: attempt.requestId,
      language: 'fr',
    };
    await inTransaction(database, async (tx) => {
      audit.record(tx, actor, { action: 'session.refused', subjectType: 'user', subjectId: user.id });
    });
  }
}
