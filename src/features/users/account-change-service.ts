/**
 * Four eyes on sensitive accounts: a new address, the loss of the second factor, or rights that would be given, wait until another
 * administrator confirms them. The owner is told at the address they have.
 * @see docs/decisions/012-four-eyes-on-accounts.md
 */
import type { Database } from '../../db/client.ts';
import { Prisma } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Outbox } from '../../jobs/outbox.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { formatDateTime } from '../../shared/dates.ts';
import { ForbiddenError, NotFoundError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { asEmailTaken, clearSecondFactor, closeSessionsOf, type PasswordService } from '../access/index.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { findAdministrators, findChanges, type ChangeKind, type ChangeRow } from './account-change-queries.ts';
import { keepingAnAdministrator } from './last-administrator.ts';
import { labelsOf, readRights, writeRights } from './user-rights.ts';
import { userUrl } from './urls.ts';

/** Long enough for a week-end. */
const LIFETIME_MS = 72 * 3_600_000;

/** What is asked for; roles and programmes by id, all of those the account would have. */
export type WantedChange =
  | { readonly kind: 'email'; readonly email: string }
  | { readonly kind: 'second_factor' }
  | { readonly kind: 'rights'; readonly roles: readonly string[]; readonly programmes: readonly string[] };

/** The account as it is. */
export interface AccountToChange {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly language: string;
}

/** A change that waits, in plain words. */
export interface PendingChange {
  readonly id: string;
  readonly kind: ChangeKind;
  /** How it is said: rights that no programme limits are told apart. */
  readonly says: ChangeKind | 'rights_everywhere';
  /** The address asked for, or the labels of the roles and programmes; empty for a second factor. */
  readonly wanted: readonly string[];
  /** Null: the command line, or an account that is gone. */
  readonly requestedBy: string | null;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly mayConfirm: boolean;
}

export type AccountChangeService = ReturnType<typeof createAccountChangeService>;

const languageOf = (user: { language: string }): 'fr' | 'en' => (user.language === 'en' ? 'en' : 'fr');

export function createAccountChangeService({
  database,
  audit,
  outbox,
  clock,
  passwords,
  publicUrl,
}: {
  database: Database;
  audit: AuditService;
  outbox: Outbox;
  clock: Clock;
  passwords: PasswordService;
  /** Address of the administrative site, without a final slash. */
  publicUrl: string;
}) {
  /** Nobody confirms what they asked for themselves, nor rights of their own; the command line stands for whoever holds the server. */
  function mayConfirm(actor: Actor, change: Pick<ChangeRow, 'userId' | 'kind' | 'requestedById'>): boolean {
    if (actor.type !== 'user') return true;
    return actor.id !== change.requestedById && !(change.kind === 'rights' && actor.id === change.userId);
  }

  async function tell(tx: Transaction, actor: Actor, id: string, user: AccountToChange, kind: ChangeKind) {
    const until = new Date(clock.now().getTime() + LIFETIME_MS);
    const paramsFor = (reader: { name: string; language: string }) => ({
      name: reader.name,
      account: user.name,
      by: actor.name,
      kind,
      until: formatDateTime(until, languageOf(reader)),
      link: `${publicUrl}${userUrl(user.id)}`,
    });
    const send = (reader: Omit<AccountToChange, 'id'>, template: string, key: string) =>
      outbox.enqueue(
        tx,
        { channel: 'mail', to: reader.email, language: languageOf(reader), template, params: paramsFor(reader) },
        key,
      );
    await send(user, 'account-change-asked', `account-change-asked:${id}`);
    const others = (await findAdministrators(tx)).filter((one) => one.id !== actor.id && one.id !== user.id);
    for (const one of others) await send(one, 'account-change-waits', `account-change-waits:${id}:${one.id}`);
  }

  async function end(
    tx: Transaction,
    actor: Actor,
    where: { userId: string; kind?: ChangeKind; id?: string },
    outcome: 'confirmed' | 'cancelled' | 'replaced',
  ): Promise<number> {
    const { count } = await tx.prisma.accountChange.updateMany({
      where: { ...where, outcome: null, expiresAt: { gt: clock.now() } },
      data: { outcome, decidedAt: clock.now(), decidedById: actor.id },
    });
    return count;
  }

  /** Does what was asked for. @returns what changed, for the journal */
  async function apply(tx: Transaction, change: ChangeRow): Promise<{ action: string; changes?: FieldChanges }> {
    const user = await tx.prisma.staffUser.findUniqueOrThrow({
      where: { id: change.userId },
      select: {
        id: true,
        name: true,
        email: true,
        language: true,
        roles: { select: { role: { select: { label: true } } } },
        programmes: { select: { programme: { select: { label: true } } } },
      },
    });
    if (change.kind === 'second_factor') {
      await clearSecondFactor(tx, user.id);
      await closeSessionsOf(tx, user.id);
      return { action: 'user.second_factor_reset' };
    }
    const data =
      change.kind === 'email'
        ? { email: change.email ?? user.email, version: { increment: 1 } }
        : { version: { increment: 1 } };
    await tx.prisma.staffUser.update({ where: { id: user.id }, data, select: { id: true } });
    if (change.kind === 'email') {
      await passwords.leaveAddress(tx, user);
      await closeSessionsOf(tx, user.id);
      return { action: 'user.updated', changes: { email: [user.email, change.email] } };
    }
    const rights = await readRights(tx, change.roles, change.programmes);
    await writeRights(tx, user.id, rights);
    return {
      action: 'user.updated',
      changes: {
        roles: [labelsOf(user.roles.map(({ role }) => role)), labelsOf(rights.roles)],
        programmes: [labelsOf(user.programmes.map(({ programme }) => programme)), labelsOf(rights.programmes)],
      },
    };
  }

  return {
    /**
     * Asks for a change, in the caller's transaction: it replaces one of its kind that waited, and lasts 72 hours.
     * @param changes what it would change, for the journal
     */
    async ask(
      tx: Transaction,
      actor: Actor,
      user: AccountToChange,
      { kind, ...wanted }: WantedChange,
      changes: FieldChanges = {},
    ): Promise<void> {
      await tx.query(Prisma.sql`SELECT id FROM staff_user WHERE id = ${user.id} FOR UPDATE`);
      await end(tx, actor, { userId: user.id, kind }, 'replaced');
      const id = newId();
      await tx.prisma.accountChange.create({
        data: {
          id,
          userId: user.id,
          kind,
          wanted: JSON.stringify(wanted),
          requestedById: actor.id,
          createdAt: clock.now(),
          expiresAt: new Date(clock.now().getTime() + LIFETIME_MS),
        },
        select: { id: true },
      });
      audit.record(tx, actor, {
        action: 'user.change_asked',
        subjectType: 'user',
        subjectId: user.id,
        changes,
        detail: { accountChange: kind },
      });
      await tell(tx, actor, id, user, kind);
    },

    /** Drops what waited of a kind, because something else was decided meanwhile; in the caller's transaction. */
    async drop(tx: Transaction, actor: Actor, userId: string, kind: ChangeKind): Promise<void> {
      await end(tx, actor, { userId, kind }, 'replaced');
    },

    /** What waits on an account, the oldest first, and how many others could confirm it. */
    async pending(actor: Actor, userId: string): Promise<{ changes: PendingChange[]; confirmers: number }> {
      const rows = await findChanges(database, { userId, now: clock.now() });
      if (rows.length === 0) return { changes: [], confirmers: 0 };
      const [administrators, roles, programmes, people] = await Promise.all([
        findAdministrators(database),
        database.prisma.role.findMany({ where: { id: { in: rows.flatMap((row) => [...row.roles]) } } }),
        database.prisma.programme.findMany({ where: { id: { in: rows.flatMap((row) => [...row.programmes]) } } }),
        database.prisma.staffUser.findMany({
          where: { id: { in: rows.flatMap((row) => row.requestedById ?? []) } },
          select: { id: true, name: true },
        }),
      ]);
      const among = <Item extends { id: string; label: string }>(ids: readonly string[], items: readonly Item[]) =>
        labelsOf(items.filter(({ id }) => ids.includes(id)));
      const changes = rows.map((row): PendingChange => ({
        id: row.id,
        kind: row.kind,
        says: row.kind === 'rights' && row.programmes.length === 0 ? 'rights_everywhere' : row.kind,
        wanted:
          row.kind === 'email' ? [row.email ?? ''] : [...among(row.roles, roles), ...among(row.programmes, programmes)],
        requestedBy: people.find(({ id }) => id === row.requestedById)?.name ?? null,
        requestedAt: row.createdAt,
        expiresAt: row.expiresAt,
        mayConfirm: mayConfirm(actor, row),
      }));
      const confirmers = administrators.filter(({ id }) =>
        rows.some((row) => id !== row.requestedById && !(row.kind === 'rights' && id === userId)),
      ).length;
      return { changes, confirmers };
    },

    /**
     * Does what someone else asked for.
     * @throws NotFoundError when it waits no more; ForbiddenError for who asked, or whose rights they are
     * @throws RuleViolation EMAIL_TAKEN, ROLE_UNKNOWN, PROGRAMME_UNKNOWN, INCOMPATIBLE_RIGHTS, LAST_ADMINISTRATOR
     */
    async confirm(actor: Actor, userId: string, changeId: string): Promise<void> {
      try {
        await inTransaction(database, (tx) =>
          keepingAnAdministrator(tx, async () => {
            await tx.query(Prisma.sql`SELECT id FROM staff_user WHERE id = ${userId} FOR UPDATE`);
            const change = (await findChanges(tx, { userId, now: clock.now() })).find(({ id }) => id === changeId);
            if (!change) throw new NotFoundError();
            if (!mayConfirm(actor, change)) throw new ForbiddenError('users.errors.four_eyes');
            if ((await end(tx, actor, { userId, id: changeId }, 'confirmed')) === 0) throw new NotFoundError();
            const { action, changes } = await apply(tx, change);
            audit.record(tx, actor, {
              action: 'user.change_confirmed',
              subjectType: 'user',
              subjectId: userId,
              detail: { accountChange: change.kind },
            });
            audit.record(tx, actor, {
              action,
              subjectType: 'user',
              subjectId: userId,
              ...(changes ? { changes } : {}),
            });
          }),
        );
      } catch (error) {
        throw asEmailTaken(error);
      }
    },

    /** Gives a change up. @throws NotFoundError when it waits no more */
    async cancel(actor: Actor, userId: string, changeId: string): Promise<void> {
      await inTransaction(database, async (tx) => {
        const change = (await findChanges(tx, { userId, now: clock.now() })).find(({ id }) => id === changeId);
        if (!change || (await end(tx, actor, { userId, id: changeId }, 'cancelled')) === 0) throw new NotFoundError();
        audit.record(tx, actor, {
          action: 'user.change_cancelled',
          subjectType: 'user',
          subjectId: userId,
          detail: { accountChange: change.kind },
        });
      });
    },

    /** The account of an address and what waits on it, for the command line. */
    async pendingByEmail(actor: Actor, email: string): Promise<{ userId: string; changes: PendingChange[] } | null> {
      const user = await database.prisma.staffUser.findUnique({ where: { email }, select: { id: true, email: true } });
      if (user?.email !== email) return null;
      return { userId: user.id, changes: (await this.pending(actor, user.id)).changes };
    },
  };
}
