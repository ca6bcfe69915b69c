import { Prisma, type Reader } from '../../db/client.ts';

export type ChangeKind = 'email' | 'second_factor' | 'rights';

/** A change that waits. */
export interface ChangeRow {
  readonly id: string;
  readonly userId: string;
  readonly kind: ChangeKind;
  /** The address asked for; null for another kind. */
  readonly email: string | null;
  /** Ids; empty for another kind. */
  readonly roles: readonly string[];
  readonly programmes: readonly string[];
  readonly requestedById: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

interface StoredChange extends Omit<ChangeRow, 'email' | 'roles' | 'programmes'> {
  readonly wanted: string;
}

/** What waits on an account and has not expired, the oldest first. */
export async function findChanges(
  reader: Pick<Reader, 'query'>,
  { userId, now }: { userId: string; now: Date },
): Promise<ChangeRow[]> {
  const rows = await reader.query<StoredChange>(
    Prisma.sql`SELECT id, user_id AS userId, kind, wanted, requested_by_id AS requestedById, created_at AS createdAt, expires_at AS expiresAt
      FROM account_change WHERE user_id = ${userId} AND outcome IS NULL AND expires_at > ${now} ORDER BY created_at, id`,
  );
  return rows.map(({ wanted, ...row }) => {
    const { email = null, roles = [], programmes = [] } = JSON.parse(wanted) as Partial<ChangeRow>;
    return { ...row, email, roles, programmes };
  });
}

/** True while an account waits for a role. */
export async function isRoleAwaited(
  reader: Pick<Reader, 'query'>,
  { roleId, now }: { roleId: string; now: Date },
): Promise<boolean> {
  const rows = await reader.query(
    Prisma.sql`SELECT 1 FROM account_change WHERE kind = 'rights' AND outcome IS NULL AND expires_at > ${now} AND wanted LIKE ${`%"${roleId}"%`} LIMIT 1`,
  );
  return rows.length > 0;
}

/** Who can sign in and manage accounts. */
export function findAdministrators(
  reader: Pick<Reader, 'query'>,
): Promise<{ id: string; name: string; email: string; language: string }[]> {
  return reader.query(
    Prisma.sql`SELECT DISTINCT u.id, u.name, u.email, u.language FROM staff_user u
      JOIN user_role ur ON ur.user_id = u.id JOIN role_grant g ON g.role_id = ur.role_id
      WHERE g.permission = 'users.manage' AND u.disabled_at IS NULL AND u.password_hash IS NOT NULL ORDER BY u.name, u.id`,
  );
}
