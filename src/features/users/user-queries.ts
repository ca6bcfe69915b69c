import { Prisma, type Reader } from '../../db/client.ts';
import { isId } from '../../shared/ids.ts';
import type { UserListQuery, UserSort } from './user-schemas.ts';

const USERS_PER_PAGE = 50;

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly disabledAt: Date | null;
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
  readonly lastSignInAt: Date | null;
  readonly roleLabels: readonly string[];
}

export interface UserPage {
  readonly rows: readonly UserRow[];
  readonly total: number;
  readonly next: string | null;
  readonly previous: string | null;
}

interface Cursor {
  readonly sort: UserSort;
  readonly key: string;
  readonly id: string;
}

function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.sort, cursor.key, cursor.id])).toString('base64url');
}

/** Null for anything that is not a cursor of this order: the list then begins at its beginning. */
function decodeCursor(text: string | null, sort: UserSort): Cursor | null {
  if (!text) return null;
  try {
    const [cursorSort, key, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    return cursorSort === sort && typeof key === 'string' && typeof id === 'string' && isId(id)
      ? { sort, key, id }
      : null;
  } catch {
    return null;
  }
}

/** Accounts that never signed in come last when the latest come first. */
const SORT_KEYS = {
  nom: Prisma.sql`u.name`,
  connexion: Prisma.sql`COALESCE(DATE_FORMAT(u.last_sign_in_at, '%Y-%m-%d %H:%i:%s.%f'), '')`,
};

function conditions({ q, role, etat }: Pick<UserListQuery, 'q' | 'role' | 'etat'>): Prisma.Sql {
  const parts = [Prisma.sql`TRUE`];
  for (const word of q.split(/\s+/).filter(Boolean)) {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    parts.push(Prisma.sql`(u.name LIKE ${pattern} OR u.email LIKE ${pattern})`);
  }
  if (role) parts.push(Prisma.sql`EXISTS (SELECT 1 FROM user_role f WHERE f.user_id = u.id AND f.role_id = ${role})`);
  if (etat === 'disabled') parts.push(Prisma.sql`u.disabled_at IS NOT NULL`);
  if (etat === 'invited') parts.push(Prisma.sql`u.disabled_at IS NULL AND u.password_hash IS NULL`);
  if (etat === 'active') parts.push(Prisma.sql`u.disabled_at IS NULL AND u.password_hash IS NOT NULL`);
  return Prisma.join(parts, ' AND ');
}

/** One page of accounts, by keyset, and the number of all that answer: two statements. */
export async function listUsers(reader: Reader, query: UserListQuery, pageRows = USERS_PER_PAGE): Promise<UserPage> {
  const where = conditions(query);
  const descending = query.tri.startsWith('-');
  const sortKey = SORT_KEYS[query.tri.replace('-', '') as keyof typeof SORT_KEYS];
  const before = decodeCursor(query.avant, query.tri);
  const cursor = before ?? decodeCursor(query.apres, query.tri);
  const down = descending !== (before !== null);
  const comparison = Prisma.raw(down ? '<' : '>');
  const direction = Prisma.raw(down ? 'DESC' : 'ASC');
  const beyond = cursor
    ? Prisma.sql`AND (${sortKey} ${comparison} ${cursor.key} OR (${sortKey} = ${cursor.key} AND u.id ${comparison} ${cursor.id}))`
    : Prisma.empty;
  const [found, [count]] = await Promise.all([
    reader.query<
      Omit<UserRow, 'hasPassword' | 'hasSecondFactor' | 'roleLabels'> & {
        hasPassword: number;
        hasSecondFactor: number;
        roleLabels: string | null;
        sortKey: string;
      }
    >(
      Prisma.sql`SELECT u.id, u.name, u.email, u.disabled_at AS disabledAt, u.password_hash IS NOT NULL AS hasPassword,
          u.totp_enabled_at IS NOT NULL AS hasSecondFactor, u.last_sign_in_at AS lastSignInAt, ${sortKey} AS sortKey,
          (SELECT GROUP_CONCAT(r.label ORDER BY r.label SEPARATOR '\n') FROM user_role ur JOIN role r ON r.id = ur.role_id WHERE ur.user_id = u.id) AS roleLabels
        FROM staff_user u WHERE ${where} ${beyond} ORDER BY sortKey ${direction}, u.id ${direction} LIMIT ${pageRows + 1}`,
    ),
    reader.query<{ total: number }>(Prisma.sql`SELECT COUNT(*) AS total FROM staff_user u WHERE ${where}`),
  ]);
  const more = found.length > pageRows;
  const kept = found.slice(0, pageRows);
  if (before) kept.reverse();
  const cursorOf = (row: (typeof kept)[number] | undefined) =>
    row ? encodeCursor({ sort: query.tri, key: row.sortKey, id: row.id }) : null;
  return {
    rows: kept.map(({ sortKey: _sortKey, ...row }) => ({
      ...row,
      hasPassword: Boolean(row.hasPassword),
      hasSecondFactor: Boolean(row.hasSecondFactor),
      roleLabels: row.roleLabels ? row.roleLabels.split('\n') : [],
    })),
    total: Number(count?.total ?? 0),
    next: before || more ? cursorOf(kept.at(-1)) : null,
    previous: (before ? more : cursor !== null) ? cursorOf(kept[0]) : null,
  };
}

/** Number of people who can sign in and manage accounts. */
export async function countAdministrators(reader: Pick<Reader, 'query'>): Promise<number> {
  const [row] = await reader.query<{ total: number | bigint }>(
    Prisma.sql`SELECT COUNT(DISTINCT u.id) AS total FROM staff_user u
      JOIN user_role ur ON ur.user_id = u.id JOIN role_grant g ON g.role_id = ur.role_id
      WHERE g.permission = 'users.manage' AND u.disabled_at IS NULL AND u.password_hash IS NOT NULL`,
  );
  return Number(row?.total ?? 0);
}
