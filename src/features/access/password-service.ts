/**
 * Passwords: changed by their owner, or chosen through a link sent by mail when they were forgotten or never chosen. A link
 * serves once and is kept only as a hash; nothing here tells whether an account exists.
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Outbox } from '../../jobs/outbox.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { formatDateTime } from '../../shared/dates.ts';
import { NotFoundError, RuleViolation, ThrottledError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { AuditService } from '../audit/index.ts';
import { findByEmail } from './access-queries.ts';
import type { RequestOrigin } from './account-service.ts';
import { hashPassword, refuseWeakPassword } from './password-hashing.ts';
import type { PasswordProof } from './password-proof.ts';
import { closeSessionsOf } from './session-service.ts';
import { strangerFrom } from './sign-in-service.ts';
import { networkOf, type Throttle } from './throttle.ts';
import { passwordLinkUrl } from './urls.ts';

const HOUR_MS = 3_600_000;
/** A forgotten password is asked for and chosen in one go; a first one waits for a person to read their mail. */
const FORGOTTEN_LIFETIME_MS = HOUR_MS;
const FIRST_LIFETIME_MS = 72 * HOUR_MS;
/** An answer that found an account and one that found none both take this long at least. */
const SAME_TIME_MS = 350;

interface AccountToWrite {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly language: string;
}

export type PasswordService = ReturnType<typeof createPasswordService>;

