import { Prisma, type Database, type Reader } from '../../db/client.ts';
import { isPermission, type Grant, type Scope } from '../../shared/permissions.ts';

export interface AccountRow {
  id: string;
  email: string;
  name: string;
  language: 'fr' | 'en';
  theme: 'light' | 'dark' | 'auto';
  disabledAt: Date | null;
  totpEnabledAt: Date | null;
  roles: { id: string; key: string | null; label: string; version: number; requiresSecondFactor: boolean }[];
  /** Null: all programmes. */
  programmeIds: string[] | null;
}

interface AccountJoinRow extends Omit<AccountRow, 'roles' | 'programmeIds'> {
  roleId: string | null;
  roleKey: string | null;
  roleLabel: string | null;
  roleVersion: number | null;
  requiresSecondFactor: number | null;
  programmeId: string | null;
}

const ACCOUNT_COLUMNS = Prisma.sql`u.id, u.email, u.name, u.language, u.theme, u.disabled_at AS disabledAt, u.totp_enabled_at AS totpEnabledAt,
  r.id AS roleId, r.\`key\` AS roleKey, r.label AS roleLabel, r.version AS roleVersion, r.requires_second_factor AS requiresSecondFactor,
  p.programme_id AS programmeId`;
const ACCOUNT_JOINS = Prisma.sql`LEFT JOIN user_role ur ON ur.user_id = u.id LEFT JOIN role r ON r.id = ur.role_id
  LEFT JOIN user_programme p ON p.user_id = u.id`;

/** An account with its roles. */
export async function findAccount(reader: Reader, userId: string): Promise<AccountRow | null> {
  return gatherAccount(
    await reader.query<AccountJoinRow>(
      Prisma.sql`SELECT ${ACCOUNT_COLUMNS} FROM staff_user u ${ACCOUNT_JOINS} WHERE u.id = ${userId}`,
    ),
  );
}

/**
 * A session that has not expired, with its account: one statement, made at every request of a signed-in person.
 * @param key hash of the cookie's identifier
 */
export async function findSessionWithAccount(
  reader: Reader,
  key: string,
): Promise<{ data: string; account: AccountRow | null } | null> {
  const rows = await reader.query<AccountJoinRow & { data: string }>(
    Prisma.sql`SELECT s.data, ${ACCOUNT_COLUMNS} FROM staff_session s LEFT JOIN staff_user u ON u.id = s.user_id ${ACCOUNT_JOINS}
      WHERE s.id = ${key} AND s.expires_at > UTC_TIMESTAMP(3)`,
  );
  const [first] = rows;
  return first ? { data: first.data, account: first.id === null ? null : gatherAccount(rows) } : null;
}

/**
 * The few rows of an account (a role and a programme each) are put in order here: sorting or grouping them in the database costs
 * three times what finding them does.
 */
function gatherAccount(rows: readonly AccountJoinRow[]): AccountRow | null {
  const [first] = rows;
  if (!first) return null;
  const roles = new Map<string, AccountRow['roles'][number]>();
  const programmeIds = new Set<string>();
  for (const row of rows) {
    if (row.programmeId !== null) programmeIds.add(row.programmeId);
    if (row.roleId === null) continue;
    roles.set(row.roleId, {
      id: row.roleId,
      key: row.roleKey,
      label: row.roleLabel ?? '',
      version: Number(row.roleVersion),
      requiresSecondFactor: Boolean(row.requiresSecondFactor),
    });
  }
  return {
    id: first.id,
    email: first.email,
    name: first.name,
    language: first.language,
    theme: first.theme,
    disabledAt: first.disabledAt,
    totpEnabledAt: first.totpEnabledAt,
    roles: [...roles.values()].sort((one, other) => one.label.localeCompare(other.label, 'fr')),
    programmeIds: programmeIds.size > 0 ? [...programmeIds] : null,
  };
}

/** An account as those who are not signed in yet name it. */
export interface AccountAtTheDoor {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly language: string;
  readonly passwordHash: string | null;
  readonly disabledAt: Date | null;
  readonly totpEnabledAt: Date | null;
}

/**
 * The account of an address, letter for letter. The database takes é for e and looks through invisible characters: each such
 * spelling would open the account, and have attempts of its own to guess the password.
 * @param email in lower case
 */
export async function findByEmail(reader: Pick<Database, 'prisma'>, email: string): Promise<AccountAtTheDoor | null> {
  const user = await reader.prisma.staffUser.findUnique({
    where: { email },
    select: {
      id: true,
      name: true,
      email: true,
      language: true,
      passwordHash: true,
      disabledAt: true,
      totpEnabledAt: true,
    },
  });
  return user?.email === email ? user : null;
}

/** Grants of a role; a permission the product no longer knows is left out. */
export async function findGrants(reader: Reader, roleId: string): Promise<Grant[]> {
  const rows = await reader.query<{ permission: string; scope: string; fieldGroups: string }>(
    Prisma.sql`SELECT permission, scope, field_groups AS fieldGroups FROM role_grant WHERE role_id = ${roleId} ORDER BY permission, scope`,
  );
  return rows.flatMap((row) =>
    isPermission(row.permission)
      ? [
          {
            permission: row.permission,
            scope: row.scope as Scope,
            fieldGroups: row.fieldGroups === '' ? [] : row.fieldGroups.split(','),
          },
        ]
      : [],
  );
}

/** What the second factor of an account is made of. */
export interface SecondFactorRow {
  id: string;
  email: string;
  name: string;
  passwordHash: string | null;
  totpSecret: Uint8Array | null;
  totpEnabledAt: Date | null;
  codesLeft: number;
  /** True when one of its roles asks for it. */
  required: boolean;
}

export async function findSecondFactor(reader: Pick<Reader, 'query'>, userId: string): Promise<SecondFactorRow | null> {
  const [row] = await reader.query<
    Omit<SecondFactorRow, 'codesLeft' | 'required'> & { codesLeft: number | bigint; required: number | bigint }
  >(
    Prisma.sql`SELECT u.id, u.email, u.name, u.password_hash AS passwordHash, u.totp_secret AS totpSecret, u.totp_enabled_at AS totpEnabledAt,
        (SELECT COUNT(*) FROM recovery_code c WHERE c.user_id = u.id AND c.used_at IS NULL) AS codesLeft,
        EXISTS (SELECT 1 FROM user_role ur JOIN role r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.requires_second_factor) AS required
      FROM staff_user u WHERE u.id = ${userId}`,
  );
  return row ? { ...row, codesLeft: Number(row.codesLeft), required: Number(row.required) === 1 } : null;
}

export interface SessionRow {
  key: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastSeenAt: Date;
}

/** The open sessions of an account, the last used first. */
export function findSessions(reader: Reader, userId: string): Promise<SessionRow[]> {
  return reader.query<SessionRow>(
    Prisma.sql`SELECT id AS \`key\`, ip, user_agent AS userAgent, created_at AS createdAt, last_seen_at AS lastSeenAt
      FROM staff_session WHERE user_id = ${userId} AND expires_at > UTC_TIMESTAMP(3) ORDER BY last_seen_at DESC, id LIMIT 200`,
  );
}
