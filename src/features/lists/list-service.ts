/**
 * Lists as people use them: pages and streams (src/db/list-reader.ts), the columns and views they keep, the exports they
 * make, each journalled.
 */
import { Prisma, type Database } from '../../db/client.ts';
import { createListReader } from '../../db/list-reader.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { NotFoundError, RuleViolation } from '../../shared/errors.ts';
import type { ExportRecord } from '../../shared/export-record.ts';
import { newId } from '../../shared/ids.ts';
import { keepReading } from '../../shared/kept-reading.ts';
import { hideNirs } from '../../shared/nir.ts';
import type { AuditService } from '../audit/index.ts';
import {
  columnsPreference,
  findArrangement,
  findViews,
  type Arrangement,
  type SavedView,
} from './saved-view-queries.ts';
import { listKeys } from './urls.ts';

export interface ViewToSave {
  readonly list: string;
  readonly name: string;
  /** Query string of the list; its place and anything else a page adds are dropped. */
  readonly query: string;
  /** Share with this role, one of the actor's own; null: personal. */
  readonly roleId: string | null;
}

const NOBODY: Arrangement = { views: [], columns: null, roles: [] };
const LONGEST_QUERY = 4_000;

/** A view that a colleague shared from another server's process, or a role given, shows after this long at most. */
const FRESH_MS = 2_000;
/** People at work times the lists they use; beyond it all are read again. */
const ARRANGEMENTS_KEPT = 1_000;

export type ListService = ReturnType<typeof createListService>;

export function createListService({
  database,
  audit,
  clock,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
}) {
  /** Read at every page of a list, changed a few times a year: kept a moment by account and list, forgotten at any change. */
  const arrangements = new Map<string, () => Promise<Arrangement>>();

  function keptArrangement(userId: string, list: string): Promise<Arrangement> {
    const key = `${userId} ${list}`;
    let read = arrangements.get(key);
    if (!read) {
      if (arrangements.size >= ARRANGEMENTS_KEPT) arrangements.clear();
      read = keepReading(clock, FRESH_MS, () => findArrangement(database, userId, list));
      arrangements.set(key, read);
    }
    return read();
  }

  return {
    ...createListReader({ database, clock }),

    /** Columns, views and roles of whoever looks at a list. */
    async arrangement(actor: Actor, list: string): Promise<Arrangement> {
      return actor.id === null ? NOBODY : keptArrangement(actor.id, list);
    },

    /** Keeps the columns someone chose: their next visit shows the same. */
    async rememberColumns(actor: Actor, list: string, columns: readonly string[]): Promise<void> {
      if (actor.id === null) return;
      const value = columns.join(',');
      await database.query(
        Prisma.sql`INSERT INTO user_preference (user_id, name, value) VALUES (${actor.id}, ${columnsPreference(list)}, ${value}) ON DUPLICATE KEY UPDATE value = ${value}`,
      );
      arrangements.clear();
    },

    /** Every view the actor sees, of all lists. */
    async savedViews(actor: Actor): Promise<readonly SavedView[]> {
      return actor.id === null ? [] : findViews(database, actor.id);
    },

    /**
     * Saves a view; one of the same name and list is replaced.
     * @throws RuleViolation `VIEW_ROLE` when the role is not one of the actor's
     */
    async saveView(actor: Actor, view: ViewToSave): Promise<void> {
      const ownerId = actor.id;
      if (ownerId === null || !listKeys.includes(view.list)) throw new NotFoundError();
      const query = withoutPlace(view.query);
      if (hideInQuery(query) !== query) throw new RuleViolation('VIEW_NIR', 'errors.field.nir');
      if (query.length > LONGEST_QUERY) throw new RuleViolation('VIEW_TOO_LONG', 'lists.views.too_long');
      const { roles } = await findArrangement(database, ownerId, view.list);
      if (view.roleId !== null && !roles.some(({ id }) => id === view.roleId))
        throw new RuleViolation('VIEW_ROLE', 'lists.views.not_your_role', {
          fields: { portee: 'lists.views.not_your_role' },
        });
      await inTransaction(database, async (tx) => {
        await tx.execute(
          Prisma.sql`INSERT INTO saved_filter (id, owner_id, list, name, query, shared_role_id) VALUES (${newId()}, ${ownerId}, ${view.list}, ${view.name}, ${query}, ${view.roleId})
            ON DUPLICATE KEY UPDATE name = VALUES(name), query = VALUES(query), shared_role_id = VALUES(shared_role_id), version = version + 1`,
        );
        audit.record(tx, actor, {
          action: 'view.saved',
          subjectType: 'list',
          subjectId: view.list,
          detail: { name: view.name, query, roleId: view.roleId },
        });
      });
      arrangements.clear();
    },

    /**
     * Deletes a view of the actor's own.
     * @returns the list it belonged to
     * @throws NotFoundError when there is none, or it is someone else's
     */
    async deleteView(actor: Actor, id: string): Promise<{ list: string; name: string }> {
      const deleted = await inTransaction(database, async (tx) => {
        const view = await tx.prisma.savedFilter.findFirst({ where: { id, ownerId: actor.id ?? '' } });
        if (!view) throw new NotFoundError();
        await tx.prisma.savedFilter.delete({ where: { id } });
        const { list, name, query } = view;
        audit.record(tx, actor, {
          action: 'view.deleted',
          subjectType: 'list',
          subjectId: list,
          detail: { name, query },
        });
        return { list, name };
      });
      arrangements.clear();
      return deleted;
    },

    /** Journals an export: written before the first row leaves, so that none leaves without it. */
    async recordExport(actor: Actor, { list, ...detail }: ExportRecord): Promise<void> {
      await inTransaction(database, async (tx) => {
        audit.record(tx, actor, {
          action: 'list.exported',
          subjectType: 'list',
          subjectId: list,
          detail: { ...detail, query: hideInQuery(detail.query) },
        });
      });
    },
  };
}

/** A query string without the place in the list. */
function withoutPlace(query: string): string {
  const search = new URLSearchParams(query.replace(/^\?/, ''));
  for (const name of ['apres', 'avant', 'liste']) search.delete(name);
  return search.toString();
}

/** A query string without the social-security number that was searched for: the one who asked knows it, nobody else needs it. */
function hideInQuery(query: string): string {
  const hidden = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(query)) hidden.append(name, hideNirs(value));
  return hidden.toString();
}
