/**
 * The second factor: six digits that an application derives from a shared secret and the time (TOTP), each accepted once, and
 * ten recovery codes. Three failures make the account wait a quarter of an hour.
 * @see RFC 6238; CNIL, délibération 2022-100 (a code held by a device: access restricted after three failures)
 */
import { Secret, TOTP } from 'otpauth';
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { open, seal, type Keys } from '../../shared/encryption.ts';
import { ForbiddenError, NotFoundError, RuleViolation, ThrottledError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { AuditService } from '../audit/index.ts';
import { findSecondFactor, type SecondFactorRow } from './access-queries.ts';
import type { RequestOrigin } from './account-service.ts';
import type { PasswordProof } from './password-proof.ts';
import { hashRecoveryCode, newRecoveryCodes, possibleCodeHashes, readRecoveryCode } from './recovery-codes.ts';
import { strangerFrom } from './sign-in-service.ts';
import type { Throttle } from './throttle.ts';

const PERIOD_SECONDS = 30;
/** A telephone may be half a minute early or late. */
const WINDOW = 1;

/** What the page that sets a second factor up shows. */
export interface PendingSecret {
  /** Sealed secret, kept in the session until a first code proves that it was read. */
  readonly sealed: string;
  /** `otpauth://…`, for the QR code. */
  readonly uri: string;
  /** The same secret, for typing: base32. */
  readonly secret: string;
}

export interface SecondFactorStatus {
  readonly enabledAt: Date | null;
  readonly codesLeft: number;
  /** A role asks for it: it cannot be turned off. */
  readonly required: boolean;
}

export type SecondFactorService = ReturnType<typeof createSecondFactorService>;

export function createSecondFactorService({
  database,
  audit,
  clock,
  throttle,
  fieldKeys,
  proof,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
  throttle: Throttle;
  fieldKeys: Keys;
  proof: PasswordProof;
}) {
  const attempts = throttle.counter('code', { attempts: 3, seconds: 900 });
  const context = (userId: string): string => `totp:${userId}`;
  const generator = (secret: string, issuer: string, label: string): TOTP =>
    new TOTP({ issuer, label, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });

  /** Time step of a code that is right now, or null. */
  function stepOf(secret: string, code: string): number | null {
    const timestamp = clock.now().getTime();
    const token = code.replace(/\s/g, '');
    if (!/^\d{6}$/.test(token)) return null;
    const delta = generator(secret, '', '').validate({ token, timestamp, window: WINDOW });
    return delta === null ? null : Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta;
  }

  async function rowOf(userId: string | null): Promise<SecondFactorRow> {
    const row = userId === null ? null : await findSecondFactor(database, userId);
    if (!row) throw new NotFoundError();
    return row;
  }

  /** Replaces every code of an account. @returns the new ones, in clear for the only time */
  async function renewCodes(tx: Transaction, userId: string): Promise<string[]> {
    const codes = newRecoveryCodes();
    await tx.prisma.recoveryCode.deleteMany({ where: { userId } });
    await tx.prisma.recoveryCode.createMany({
      data: codes.map((code) => ({
        id: newId(),
        userId,
        codeHash: hashRecoveryCode(fieldKeys, userId, readRecoveryCode(code) ?? ''),
      })),
    });
    return codes;
  }

  /** A code of the application, worth something once. */
  async function useTotp(user: SecondFactorRow, code: string): Promise<boolean> {
    if (!user.totpSecret) return false;
    const step = stepOf(open(fieldKeys, user.totpSecret, context(user.id)).toString('ascii'), code);
    if (step === null) return false;
    const { count } = await database.prisma.staffUser.updateMany({
      where: { id: user.id, OR: [{ totpLastStep: null }, { totpLastStep: { lt: step } }] },
      data: { totpLastStep: step },
    });
    return count === 1;
  }

  async function useRecoveryCode(user: SecondFactorRow, typed: string): Promise<boolean> {
    const code = readRecoveryCode(typed);
    if (code === null) return false;
    const { count } = await database.prisma.recoveryCode.updateMany({
      where: { userId: user.id, usedAt: null, codeHash: { in: possibleCodeHashes(fieldKeys, user.id, code) } },
      data: { usedAt: clock.now() },
    });
    return count === 1;
  }

  return {
    async status(actor: Actor): Promise<SecondFactorStatus> {
      const { totpEnabledAt, codesLeft, required } = await rowOf(actor.id);
      return { enabledAt: totpEnabledAt, codesLeft: totpEnabledAt ? codesLeft : 0, required };
    },

    /**
     * Checks the code that follows a right password: six digits, or a recovery code.
     * @returns how it was proved, with the recovery codes left, or null for a code that is wrong or has already served
     * @throws ThrottledError at the third failure and until the wait is over
     */
    async checkCode(
      userId: string,
      code: string,
      origin: RequestOrigin,
    ): Promise<{ method: 'totp' | 'recovery_code'; codesLeft: number } | null> {
      const wait = await attempts.take(userId);
      if (wait > 0) throw new ThrottledError(wait);
      const user = await rowOf(userId);
      if (await useTotp(user, code)) {
        await attempts.forget(userId);
        return { method: 'totp', codesLeft: user.codesLeft };
      }
      if (await useRecoveryCode(user, code)) {
        await attempts.forget(userId);
        return { method: 'recovery_code', codesLeft: user.codesLeft - 1 };
      }
      const seconds = await attempts.fail(userId);
      await inTransaction(database, (tx) => {
        audit.record(tx, strangerFrom(user, origin), {
          action: 'session.refused',
          subjectType: 'user',
          subjectId: userId,
          detail: { factor: 'code' },
        });
        return Promise.resolve();
      });
      if (seconds > 0) throw new ThrottledError(seconds);
      return null;
    },

    /**
     * A secret to scan: the one already pending in the session, or a new one.
     * @param issuer what the application shows above the account
     */
    async begin(actor: Actor, issuer: string, pending: string | undefined): Promise<PendingSecret> {
      const user = await rowOf(actor.id);
      if (user.totpEnabledAt)
        throw new RuleViolation('SECOND_FACTOR_ON', 'account.errors.second_factor_on', { status: 409 });
      const secret = pending
        ? open(fieldKeys, Buffer.from(pending, 'base64'), context(user.id)).toString('ascii')
        : new Secret({ size: 20 }).base32;
      const sealed = pending ?? seal(fieldKeys, secret, context(user.id)).toString('base64');
      return { sealed, secret, uri: generator(secret, issuer, user.email).toString() };
    },

    /**
     * Turns the second factor on, once the password shows that the owner is there and a first code that the secret was read.
     * @returns the recovery codes, in clear for the only time
     * @throws RuleViolation PASSWORD_WRONG on the field confirmPassword, CODE_WRONG on the field code; ThrottledError
     */
    async confirm(actor: Actor, pending: string, proved: { code: string; password: string }): Promise<string[]> {
      const user = await rowOf(actor.id);
      await proof.require(user, proved.password, 'confirmPassword');
      const wait = await attempts.take(user.id);
      if (wait > 0) throw new ThrottledError(wait);
      const secret = open(fieldKeys, Buffer.from(pending, 'base64'), context(user.id)).toString('ascii');
      const step = stepOf(secret, proved.code);
      if (step === null) {
        const seconds = await attempts.fail(user.id);
        if (seconds > 0) throw new ThrottledError(seconds);
        throw new RuleViolation('CODE_WRONG', 'sign-in.second.wrong', { fields: { code: 'sign-in.second.wrong' } });
      }
      await attempts.forget(user.id);
      return inTransaction(database, async (tx) => {
        const { count } = await tx.prisma.staffUser.updateMany({
          where: { id: user.id, totpEnabledAt: null },
          data: {
            totpSecret: seal(fieldKeys, secret, context(user.id)),
            totpEnabledAt: clock.now(),
            totpLastStep: step,
          },
        });
        if (count === 0)
          throw new RuleViolation('SECOND_FACTOR_ON', 'account.errors.second_factor_on', { status: 409 });
        audit.record(tx, actor, { action: 'second_factor.enabled', subjectType: 'user', subjectId: user.id });
        return renewCodes(tx, user.id);
      });
    },

    /**
     * New recovery codes; those before are worth nothing any more.
     * @throws RuleViolation PASSWORD_WRONG on the field confirmPassword; ThrottledError; NotFoundError without a second factor
     */
    async renewRecoveryCodes(actor: Actor, password: string): Promise<string[]> {
      const user = await rowOf(actor.id);
      if (!user.totpEnabledAt) throw new NotFoundError();
      await proof.require(user, password, 'confirmPassword');
      return inTransaction(database, async (tx) => {
        audit.record(tx, actor, { action: 'recovery_codes.renewed', subjectType: 'user', subjectId: user.id });
        return renewCodes(tx, user.id);
      });
    },

    /**
     * Turns one's own second factor off.
     * @throws RuleViolation PASSWORD_WRONG; ForbiddenError when a role asks for it; ThrottledError
     */
    async disable(actor: Actor, password: string): Promise<void> {
      const user = await rowOf(actor.id);
      if (user.required) throw new ForbiddenError('account.errors.second_factor_required');
      await proof.require(user, password, 'confirmPassword');
      await inTransaction(database, async (tx) => {
        await clearSecondFactor(tx, user.id);
        audit.record(tx, actor, { action: 'second_factor.disabled', subjectType: 'user', subjectId: user.id });
      });
    },
  };
}

/** Takes the secret and the codes of an account away, in the caller's transaction. */
export async function clearSecondFactor(tx: Transaction, userId: string): Promise<void> {
  await tx.prisma.staffUser.update({
    where: { id: userId },
    data: { totpSecret: null, totpEnabledAt: null, totpLastStep: null },
    select: { id: true },
  });
  await tx.execute(Prisma.sql`DELETE FROM recovery_code WHERE user_id = ${userId}`);
}