export function createPasswordService({
  database,
  audit,
  outbox,
  clock,
  throttle,
  proof,
  publicUrl,
}: {
  database: Database;
  audit: AuditService;
  outbox: Outbox;
  clock: Clock;
  throttle: Throttle;
  proof: PasswordProof;
  /** Address of the administrative site, without a final slash. */
  publicUrl: string;
}) {
  const byAccount = throttle.counter('link-account', { attempts: 3, seconds: 3_600 });
  const byAddress = throttle.counter('link-address', { attempts: 20, seconds: 3_600 });
  const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');
  const language = (user: AccountToWrite): 'fr' | 'en' => (user.language === 'en' ? 'en' : 'fr');

  async function queueLink(
    tx: Transaction,
    user: AccountToWrite,
    template: 'password-reset' | 'account-created',
    lifetimeMs: number,
  ): Promise<void> {
    const id = newId();
    const token = randomBytes(32).toString('base64url');
    await tx.prisma.passwordReset.create({
      data: {
        id,
        userId: user.id,
        tokenHash: tokenHash(token),
        expiresAt: new Date(clock.now().getTime() + lifetimeMs),
      },
      select: { id: true },
    });
    const params = {
      name: user.name,
      link: `${publicUrl}${passwordLinkUrl(token)}`,
      email: user.email,
      hours: lifetimeMs / HOUR_MS,
    };
    await outbox.enqueue(
      tx,
      { channel: 'mail', to: user.email, language: language(user), template, params },
      `${template}:${id}`,
    );
  }

  async function findLink(token: string): Promise<{ id: string; user: AccountToWrite } | null> {
    const link = await database.prisma.passwordReset.findUnique({
      where: { tokenHash: tokenHash(token) },
      select: {
        id: true,
        expiresAt: true,
        usedAt: true,
        user: { select: { id: true, name: true, email: true, language: true, disabledAt: true } },
      },
    });
    if (!link || link.usedAt || link.expiresAt <= clock.now() || link.user.disabledAt) return null;
    return { id: link.id, user: link.user };
  }

  async function savePassword(tx: Transaction, actor: Actor, user: AccountToWrite, hash: string): Promise<void> {
    const now = clock.now();
    await tx.prisma.staffUser.update({
      where: { id: user.id },
      data: { passwordHash: hash, passwordSetAt: now },
      select: { id: true },
    });
    // Every other link dies with the password it was sent for.
    await tx.prisma.passwordReset.updateMany({ where: { userId: user.id, usedAt: null }, data: { usedAt: now } });
    audit.record(tx, actor, { action: 'password.changed', subjectType: 'user', subjectId: user.id });
    await outbox.enqueue(
      tx,
      {
        channel: 'mail',
        to: user.email,
        language: language(user),
        template: 'password-changed',
        params: { name: user.name, at: formatDateTime(now, language(user)), link: `${publicUrl}/mot-de-passe-oublie` },
      },
      `password-changed:${newId()}`,
    );
  }

  async function sendIfKnown(email: string, origin: RequestOrigin): Promise<void> {
    const user = await findByEmail(database, email);
    // Too many mails to one person say nothing either: the last link still serves.
    if (!user || user.disabledAt || (await byAccount.take(user.id)) > 0) return;
    await inTransaction(database, async (tx) => {
      await queueLink(tx, user, 'password-reset', FORGOTTEN_LIFETIME_MS);
      audit.record(tx, strangerFrom(user, origin), {
        action: 'password.link_sent',
        subjectType: 'user',
        subjectId: user.id,
      });
    });
  }

  return {
    /**
     * Sends a link to choose a new password, if the address is that of an account; says and shows nothing of it.
     * @throws ThrottledError when the network address asks too often
     */
    async sendForgottenLink(email: string, origin: RequestOrigin): Promise<void> {
      const wait = await byAddress.take(networkOf(origin.ip ?? ''));
      if (wait > 0) throw new ThrottledError(wait);
      await Promise.all([sendIfKnown(email.trim().toLowerCase(), origin), pause(SAME_TIME_MS)]);
    },

    /** Sends the link of a first password, in the transaction that creates or invites the account. */
    sendFirstLink(tx: Transaction, user: AccountToWrite): Promise<void> {
      return queueLink(tx, user, 'account-created', FIRST_LIFETIME_MS);
    },

    /**
     * Tells the address that an account leaves, where alone its owner learns of it, and lets no link sent there serve any more;
     * in the transaction that changes the address.
     * @param user as it was, with the address it leaves
     */
    async leaveAddress(tx: Transaction, user: AccountToWrite): Promise<void> {
      const now = clock.now();
      await tx.prisma.passwordReset.updateMany({ where: { userId: user.id, usedAt: null }, data: { usedAt: now } });
      await outbox.enqueue(
        tx,
        {
          channel: 'mail',
          to: user.email,
          language: language(user),
          template: 'email-changed',
          params: { name: user.name, at: formatDateTime(now, language(user)) },
        },
        `email-changed:${newId()}`,
      );
    },

    /** Whose password a link chooses; null when it has served, is too old, or never was. */
    async readLink(token: string): Promise<{ email: string } | null> {
      const link = await findLink(token);
      return link && { email: link.user.email };
    },

    /**
     * Sets the password that a link asks for, closes every session of the account, and tells its owner by mail.
     * @throws NotFoundError when the link does not serve (any more); RuleViolation PASSWORD_WEAK
     */
    async chooseByLink(token: string, password: string, origin: RequestOrigin): Promise<void> {
      const link = await findLink(token);
      if (!link) throw new NotFoundError();
      refuseWeakPassword(password, link.user);
      const hash = await hashPassword(password);
      await inTransaction(database, async (tx) => {
        const { count } = await tx.prisma.passwordReset.updateMany({
          where: { id: link.id, usedAt: null },
          data: { usedAt: clock.now() },
        });
        if (count === 0) throw new NotFoundError();
        await savePassword(tx, strangerFrom(link.user, origin), link.user, hash);
        await closeSessionsOf(tx, link.user.id);
      });
      await throttle.signIn.forget(link.user.email);
    },

    /**
     * Changes one's own password; every other session of the account is closed.
     * @param currentKey session that asks, which stays open
     * @throws RuleViolation PASSWORD_WRONG on currentPassword, PASSWORD_WEAK or PASSWORD_SAME on password; ThrottledError
     */
    async changeOwn(actor: Actor, current: string, password: string, currentKey: string): Promise<void> {
      const user = await database.prisma.staffUser.findUnique({
        where: { id: actor.id ?? '' },
        select: { id: true, name: true, email: true, language: true, passwordHash: true },
      });
      if (!user) throw new NotFoundError();
      await proof.require(user, current, 'currentPassword');
      refuseWeakPassword(password, user);
      if (current.normalize('NFKC') === password.normalize('NFKC'))
        throw new RuleViolation('PASSWORD_SAME', 'account.errors.password_same', {
          fields: { password: 'account.errors.password_same' },
        });
      const hash = await hashPassword(password);
      await inTransaction(database, async (tx) => {
        await savePassword(tx, actor, user, hash);
        await closeSessionsOf(tx, user.id, currentKey);
      });
    },

    /** When the actor's password was chosen. */
    async chosenAt(actor: Actor): Promise<Date | null> {
      const user = await database.prisma.staffUser.findUnique({
        where: { id: actor.id ?? '' },
        select: { passwordSetAt: true },
      });
      return user?.passwordSetAt ?? null;
    },
  };
}
