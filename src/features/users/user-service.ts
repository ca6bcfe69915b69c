/** Accounts of members of staff, as those who manage accounts see and change them. Nobody changes their own rights.
 * One file because every change of an account stands under the same two rules: not one's own rights, never the last administrator. */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { wholeList, type WholeList } from '../../shared/whole-list.ts';
import { asEmailTaken, clearSecondFactor, closeSessionsOf, type PasswordService } from '../access/index.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { findChanges, type ChangeKind } from './account-change-queries.ts';
import type { AccountChangeService } from './account-change-service.ts';
import { keepingAnAdministrator } from './last-administrator.ts';
import { listUsers, type UserPage, type UserRow } from './user-queries.ts';
import {
  givesSensitive,
  labelsOf,
  readRights,
  sensitiveRightsOf,
  withoutSensitive,
  writeRights,
} from './user-rights.ts';
import type { AccountFields, UserListQuery } from './user-schemas.ts';

export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly description: string | null;
}

export interface UserDetails {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly language: 'fr' | 'en';
  readonly version: number;
  readonly disabledAt: Date | null;
  readonly hasPassword: boolean;
  readonly secondFactorSince: Date | null;
  readonly lastSignInAt: Date | null;
  readonly lastSignInIp: string | null;
  readonly createdAt: Date;
  readonly openSessions: number;
  readonly roles: readonly { readonly id: string; readonly label: string; readonly requiresSecondFactor: boolean }[];
  /** None: all programmes. */
  readonly programmes: readonly { readonly id: string; readonly label: string }[];
  /** It is the account of who looks at it. */
  readonly isOwn: boolean;
}

/** Accounts read together for a file. */
const FILE_CHUNK = 500;

export type UserService = ReturnType<typeof createUserService>;

const sorted = (values: readonly string[]): string[] => values.toSorted((a, b) => a.localeCompare(b, 'fr'));

