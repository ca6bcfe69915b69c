/** Roles and what they grant. Default deny; nobody edits a role they hold; some rights are never joined. */
import type { Database } from '../../db/client.ts';
import { Prisma } from '../../db/client.ts';
import { violatedUniqueIndex } from '../../db/errors.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { groupBy } from '../../shared/grouping.ts';
import { newId } from '../../shared/ids.ts';
import {
  incompatiblePair,
  isPermission,
  sensitiveAmong,
  widensSensitive,
  type Grant,
  type Scope,
} from '../../shared/permissions.ts';
import { refuseIncompatible } from '../access/index.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { isRoleAwaited, keepingAnAdministrator } from '../users/index.ts';
import { grantsFrom, rightsOf } from './role-rights.ts';
import type { RoleFields } from './role-schemas.ts';

export interface RoleDetails {
  readonly id: string;
  /** Stable name of a built-in role; null for the school's own. */
  readonly key: string | null;
  readonly label: string;
  readonly description: string;
  readonly requiresSecondFactor: boolean;
  readonly version: number;
  readonly grants: readonly Grant[];
  readonly holders: readonly { readonly id: string; readonly name: string }[];
  /** Views of lists shared with it. */
  readonly sharedViews: number;
  /** Who looks at it holds it. */
  readonly isOwn: boolean;
}

export type RoleService = ReturnType<typeof createRoleService>;

const SELECT = {
  id: true,
  key: true,
  label: true,
  description: true,
  requiresSecondFactor: true,
  version: true,
  grants: { select: { permission: true, scope: true, fieldGroups: true }, orderBy: { permission: 'asc' } },
  users: { select: { user: { select: { id: true, name: true, disabledAt: true } } } },
  _count: { select: { savedFilters: true } },
} as const satisfies Prisma.RoleSelect;

type RoleRow = Prisma.RoleGetPayload<{ select: typeof SELECT }>;

function detailsOf(row: RoleRow, actor: Actor): RoleDetails {
  return {
    id: row.id,
    key: row.key,
    label: row.label,
    description: row.description ?? '',
    requiresSecondFactor: row.requiresSecondFactor,
    version: row.version,
    grants: row.grants.flatMap(({ permission, scope, fieldGroups }) =>
      isPermission(permission)
        ? [{ permission, scope: scope as Scope, fieldGroups: fieldGroups === '' ? [] : fieldGroups.split(',') }]
        : [],
    ),
    holders: row.users
      .map(({ user }) => ({ id: user.id, name: user.name }))
      .toSorted((a, b) => a.name.localeCompare(b.name, 'fr')),
    sharedViews: row._count.savedFilters,
    isOwn: row.users.some(({ user }) => user.id === actor.id),
  };
}

const asLabelTaken = (error: unknown): unknown =>
  violatedUniqueIndex(error) === 'role_by_label'
    ? new RuleViolation('LABEL_TAKEN', 'roles.errors.label_taken', { fields: { label: 'roles.errors.label_taken' } })
    : error;

