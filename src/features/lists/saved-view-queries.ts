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

interface ViewRow {
  id: string;
  list: string;
  name: string;
  query: string;
  isMine: number;
  ownerName: string;
  roleLabel: string | null;
  updatedAt: Date;
}

/** A role of the account, the columns, and one of the views the role opens or the account owns; no view: all of it is null. */
interface ArrangementRow extends Omit<ViewRow, 'id'> {
  heldRoleId: string;
  heldRoleLabel: string;
  chosenColumns: string | null;
  id: string | null;
}

/** Name of the preference that keeps a list's columns. */
export const columnsPreference = (list: string): string => `columns.${list}`;

/**
 * Views of a list an account sees, its columns and its roles: one statement, made for every page of a list. All of it hangs on
 * the roles, without which nobody opens a list.
 */
export async function findArrangement(reader: Reader, userId: string, list: string): Promise<Arrangement> {
  const rows = await reader.query<ArrangementRow>(
    Prisma.sql`SELECT held.id AS heldRoleId, held.label AS heldRoleLabel, p.value AS chosenColumns,
        f.id, f.list, f.name, f.query, f.owner_id = ur.user_id AS isMine, o.name AS ownerName, r.label AS roleLabel, f.updated_at AS updatedAt
      FROM user_role ur JOIN role held ON held.id = ur.role_id
        LEFT JOIN user_preference p ON p.user_id = ur.user_id AND p.name = ${columnsPreference(list)}
        LEFT JOIN saved_filter f ON f.list = ${list} AND (f.owner_id = ur.user_id OR f.shared_role_id = ur.role_id)
        LEFT JOIN staff_user o ON o.id = f.owner_id LEFT JOIN role r ON r.id = f.shared_role_id
      WHERE ur.user_id = ${userId}`,
  );
  const roles = new Map(rows.map(({ heldRoleId, heldRoleLabel }) => [heldRoleId, heldRoleLabel]));
  // One's own view comes once with each role held.
  const views = new Map(
    rows.flatMap(({ id, ...view }) => (id === null ? [] : [[id, toView({ id, ...view })] as const])),
  );
  const columns = rows[0]?.chosenColumns;
  return {
    views: byName([...views.values()]),
    columns: columns ? columns.split(',') : null,
    roles: [...roles].map(([id, label]) => ({ id, label })),
  };
}

/** Views of every list an account sees. */
export async function findViews(reader: Reader, userId: string): Promise<SavedView[]> {
  const rows = await reader.query<ViewRow>(
    Prisma.sql`SELECT f.id, f.list, f.name, f.query, f.owner_id = ${userId} AS isMine, o.name AS ownerName, r.label AS roleLabel, f.updated_at AS updatedAt
      FROM saved_filter f JOIN staff_user o ON o.id = f.owner_id LEFT JOIN role r ON r.id = f.shared_role_id
      WHERE f.owner_id = ${userId} OR f.shared_role_id IN (SELECT role_id FROM user_role WHERE user_id = ${userId})
      ORDER BY f.list`,
  );
  return byName(rows.map(toView));
}

function byName(views: SavedView[]): SavedView[] {
  return views.sort((a, b) => a.list.localeCompare(b.list) || a.name.localeCompare(b.name, 'fr'));
}

function toView({ id, list, name, query, isMine, ownerName, roleLabel, updatedAt }: ViewRow): SavedView {
  return { id, list, name, query, isMine: Boolean(isMine), ownerName, roleLabel, updatedAt };
}