export function createUserService({
  database,
  audit,
  clock,
  passwords,
  changes: accountChanges,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
  passwords: PasswordService;
  changes: AccountChangeService;
}) {
  async function details(
    actor: Actor,
    id: string,
    reader: Pick<Transaction, 'prisma'> = database,
  ): Promise<UserDetails> {
    const user = await reader.prisma.staffUser.findUnique({
      where: { id },
      select: {
        id: true,
        name: true,
        email: true,
        language: true,
        version: true,
        disabledAt: true,
        passwordHash: true,
        totpEnabledAt: true,
        lastSignInAt: true,
        lastSignInIp: true,
        createdAt: true,
        roles: { select: { role: { select: { id: true, label: true, requiresSecondFactor: true } } } },
        programmes: { select: { programme: { select: { id: true, label: true } } } },
        _count: { select: { sessions: { where: { expiresAt: { gt: new Date() } } } } },
      },
    });
    if (!user) throw new NotFoundError();
    const byLabel = <Item extends { label: string }>(items: Item[]): Item[] =>
      items.toSorted((a, b) => a.label.localeCompare(b.label, 'fr'));
    return {
      id: user.id,
      name: user.name,
      email: user.email,
      language: user.language === 'en' ? 'en' : 'fr',
      version: user.version,
      disabledAt: user.disabledAt,
      hasPassword: user.passwordHash !== null,
      secondFactorSince: user.totpEnabledAt,
      lastSignInAt: user.lastSignInAt,
      lastSignInIp: user.lastSignInIp,
      createdAt: user.createdAt,
      openSessions: user._count.sessions,
      roles: byLabel(user.roles.map(({ role }) => role)),
      programmes: byLabel(user.programmes.map(({ programme }) => programme)),
      isOwn: actor.id === user.id,
    };
  }

  /**
   * Whether a new address or the loss of the second factor must wait: the account holds sensitive rights, or is about to.
   * Its row is locked, so that it stays so until the transaction ends.
   */
  async function isGuarded(tx: Transaction, actor: Actor, id: string): Promise<boolean> {
    if (actor.type !== 'user') return false;
    await tx.query(Prisma.sql`SELECT id FROM staff_user WHERE id = ${id} FOR UPDATE`);
    const held = await tx.prisma.userRole.findMany({ where: { userId: id }, select: { roleId: true } });
    const sensitive = await sensitiveRightsOf(
      tx,
      held.map(({ roleId }) => roleId),
    );
    if (sensitive.size > 0) return true;
    return (await findChanges(tx, { userId: id, now: clock.now() })).some(({ kind }) => kind === 'rights');
  }

  /** An address asked for is looked for at once: who confirms it should not be the one to learn that it is taken. */
  async function refuseTakenAddress(tx: Transaction, id: string, email: string): Promise<void> {
    const [taken] = await tx.query(Prisma.sql`SELECT id FROM staff_user WHERE email = ${email} AND id <> ${id}`);
    if (taken)
      throw new RuleViolation('EMAIL_TAKEN', 'access.errors.email_taken', {
        fields: { email: 'access.errors.email_taken' },
      });
  }

  function refuseOwn(actor: Actor, id: string): void {
    if (actor.id === id) throw new ForbiddenError('users.errors.own_account');
  }

  return {
    list(_actor: Actor, query: UserListQuery): Promise<UserPage> {
      return listUsers(database, query);
    },

    /** Every account that answers, for a file. */
    everything(_actor: Actor, query: UserListQuery): Promise<WholeList<UserRow>> {
      return wholeList((apres) => listUsers(database, { ...query, apres, avant: null }, FILE_CHUNK));
    },

    /** @throws NotFoundError */
    get(actor: Actor, id: string): Promise<UserDetails> {
      return details(actor, id);
    },

    /** Roles and programmes that an account can be given. */
    async choices(): Promise<{ roles: Choice[]; programmes: Choice[] }> {
      const [roles, programmes] = await Promise.all([
        database.prisma.role.findMany({
          select: { id: true, label: true, description: true },
          orderBy: { label: 'asc' },
        }),
        database.prisma.programme.findMany({
          where: { archivedAt: null },
          select: { id: true, label: true },
          orderBy: { label: 'asc' },
          take: 200,
        }),
      ]);
      return { roles, programmes: programmes.map((programme) => ({ ...programme, description: null })) };
    },

    /**
     * Opens an account; its owner chooses the password through a link sent by mail. Sensitive rights are asked for: the account
     * begins with the roles that have none.
     * @returns what waits for another administrator
     * @throws RuleViolation EMAIL_TAKEN, ROLE_UNKNOWN, PROGRAMME_UNKNOWN, INCOMPATIBLE_RIGHTS
     */
    async create(actor: Actor, fields: AccountFields): Promise<{ id: string; waits: ChangeKind[] }> {
      const { name, email, language } = fields;
      const id = newId();
      try {
        const waits = await inTransaction(database, async (tx): Promise<ChangeKind[]> => {
          await tx.prisma.staffUser.create({ data: { id, name, email, language }, select: { id: true } });
          const wanted = await readRights(tx, fields.roles, fields.programmes);
          const waits = actor.type === 'user' && wanted.sensitive.size > 0;
          const given = waits
            ? await readRights(tx, await withoutSensitive(tx, fields.roles), fields.programmes)
            : wanted;
          await writeRights(tx, id, given);
          const rights = { roles: labelsOf(given.roles), programmes: labelsOf(given.programmes) };
          audit.record(tx, actor, {
            action: 'user.created',
            subjectType: 'user',
            subjectId: id,
            changes: { name: [null, name], email: [null, email] },
            detail: rights,
          });
          await passwords.sendFirstLink(tx, { id, name, email, language });
          if (!waits) return [];
          const { roles, programmes } = fields;
          const account = { id, name, email, language };
          await accountChanges.ask(
            tx,
            actor,
            account,
            { kind: 'rights', roles, programmes },
            {
              roles: [rights.roles, labelsOf(wanted.roles)],
            },
          );
          return ['rights'];
        });
        return { id, waits };
      } catch (error) {
        throw asEmailTaken(error);
      }
    },

    /**
     * Changes an account. Of one's own, the rights stay as they are. Whoever has a new address is told so at the old one, and
     * signs in again. Sensitive rights, and the address of who has some, are asked for and wait.
     * @returns what waits for another administrator
     * @throws ConflictError<UserDetails> when it changed since `version` was read; RuleViolation EMAIL_TAKEN, OWN_RIGHTS,
     * ROLE_UNKNOWN, PROGRAMME_UNKNOWN, INCOMPATIBLE_RIGHTS, LAST_ADMINISTRATOR
     */
    async update(actor: Actor, id: string, fields: AccountFields, version: number): Promise<ChangeKind[]> {
      const before = await details(actor, id);
      const changesRights =
        sorted(fields.roles).join() !== sorted(before.roles.map((role) => role.id)).join() ||
        sorted(fields.programmes).join() !== sorted(before.programmes.map((programme) => programme.id)).join();
      if (before.version !== version) throw new ConflictError(before);
      if (before.isOwn && changesRights)
        throw new RuleViolation('OWN_RIGHTS', 'users.errors.own_rights', {
          fields: { roles: 'users.errors.own_rights' },
        });
      try {
        return await inTransaction(database, (tx) =>
          keepingAnAdministrator(
            tx,
            async () => {
              const { name, language } = fields;
              const emailWaits = fields.email !== before.email && (await isGuarded(tx, actor, id));
              const email = emailWaits ? before.email : fields.email;
              const { count } = await tx.prisma.staffUser.updateMany({
                where: { id, version },
                data: { name, email, language, version: { increment: 1 } },
              });
              if (count === 0) throw new ConflictError(await details(actor, id, tx));
              const wanted = changesRights ? await readRights(tx, fields.roles, fields.programmes) : null;
              const rightsWait = wanted !== null && actor.type === 'user' && (await givesSensitive(tx, before, wanted));
              const held = { roles: labelsOf(before.roles), programmes: labelsOf(before.programmes) };
              const asked = wanted && { roles: labelsOf(wanted.roles), programmes: labelsOf(wanted.programmes) };
              if (wanted && !rightsWait) {
                await writeRights(tx, id, wanted);
                await accountChanges.drop(tx, actor, id, 'rights');
              }
              const changes = changesOf(before, { name, email, language, ...(rightsWait ? held : (asked ?? held)) });
              if (changes['email']) {
                await accountChanges.drop(tx, actor, id, 'email');
                await passwords.leaveAddress(tx, before);
                if (!before.isOwn) await closeSessionsOf(tx, id);
              }
              if (Object.keys(changes).length > 0)
                audit.record(tx, actor, { action: 'user.updated', subjectType: 'user', subjectId: id, changes });
              if (emailWaits) {
                await refuseTakenAddress(tx, id, fields.email);
                const wantedEmail = { kind: 'email', email: fields.email } as const;
                await accountChanges.ask(tx, actor, before, wantedEmail, { email: [before.email, fields.email] });
              }
              if (rightsWait) {
                const { roles, programmes } = fields;
                const differing = changesOf(before, { ...before, ...held, ...asked });
                await accountChanges.ask(tx, actor, before, { kind: 'rights', roles, programmes }, differing);
              }
              return [...(emailWaits ? (['email'] as const) : []), ...(rightsWait ? (['rights'] as const) : [])];
            },
            'roles',
          ),
        );
      } catch (error) {
        throw asEmailTaken(error);
      }
    },

    /**
     * Closes the door to an account and every session it has.
     * @throws ForbiddenError for one's own account; RuleViolation LAST_ADMINISTRATOR
     */
    async disable(actor: Actor, id: string): Promise<void> {
      refuseOwn(actor, id);
      await inTransaction(database, (tx) =>
        keepingAnAdministrator(tx, async () => {
          const { count } = await tx.prisma.staffUser.updateMany({
            where: { id, disabledAt: null },
            data: { disabledAt: clock.now(), version: { increment: 1 } },
          });
          if (count === 0) throw new NotFoundError();
          await closeSessionsOf(tx, id);
          audit.record(tx, actor, { action: 'user.disabled', subjectType: 'user', subjectId: id });
        }),
      );
    },

    /**
     * Opens the door again; sensitive rights that the account held are asked for, as those of a new one.
     * @returns what waits for another administrator
     */
    async enable(actor: Actor, id: string): Promise<ChangeKind[]> {
      return inTransaction(database, async (tx): Promise<ChangeKind[]> => {
        const { count } = await tx.prisma.staffUser.updateMany({
          where: { id, disabledAt: { not: null } },
          data: { disabledAt: null, version: { increment: 1 } },
        });
        if (count === 0) throw new NotFoundError();
        audit.record(tx, actor, { action: 'user.enabled', subjectType: 'user', subjectId: id });
        const user = await details(actor, id, tx);
        const [roles, programmes] = [user.roles.map((role) => role.id), user.programmes.map(({ id }) => id)];
        if (actor.type !== 'user' || (await sensitiveRightsOf(tx, roles)).size === 0) return [];
        const given = await readRights(tx, await withoutSensitive(tx, roles), programmes);
        await writeRights(tx, id, given);
        const changes = { roles: [labelsOf(given.roles), labelsOf(user.roles)] } as const;
        await accountChanges.ask(tx, actor, user, { kind: 'rights', roles, programmes }, changes);
        return ['rights'];
      });
    },

    /**
     * Takes away the second factor of someone who lost it, and closes their sessions; of who holds sensitive rights, asks for it.
     * @returns what waits for another administrator
     * @throws ForbiddenError for one's own, which is turned off with the password on the account page
     */
    async resetSecondFactor(actor: Actor, id: string): Promise<ChangeKind[]> {
      refuseOwn(actor, id);
      const user = await details(actor, id);
      if (!user.secondFactorSince) throw new NotFoundError();
      return inTransaction(database, async (tx): Promise<ChangeKind[]> => {
        if (await isGuarded(tx, actor, id)) {
          await accountChanges.ask(tx, actor, user, { kind: 'second_factor' });
          return ['second_factor'];
        }
        await clearSecondFactor(tx, id);
        await closeSessionsOf(tx, id);
        audit.record(tx, actor, { action: 'user.second_factor_reset', subjectType: 'user', subjectId: id });
        return [];
      });
    },

    /** Closes every session of an account. @returns how many */
    async signOut(actor: Actor, id: string): Promise<number> {
      refuseOwn(actor, id);
      await details(actor, id);
      return inTransaction(database, async (tx) => {
        const sessions = await closeSessionsOf(tx, id);
        audit.record(tx, actor, {
          action: 'user.signed_out',
          subjectType: 'user',
          subjectId: id,
          detail: { sessions },
        });
        return sessions;
      });
    },

    /**
     * Sends the first link again to someone who has not chosen a password yet.
     * @throws NotFoundError when the account is disabled or already has a password
     */
    async sendLink(actor: Actor, id: string): Promise<void> {
      const user = await details(actor, id);
      if (user.hasPassword || user.disabledAt) throw new NotFoundError();
      await inTransaction(database, async (tx) => {
        await passwords.sendFirstLink(tx, user);
        audit.record(tx, actor, { action: 'user.invited', subjectType: 'user', subjectId: id });
      });
    },
  };
}

function changesOf(
  before: UserDetails,
  after: Pick<AccountFields, 'name' | 'email' | 'language'> & {
    roles: readonly string[];
    programmes: readonly string[];
  },
): FieldChanges {
  const earlier = {
    name: before.name,
    email: before.email,
    language: before.language,
    roles: sorted(before.roles.map(({ label }) => label)),
    programmes: sorted(before.programmes.map(({ label }) => label)),
  };
  return Object.fromEntries(
    Object.entries(earlier)
      .map(([field, value]) => [field, [value, after[field as keyof typeof after]]] as const)
      .filter(([, [was, is]]) => JSON.stringify(was) !== JSON.stringify(is)),
  );
}
