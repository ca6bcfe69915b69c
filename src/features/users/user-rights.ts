/** The rights of an account, read and written in the caller's transaction. */
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { RuleViolation } from '../../shared/errors.ts';
import { sensitiveAmong, widensSensitive } from '../../shared/permissions.ts';
import { refuseIncompatible } from '../access/index.ts';

export interface Rights {
  readonly roles: readonly { readonly id: string; readonly label: string }[];
  readonly programmes: readonly { readonly id: string; readonly label: string }[];
  /** Sensitive rights that the roles grant (see sensitiveAmong). */
  readonly sensitive: ReadonlySet<string>;
}

/** What roles grant, as far as it is sensitive. */
export async function sensitiveRightsOf(
  reader: Pick<Transaction, 'prisma'>,
  roleIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const grants = await reader.prisma.roleGrant.findMany({
    where: { roleId: { in: [...roleIds] } },
    select: { permission: true, scope: true, fieldGroups: true },
  });
  return sensitiveAmong(grants.map((grant) => ({ ...grant, fieldGroups: grant.fieldGroups.split(',') })));
}

/** Those of some roles that grant nothing sensitive. */
export async function withoutSensitive(tx: Transaction, roleIds: readonly string[]): Promise<string[]> {
  const plain: string[] = [];
  for (const id of roleIds) if ((await sensitiveRightsOf(tx, [id])).size === 0) plain.push(id);
  return plain;
}

/** True when an account would hold a sensitive right that it does not hold yet, or hold it on more programmes. */
export async function givesSensitive(
  tx: Transaction,
  before: Pick<Rights, 'roles' | 'programmes'>,
  { sensitive, programmes }: Rights,
): Promise<boolean> {
  if (sensitive.size === 0) return false;
  const held = await sensitiveRightsOf(
    tx,
    before.roles.map(({ id }) => id),
  );
  const limits = new Set(before.programmes.map(({ id }) => id));
  const widens = limits.size > 0 && (programmes.length === 0 || programmes.some(({ id }) => !limits.has(id)));
  return widens || widensSensitive(held, sensitive);
}

/**
 * Rights that an account may be given.
 * @throws RuleViolation ROLE_UNKNOWN, PROGRAMME_UNKNOWN, INCOMPATIBLE_RIGHTS
 */
export async function readRights(
  tx: Transaction,
  roleIds: readonly string[],
  programmeIds: readonly string[],
): Promise<Rights> {
  // A role is not edited between the moment its rights are weighed and the moment it is given.
  if (roleIds.length > 0)
    await tx.query(Prisma.sql`SELECT id FROM role WHERE id IN (${Prisma.join([...roleIds])}) LOCK IN SHARE MODE`);
  const roles = await tx.prisma.role.findMany({
    where: { id: { in: [...roleIds] } },
    select: { id: true, label: true, grants: { select: { permission: true, scope: true, fieldGroups: true } } },
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
  const grants = roles.flatMap((role) => role.grants);
  refuseIncompatible(
    grants.map(({ permission }) => permission),
    'roles',
  );
  return {
    roles: roles.map(({ id, label }) => ({ id, label })),
    programmes,
    sensitive: sensitiveAmong(grants.map((grant) => ({ ...grant, fieldGroups: grant.fieldGroups.split(',') }))),
  };
}

/** Replaces the rights of an account. */
export async function writeRights(tx: Transaction, userId: string, { roles, programmes }: Rights): Promise<void> {
  await tx.prisma.userRole.deleteMany({ where: { userId } });
  await tx.prisma.userRole.createMany({ data: roles.map((role) => ({ userId, roleId: role.id })) });
  await tx.prisma.userProgramme.deleteMany({ where: { userId } });
  await tx.prisma.userProgramme.createMany({ data: programmes.map(({ id }) => ({ userId, programmeId: id })) });
}

/** Labels in the order of the alphabet, as the journal keeps them. */
export function labelsOf(items: readonly { readonly label: string }[]): string[] {
  return items.map(({ label }) => label).toSorted((a, b) => a.localeCompare(b, 'fr'));
}
