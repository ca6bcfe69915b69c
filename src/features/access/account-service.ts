/** From the id in a session to the actor of a request, and the accounts that the command line and the demo create. */
import { violatedUniqueIndex } from '../../db/errors.ts';
import type { Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { builtInRoles, incompatiblePair, type Grant } from '../../shared/permissions.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { findAccount, findGrants, findSessionWithAccount, type AccountRow } from './access-queries.ts';
import { hashPassword, refuseWeakPassword } from './password-hashing.ts';

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly roleKeys: readonly string[];
  /** Null: the person chooses one through a link. */
  readonly password: string | null;
}

/** What a person changes about their own account. */
export interface OwnProfile {
  readonly name: string;
  readonly language: 'fr' | 'en';
  readonly theme: 'light' | 'dark' | 'auto';
}

/** Where a request comes from, for the journal. */
export interface RequestOrigin {
  readonly ip: string | null;
  readonly requestId: string | null;
}

export type AccountService = ReturnType<typeof createAccountService>;

/** A unique key of the accounts that a write ran into becomes the fault of a field. */
export function asEmailTaken(error: unknown): unknown {
  if (violatedUniqueIndex(error) !== 'staff_user_by_email') return error;
  return new RuleViolation('EMAIL_TAKEN', 'access.errors.email_taken', {
    fields: { email: 'access.errors.email_taken' },
  });
}

/** @throws RuleViolation INCOMPATIBLE_RIGHTS when roles held together would join rights that must stay apart */
export function refuseIncompatible(permissions: Iterable<string>, field: string): void {
  const pair = incompatiblePair(permissions);
  if (!pair) return;
  const key = `access.incompatible.${pair[0].replace('.', '_')}__${pair[1].replace('.', '_')}`;
  throw new RuleViolation('INCOMPATIBLE_RIGHTS', key, { fields: { [field]: key } });
}

