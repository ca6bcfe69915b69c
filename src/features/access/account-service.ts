/** From the id in a session to the actor of a request, and the accounts the command line and the demo create. */
import { hash } from '@node-rs/argon2';
import { violatedUniqueIndex } from '../../db/errors.ts';
import type { Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { passwordProblem } from '../../shared/passwords.ts';
import { builtInRoles, type Grant } from '../../shared/permissions.ts';
import type { AuditService } from '../audit/index.ts';
import { findAccount, findGrants, type AccountRow } from './access-queries.ts';

/** argon2id with the parameters OWASP gives for 19 MiB. */
export const argon2Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly roleKeys: readonly string[];
  /** Null: the person chooses one through a link. */
  readonly password: string | null;
}

export type AccountService = ReturnType<typeof createAccountService>;

export function createAccountService({ database, audit }: { database: Database; audit: AuditService }) {
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
     * @returns null when the account is unknown or disabled: the session is worth nothing any more
     */
    async load(
      userId: string,
      request: { ip: string | null; requestId: string | null },
    ): Promise<{ account: AccountRow; actor: Actor } | null> {
      const account = await findAccount(database, userId);
      if (!account || account.disabledAt) return null;
      const grants = (await Promise.all(account.roles.map(grantsOf))).flat();
      const actor: Actor = {
        type: 'user',
        id: account.id,
        name: account.name,
        grants,
        programmeIds: account.programmeIds,
        ...request,
        language: account.language,
      };
      return { account, actor };
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
     * Creates a staff account.
     * @throws RuleViolation EMAIL_TAKEN, ROLE_UNKNOWN, PASSWORD_WEAK
     */
    async createUser(actor: Actor, user: NewUser): Promise<{ id: string }> {
      const problem = user.password === null ? null : passwordProblem(user.password, [user.name, user.email]);
      if (problem) throw new RuleViolation('PASSWORD_WEAK', problem, { fields: { password: problem } });
      const passwordHash = user.password === null ? null : await hash(user.password, argon2Options);
      try {
        return await inTransaction(database, async (tx) => {
          const id = newId();
          await tx.prisma.staffUser.create({
            data: {
              id,
              email: user.email.trim().toLowerCase(),
              name: user.name.trim(),
              passwordHash,
              passwordSetAt: passwordHash ? new Date() : null,
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
        });
      } catch (error) {
        if (violatedUniqueIndex(error) === 'staff_user_by_email')
          throw new RuleViolation('EMAIL_TAKEN', 'access.errors.emailTaken', {
            fields: { email: 'access.errors.emailTaken' },
          });
        throw error;
      }
    },
  };

  async function giveRoles(tx: Transaction, userId: string, keys: readonly string[]): Promise<void> {
    const roles = await tx.prisma.role.findMany({ where: { key: { in: [...keys] } }, select: { id: true, key: true } });
    const unknown = keys.find((key) => !roles.some((role) => role.key === key));
    if (unknown)
      throw new RuleViolation('ROLE_UNKNOWN', 'access.errors.roleUnknown', {
        params: { role: unknown },
        fields: { roles: 'access.errors.roleUnknown' },
      });
    await tx.prisma.userRole.createMany({ data: roles.map((role) => ({ userId, roleId: role.id })) });
  }
}
