/** What people arranged for themselves in lists: saved views and columns. */
import { Prisma, type Reader } from '../../db/client.ts';

export interface SavedView {
  readonly id: string;
  readonly list: string;
  readonly name: string;
  /** Query string of the list, without place. */
  readonly query: string;
  readonly isMine: boolean;
  readonly ownerName: string;
  /** The role it is shared with; null: personal. */
  readonly roleLabel: string | null;
  readonly updatedAt: Date;
}

export interface Arrangement {
  readonly views: readonly SavedView[];
  /** Columns chosen before; null: never chosen. */
  readonly columns: readonly string[] | null;
  /** Roles the user holds, to share a view with. */
  readonly roles: readonly { readonly id: string; readonly label: string }[];
}

interface ArrangementRow {
  kind: 'view' | 'columns' | 'role';
  id: string;
  list: string;
  name: string;
  value: string;
  isMine: number;
  ownerName: string;
  roleLabel: string | null;
  updatedAt: Date;
}

/** Name of the preference that keeps a list's columns. */
export const columnsPreference = (list: string): string => `columns.${list}`;

/** Views of a list an account sees, its columns and its roles: one statement, made for every page of a list. */
export async function findArrangement(reader: Reader, userId: string, list: string): Promise<Arrangement> {
  const rows = await reader.query<ArrangementRow>(
    Prisma.sql`SELECT 'view' AS kind, f.id, f.list, f.name, f.query AS value, f.owner_id = ${userId} AS isMine, o.name AS ownerName, r.label AS roleLabel, f.updated_at AS updatedAt
        FROM saved_filter f JOIN staff_user o ON o.id = f.owner_id LEFT JOIN role r ON r.id = f.shared_role_id
        WHERE f.list = ${list} AND (f.owner_id = ${userId} OR f.shared_role_id IN (SELECT role_id FROM user_role WHERE user_id = ${userId}))
      UNION ALL SELECT 'columns', '', ${list}, '', p.value, 1, '', NULL, p.updated_at
        FROM user_preference p WHERE p.user_id = ${userId} AND p.name = ${columnsPreference(list)}
      UNION ALL SELECT 'role', r.id, '', r.label, '', 1, '', NULL, r.updated_at
        FROM user_role ur JOIN role r ON r.id = ur.role_id WHERE ur.user_id = ${userId}`,
  );
  const stored = rows.find(({ kind }) => kind === 'columns')?.value;
  return {
    views: byName(rows.filter(({ kind }) => kind === 'view').map(toView)),
    columns: stored ? stored.split(',') : null,
    roles: rows.filter(({ kind }) => kind === 'role').map(({ id, name }) => ({ id, label: name })),
  };
}

/** Views of every list an account sees. */
export async function findViews(reader: Reader, userId: string): Promise<SavedView[]> {
  const rows = await reader.query<ArrangementRow>(
    Prisma.sql`SELECT 'view' AS kind, f.id, f.list, f.name, f.query AS value, f.owner_id = ${userId} AS isMine, o.name AS ownerName, r.label AS roleLabel, f.updated_at AS updatedAt
      FROM saved_filter f JOIN staff_user o ON o.id = f.owner_id LEFT JOIN role r ON r.id = f.shared_role_id
      WHERE f.owner_id = ${userId} OR f.shared_role_id IN (SELECT role_id FROM user_role WHERE user_id = ${userId})
      ORDER BY f.list`,
  );
  return byName(rows.map(toView));
}

function byName(views: SavedView[]): SavedView[] {
  return views.sort((a, b) => a.list.localeCompare(b.list) || a.name.localeCompare(b.name, 'fr'));
}

function toView(row: ArrangementRow): SavedView {
  const { id, list, name, value, isMine, ownerName, roleLabel, updatedAt } = row;
  return { id, list, name, query: value, isMine: Boolean(isMine), ownerName, roleLabel, updatedAt };
}