export function createAccountService({
  database,
  audit,
  clock,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
}) {
  /** Grants by role; a role's version changes with its grants, so nothing stale is ever read. */
  const grantsOfRole = new Map<string, { version: number; grants: Grant[] }>();

  async function grantsOf(role: { id: string; version: number }): Promise<Grant[]> {
    const known = grantsOfRole.get(role.id);
    if (known?.version === role.version) return known.grants;
    const grants = await findGrants(database, role.id);
    grantsOfRole.set(role.id, { version: role.version, grants });
    return grants;
  }

  return {
    /**
     * The account behind a session, with its rights as they are now.
     * @param known the same account, when it was read for this very request
     * @returns null when the account is unknown or disabled: the session is worth nothing any more
     */
    async load(
      userId: string,
      origin: RequestOrigin,
      known: AccountRow | null = null,
    ): Promise<{ account: AccountRow; actor: Actor } | null> {
      const account = known?.id === userId ? known : await findAccount(database, userId);
      if (!account || account.disabledAt) return null;
      const grants = (await Promise.all(account.roles.map(grantsOf))).flat();
      const actor: Actor = {
        type: 'user',
        id: account.id,
        name: account.name,
        grants,
        programmeIds: account.programmeIds,
        ip: origin.ip,
        requestId: origin.requestId,
        language: account.language,
      };
      return { account, actor };
    },

    /** A session with its account, read together at each request. @param key hash of the cookie's identifier */
    readSession(key: string): Promise<{ data: string; account: AccountRow | null } | null> {
      return findSessionWithAccount(database, key);
    },

    /** Writes the built-in roles that are not there yet; those the school edited are left as they are. */
    async ensureBuiltInRoles(): Promise<void> {
      const known = new Set(
        (await database.prisma.role.findMany({ where: { key: { not: null } }, select: { key: true } })).map(
          (role) => role.key,
        ),
      );
      for (const role of builtInRoles) {
        if (known.has(role.key)) continue;
        await inTransaction(database, async (tx) => {
          const id = newId();
          await tx.prisma.role.create({
            data: { id, key: role.key, label: role.label, description: role.description },
            select: { id: true },
          });
          await tx.prisma.roleGrant.createMany({
            data: role.grants.map((grant) => ({
              roleId: id,
              permission: grant.permission,
              scope: grant.scope,
              fieldGroups: grant.fieldGroups.join(','),
            })),
          });
        });
      }
    },

    /**
     * Creates a staff account with built-in roles and a password.
     * @throws RuleViolation EMAIL_TAKEN, ROLE_UNKNOWN, INCOMPATIBLE_RIGHTS, PASSWORD_WEAK
     */
    async createUser(actor: Actor, user: NewUser): Promise<{ id: string }> {
      if (user.password !== null) refuseWeakPassword(user.password, user);
      const passwordHash = user.password === null ? null : await hashPassword(user.password);
      return inTransaction(database, async (tx) => {
        const id = newId();
        await tx.prisma.staffUser.create({
          data: {
            id,
            email: user.email.trim().toLowerCase(),
            name: user.name.trim(),
            passwordHash,
            passwordSetAt: passwordHash ? clock.now() : null,
          },
          select: { id: true },
        });
        await giveRoles(tx, id, user.roleKeys);
        audit.record(tx, actor, {
          action: 'user.created',
          subjectType: 'user',
          subjectId: id,
          detail: { roles: user.roleKeys },
        });
        return { id };
      }).catch((error: unknown) => {
        throw asEmailTaken(error);
      });
    },

    /** The own account as its forms show it. */
    async ownProfile(actor: Actor): Promise<OwnProfile & { email: string; version: number; createdAt: Date }> {
      const user = await database.prisma.staffUser.findUnique({
        where: { id: actor.id ?? '' },
        select: { name: true, email: true, language: true, theme: true, version: true, createdAt: true },
      });
      if (!user) throw new NotFoundError();
      return user as OwnProfile & { email: string; version: number; createdAt: Date };
    },

    /**
     * Changes one's own name, language and theme.
     * @throws ConflictError when the account changed since `version` was read
     */
    async updateOwnProfile(actor: Actor, profile: OwnProfile, version: number): Promise<void> {
      const before = await this.ownProfile(actor);
      await inTransaction(database, async (tx) => {
        const { count } = await tx.prisma.staffUser.updateMany({
          where: { id: actor.id ?? '', version },
          data: { ...profile, version: { increment: 1 } },
        });
        if (count === 0) throw new ConflictError(before);
        const changes: FieldChanges = Object.fromEntries(
          (['name', 'language', 'theme'] as const)
            .filter((field) => before[field] !== profile[field])
            .map((field) => [field, [before[field], profile[field]] as const]),
        );
        if (Object.keys(changes).length === 0) return;
        audit.record(tx, actor, {
          action: 'user.updated',
          subjectType: 'user',
          subjectId: actor.id ?? '',
          changes,
        });
      });
    },

    /**
     * Remembers the language or the theme that someone switched to in passing: a taste, that no form of the account waits
     * for and no journal needs.
     */
    async setPreference(actor: Actor, change: Partial<Pick<OwnProfile, 'language' | 'theme'>>): Promise<void> {
      await database.prisma.staffUser.updateMany({ where: { id: actor.id ?? '' }, data: change });
    },
  };

  async function giveRoles(tx: Transaction, userId: string, keys: readonly string[]): Promise<void> {
    const roles = await tx.prisma.role.findMany({
      where: { key: { in: [...keys] } },
      select: { id: true, key: true, grants: { select: { permission: true } } },
    });
    const unknown = keys.find((key) => !roles.some((role) => role.key === key));
    if (unknown)
      throw new RuleViolation('ROLE_UNKNOWN', 'access.errors.role_unknown', {
        params: { role: unknown },
        fields: { roles: 'access.errors.role_unknown' },
      });
    refuseIncompatible(
      roles.flatMap((role) => role.grants.map((grant) => grant.permission)),
      'roles',
    );
    await tx.prisma.userRole.createMany({ data: roles.map((role) => ({ userId, roleId: role.id })) });
  }
}
