/**
 * Sessions in the database, one table a site. The cookie's identifier is hashed before it is stored: who reads the table
 * cannot become anyone. `last_seen_at` moves once a minute, not at each request. A session that was closed from elsewhere
 * stays closed: a request that was under way only updates its row, and never makes it again.
 */
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { Store, type SessionData } from 'express-session';
import { Prisma, type Database } from '../db/client.ts';

export interface SessionTable {
  readonly table: 'staff_session' | 'portal_session';
  /** Column of the account the session belongs to. */
  readonly accountColumn: 'user_id' | 'account_id';
  /**
   * Reads a session that has not expired together with its account, in one statement.
   * @param key hash of the cookie's identifier
   */
  readonly readWithAccount?: (key: string) => Promise<SessionWithAccount | null>;
}

export interface SessionWithAccount {
  /** JSON, as it was stored. */
  readonly data: string;
  /** The account of the session, as the site that asked for it knows accounts; null when there is none. */
  readonly account: unknown;
}

/** Passport keeps the account's id here. */
interface StoredSession extends SessionData {
  passport?: { user?: string };
  client?: { ip: string | null; userAgent: string | null };
  /** True once the session was read from its row. */
  isStored?: true;
}

const TOUCH_EVERY_MS = 60_000;

export function hashSessionId(sid: string): string {
  return createHash('sha256').update(sid).digest('hex');
}

/** True when the session of a request was read from its row: it is not a new one. */
export function isStored({ session }: Request): boolean {
  return (session as StoredSession).isStored === true;
}

const accounts = new WeakMap<Request, unknown>();

/** The account that was read with the session of a request; null when none was. */
export function accountReadWithSession(req: Request): unknown {
  return accounts.get(req) ?? null;
}

export class DatabaseSessionStore extends Store {
  readonly #database: Database;
  readonly #table: Prisma.Sql;
  readonly #accountColumn: Prisma.Sql;
  readonly #lifetimeMs: number;
  readonly #touched = new Map<string, number>();
  readonly #read: (key: string) => Promise<SessionWithAccount | null>;
  readonly #accounts = new WeakMap<SessionData, unknown>();

  constructor(database: Database, { table, accountColumn, readWithAccount }: SessionTable, lifetimeMs: number) {
    super();
    this.#read = readWithAccount ?? ((key) => this.#readAlone(key));
    this.#database = database;
    this.#table = Prisma.raw(table);
    this.#accountColumn = Prisma.raw(accountColumn);
    this.#lifetimeMs = lifetimeMs;
  }

  override get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.#read(hashSessionId(sid))
      .then((found) => {
        if (!found) {
          callback(null, null);
          return;
        }
        const session = { ...JSON.parse(found.data), isStored: true } as StoredSession;
        this.#accounts.set(session, found.account);
        callback(null, session);
      })
      .catch((error: unknown) => callback(error));
  }

  async #readAlone(key: string): Promise<SessionWithAccount | null> {
    const [row] = await this.#database.query<{ data: string }>(
      Prisma.sql`SELECT data FROM ${this.#table} WHERE id = ${key} AND expires_at > UTC_TIMESTAMP(3)`,
    );
    return row ? { data: row.data, account: null } : null;
  }

  /** Puts the session on the request, and keeps beside it the account that came with it. */
  override createSession(req: Request, session: SessionData): ReturnType<Store['createSession']> {
    accounts.set(req, this.#accounts.get(session));
    return super.createSession(req, session);
  }

  override set(sid: string, session: SessionData, callback: (error?: unknown) => void = () => undefined): void {
    const { client, isStored, ...stored } = session as StoredSession;
    const now = Date.now();
    const account = stored.passport?.user ?? null;
    const data = JSON.stringify({ ...stored, client });
    this.#touched.set(sid, now);
    const expiresAt = new Date(now + this.#lifetimeMs);
    if (isStored) {
      this.#write(
        Prisma.sql`UPDATE ${this.#table} SET ${this.#accountColumn} = ${account}, data = ${data}, ip = ${client?.ip ?? null}, user_agent = ${client?.userAgent ?? null}, expires_at = ${expiresAt}, last_seen_at = UTC_TIMESTAMP(3) WHERE id = ${hashSessionId(sid)}`,
        callback,
      );
      return;
    }
    this.#write(
      Prisma.sql`INSERT INTO ${this.#table} (id, ${this.#accountColumn}, data, ip, user_agent, expires_at) VALUES (${hashSessionId(sid)}, ${account}, ${data}, ${client?.ip ?? null}, ${client?.userAgent ?? null}, ${expiresAt}) ON DUPLICATE KEY UPDATE ${this.#accountColumn} = VALUES(${this.#accountColumn}), data = VALUES(data), ip = VALUES(ip), user_agent = VALUES(user_agent), expires_at = VALUES(expires_at), last_seen_at = UTC_TIMESTAMP(3)`,
      callback,
    );
  }

  override touch(sid: string, _session: SessionData, callback: (error?: unknown) => void = () => undefined): void {
    const now = Date.now();
    if (now - (this.#touched.get(sid) ?? 0) < TOUCH_EVERY_MS) {
      callback();
      return;
    }
    if (this.#touched.size > 50_000) this.#touched.clear();
    this.#touched.set(sid, now);
    this.#write(
      Prisma.sql`UPDATE ${this.#table} SET last_seen_at = UTC_TIMESTAMP(3), expires_at = ${new Date(now + this.#lifetimeMs)} WHERE id = ${hashSessionId(sid)}`,
      callback,
    );
  }

  override destroy(sid: string, callback: (error?: unknown) => void = () => undefined): void {
    this.#touched.delete(sid);
    this.#write(Prisma.sql`DELETE FROM ${this.#table} WHERE id = ${hashSessionId(sid)}`, callback);
  }

  #write(statement: Prisma.Sql, callback: (error?: unknown) => void): void {
    this.#database
      .query(statement)
      .then(() => callback())
      .catch((error: unknown) => callback(error));
  }
}
