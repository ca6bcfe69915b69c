/** Accounts of members of staff, as those who manage accounts see and change them. Nobody changes their own rights.
 * One file because every change of an account stands under the same two rules: not one's own rights, never the last administrator. */
import type { Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { wholeList, type WholeList } from '../../shared/whole-list.ts';
import {
  asEmailTaken,
  clearSecondFactor,
  closeSessionsOf,
  refuseIncompatible,
  type PasswordService,
} from '../access/index.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { keepingAnAdministrator } from './last-administrator.ts';
import { listUsers, type UserPage, type UserRow } from './user-queries.ts';
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
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
  passwords: PasswordService;
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

  /** @throws RuleViolation ROLE_UNKNOWN, PROGRAMME_UNKNOWN, INCOMPATIBLE_RIGHTS */
  async function giveRights(
    tx: Transaction,
    userId: string,
    roleIds: readonly string[],
    programmeIds: readonly string[],
  ) {
    const roles = await tx.prisma.role.findMany({
      where: { id: { in: [...roleIds] } },
      select: { id: true, label: true, grants: { select: { permission: true } } },
    });
    if (roles.length !== new Set(roleIds).size)
      throw new RuleViolation('ROLE_UNKNOWN', 'errors.field.choice', { fields: { roles: 'errors.field.choice' } });
    const programmes = await tx.prisma.programme.findMany({
      where: { id: { in: [...programmeIds] } },
      select: { id: true, label: true },
    });
    if (programmes.length !== new Set(programmeIds).size)
      throw new RuleViolation('PROGRAMME_UNKNOWN', 'errors.field.choice', {
        fields: { programmes: 'errors.field.choice' },
      });
    refuseIncompatible(
      roles.flatMap((role) => role.grants.map((grant) => grant.permission)),
      'roles',
    );
    await tx.prisma.userRole.deleteMany({ where: { userId } });
    await tx.prisma.userRole.createMany({ data: roles.map((role) => ({ userId, roleId: role.id })) });
    await tx.prisma.userProgramme.deleteMany({ where: { userId } });
    await tx.prisma.userProgramme.createMany({ data: programmes.map(({ id }) => ({ userId, programmeId: id })) });
    return { roles: sorted(roles.map(({ label }) => label)), programmes: sorted(programmes.map(({ label }) => label)) };
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
     * Opens an account; its owner chooses the password through a link sent by mail.
     * @throws RuleViolation EMAIL_TAKEN, ROLE_UNKNOWN, PROGRAMME_UNKNOWN, INCOMPATIBLE_RIGHTS
     */
    async create(actor: Actor, fields: AccountFields): Promise<{ id: string }> {
      const { name, email, language } = fields;
      const id = newId();
      try {
        await inTransaction(database, async (tx) => {
          await tx.prisma.staffUser.create({ data: { id, name, email, language }, select: { id: true } });
          const rights = await giveRights(tx, id, fields.roles, fields.programmes);
          audit.record(tx, actor, {
            action: 'user.created',
            subjectType: 'user',
            subjectId: id,
            changes: { name: [null, name], email: [null, email] },
            detail: rights,
          });
          await passwords.sendFirstLink(tx, { id, name, email, language });
        });
      } catch (error) {
        throw asEmailTaken(error);
      }
      return { id };
    },

    /**
     * Changes an account. Of one's own, the rights stay as they are. Whoever has a new address is told so at the old one, and
     * signs in again.
     * @throws ConflictError<UserDetails> when it changed since `version` was read; RuleViolation EMAIL_TAKEN, OWN_RIGHTS,
     * ROLE_UNKNOWN, PROGRAMME_UNKNOWN, INCOMPATIBLE_RIGHTS, LAST_ADMINISTRATOR
     */
    async update(actor: Actor, id: string, fields: AccountFields, version: number): Promise<void> {
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
        await inTransaction(database, (tx) =>
          keepingAnAdministrator(
            tx,
            async () => {
              const { name, email, language } = fields;
              const { count } = await tx.prisma.staffUser.updateMany({
                where: { id, version },
                data: { name, email, language, version: { increment: 1 } },
              });
              if (count === 0) throw new ConflictError(await details(actor, id, tx));
              const rights = changesRights
                ? await giveRights(tx, id, fields.roles, fields.programmes)
                : {
                    roles: before.roles.map(({ label }) => label),
                    programmes: before.programmes.map(({ label }) => label),
                  };
              const changes = changesOf(before, { name, email, language, ...rights });
              if (Object.keys(changes).length === 0) return;
              if (changes['email']) {
                await passwords.leaveAddress(tx, before);
                if (!before.isOwn) await closeSessionsOf(tx, id);
              }
              audit.record(tx, actor, { action: 'user.updated', subjectType: 'user', subjectId: id, changes });
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

    /** Opens the door again. */
    async enable(actor: Actor, id: string): Promise<void> {
      await inTransaction(database, async (tx) => {
        const { count } = await tx.prisma.staffUser.updateMany({
          where: { id, disabledAt: { not: null } },
          data: { disabledAt: null, version: { increment: 1 } },
        });
        if (count === 0) throw new NotFoundError();
        audit.record(tx, actor, { action: 'user.enabled', subjectType: 'user', subjectId: id });
      });
    },

    /**
     * Takes away the second factor of someone who lost it, and closes their sessions.
     * @throws ForbiddenError for one's own, which is turned off with the password on the account page
     */
    async resetSecondFactor(actor: Actor, id: string): Promise<void> {
      refuseOwn(actor, id);
      const user = await details(actor, id);
      if (!user.secondFactorSince) throw new NotFoundError();
      await inTransaction(database, async (tx) => {
        await clearSecondFactor(tx, id);
        await closeSessionsOf(tx, id);
        audit.record(tx, actor, { action: 'user.second_factor_reset', subjectType: 'user', subjectId: id });
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