export function createRoleService({
  database,
  audit,
  clock,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
}) {
  async function read(actor: Actor, id: string, reader: Pick<Transaction, 'prisma'> = database): Promise<RoleDetails> {
    const row = await reader.prisma.role.findUnique({ where: { id }, select: SELECT });
    if (!row) throw new NotFoundError();
    return detailsOf(row, actor);
  }

  /** Replaces the grants of a role. @returns their keys */
  async function writeGrants(tx: Transaction, roleId: string, keys: readonly string[]): Promise<string[]> {
    const grants = grantsFrom(keys);
    refuseIncompatible(
      grants.map(({ permission }) => permission),
      'droits',
    );
    await tx.prisma.roleGrant.deleteMany({ where: { roleId } });
    await tx.prisma.roleGrant.createMany({
      data: grants.map(({ permission, scope, fieldGroups }) => ({
        roleId,
        permission,
        scope,
        fieldGroups: fieldGroups.join(','),
      })),
    });
    return rightsOf(grants).toSorted();
  }

  /** A role may be sound by itself and join, with another one that someone holds, what must stay apart. */
  async function refuseIncompatibleHolders(tx: Transaction, roleId: string): Promise<void> {
    const rows = await tx.query<{ userId: string; name: string; permission: string }>(
      Prisma.sql`SELECT DISTINCT u.id AS userId, u.name, g.permission FROM user_role held
        JOIN user_role every ON every.user_id = held.user_id JOIN role_grant g ON g.role_id = every.role_id
        JOIN staff_user u ON u.id = held.user_id WHERE held.role_id = ${roleId}`,
    );
    for (const held of groupBy(rows, (row) => row.userId).values()) {
      if (!incompatiblePair(held.map((row) => row.permission))) continue;
      throw new RuleViolation('INCOMPATIBLE_HOLDER', 'roles.errors.incompatible_holder', {
        params: { name: held[0]?.name ?? '' },
        fields: { droits: 'roles.errors.incompatible_holder' },
      });
    }
  }

  /**
   * Whoever holds the role would get the right without anyone else having seen it: sensitive rights go into a role that nobody
   * holds, and giving that role takes two people. Nor does what waits for a second person grow before they confirm it.
   */
  async function refuseSensitiveForHolders(tx: Transaction, before: RoleDetails, keys: readonly string[]) {
    if (!widensSensitive(sensitiveAmong(before.grants), sensitiveAmong(grantsFrom(keys)))) return;
    const holders = await tx.prisma.userRole.count({ where: { roleId: before.id } });
    const problem = holders > 0 ? 'sensitive_held' : 'sensitive_awaited';
    if (holders === 0 && !(await isRoleAwaited(tx, { roleId: before.id, now: clock.now() }))) return;
    throw new RuleViolation('SENSITIVE_HELD', `roles.errors.${problem}`, {
      fields: { droits: `roles.errors.${problem}` },
    });
  }

  function refuseOwn(role: RoleDetails): void {
    if (role.isOwn) throw new ForbiddenError('roles.errors.own_role');
  }

  return {
    /** Every role with its grants and holders, the school's services first. */
    async list(actor: Actor): Promise<RoleDetails[]> {
      const rows = await database.prisma.role.findMany({ select: SELECT, orderBy: { label: 'asc' } });
      return rows.map((row) => detailsOf(row, actor));
    },

    /** @throws NotFoundError */
    get(actor: Actor, id: string): Promise<RoleDetails> {
      return read(actor, id);
    },

    /** @throws RuleViolation LABEL_TAKEN, INCOMPATIBLE_RIGHTS */
    async create(actor: Actor, fields: RoleFields): Promise<{ id: string }> {
      const id = newId();
      const { label, description, requiresSecondFactor } = fields;
      try {
        await inTransaction(database, async (tx) => {
          await tx.prisma.role.create({ data: { id, label, description, requiresSecondFactor }, select: { id: true } });
          const grants = await writeGrants(tx, id, fields.droits);
          audit.record(tx, actor, {
            action: 'role.created',
            subjectType: 'role',
            subjectId: id,
            changes: { label: [null, label], description: [null, description], grants: [null, grants] },
          });
        });
      } catch (error) {
        throw asLabelTaken(error);
      }
      return { id };
    },

    /**
     * Changes a role; whoever holds it has the new rights at the next click.
     * @throws ConflictError<RoleDetails>; ForbiddenError for a role of one's own; RuleViolation LABEL_TAKEN, INCOMPATIBLE_RIGHTS, INCOMPATIBLE_HOLDER,
     * SENSITIVE_HELD, LAST_ADMINISTRATOR
     */
    async update(actor: Actor, id: string, fields: RoleFields, version: number): Promise<void> {
      const before = await read(actor, id);
      refuseOwn(before);
      if (before.version !== version) throw new ConflictError(before);
      const { label, description, requiresSecondFactor } = fields;
      try {
        await inTransaction(database, (tx) =>
          keepingAnAdministrator(
            tx,
            async () => {
              const { count } = await tx.prisma.role.updateMany({
                where: { id, version },
                data: { label, description, requiresSecondFactor, version: { increment: 1 } },
              });
              if (count === 0) throw new ConflictError(await read(actor, id, tx));
              const grants = await writeGrants(tx, id, fields.droits);
              await refuseIncompatibleHolders(tx, id);
              if (actor.type === 'user') await refuseSensitiveForHolders(tx, before, fields.droits);
              const changes = changesOf(before, { label, description, requiresSecondFactor, grants });
              if (Object.keys(changes).length === 0) return;
              audit.record(tx, actor, { action: 'role.updated', subjectType: 'role', subjectId: id, changes });
            },
            'droits',
          ),
        );
      } catch (error) {
        throw asLabelTaken(error);
      }
    },

    /**
     * Deletes a role that nobody holds.
     * @throws RuleViolation ROLE_BUILT_IN, ROLE_USED
     */
    async remove(actor: Actor, id: string): Promise<void> {
      const role = await read(actor, id);
      const problem = removalProblem(role);
      if (problem) throw new RuleViolation(role.key ? 'ROLE_BUILT_IN' : 'ROLE_USED', problem);
      await inTransaction(database, async (tx) => {
        await tx.prisma.role.delete({ where: { id }, select: { id: true } });
        audit.record(tx, actor, {
          action: 'role.deleted',
          subjectType: 'role',
          subjectId: id,
          changes: { label: [role.label, null] },
        });
      });
    },
  };
}

/** Why a role cannot be deleted, as an i18n key; null when it can. */
export function removalProblem(role: Pick<RoleDetails, 'key' | 'holders' | 'sharedViews'>): string | null {
  if (role.key) return 'roles.errors.built_in';
  return role.holders.length > 0 || role.sharedViews > 0 ? 'roles.errors.used' : null;
}

function changesOf(
  before: RoleDetails,
  after: { label: string; description: string; requiresSecondFactor: boolean; grants: readonly string[] },
): FieldChanges {
  const earlier = {
    label: before.label,
    description: before.description,
    requiresSecondFactor: before.requiresSecondFactor,
    grants: rightsOf(before.grants).toSorted(),
  };
  return Object.fromEntries(
    Object.entries(earlier)
      .map(([field, value]) => [field, [value, after[field as keyof typeof after]]] as const)
      .filter(([, [was, is]]) => JSON.stringify(was) !== JSON.stringify(is)),
  );
}
