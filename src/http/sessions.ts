import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { Database } from '../db/client.ts';
import type { Flash } from './render.ts';
import { DatabaseSessionStore, isStored, type SessionTable } from './session-store.ts';

declare module 'express-session' {
  interface SessionData {
    flash?: Flash;
    /** Where the session comes from, as shown in "my sessions". */
    client?: { ip: string | null; userAgent: string | null };
    /** Account whose password was right and whose second factor is awaited, and until when (ms). */
    awaitingCode?: { userId: string; until: number; returnTo: string };
    /** Sealed secret being set up, until a first code proves that it was read. */
    pendingTotp?: string;
    /** Where someone who must first set a second factor up was going. */
    returnTo?: string;
    /** Language and theme chosen without an account, or before signing in. */
    language?: 'fr' | 'en';
    theme?: 'light' | 'dark' | 'auto';
  }
}

/** A working day: a session dies after this long without a request. */
export const STAFF_SESSION_MS = 10 * 60 * 60 * 1000;

export interface SessionOptions {
  readonly database: Database;
  readonly table: SessionTable;
  /** Behind TLS the browser knows it as `__Host-<name>`: set by this host alone, for the whole of it, over TLS. */
  readonly cookieName: string;
  readonly secret: string;
  readonly lifetimeMs: number;
  /** True behind TLS. */
  readonly secure: boolean;
}

/**
 * Browsers follow a redirect as soon as they have read its headers, and express-session saves at the end of the body: the next
 * page could read the session as it was before; and a page whose new session cannot be stored would hold a form that nobody may
 * send. Here what is worth keeping is saved first, once, and then the answer leaves.
 */
function saveFirst(req: Request, res: Response): void {
  const hold = (answer: 'redirect' | 'send', isNeeded: () => boolean): void => {
    const leave = res[answer].bind(res) as (...args: unknown[]) => Response;
    const holding = (...args: unknown[]): Response => {
      const { session } = req;
      if (!session || !isNeeded() || Object.keys(session).every((name) => name === 'cookie')) return leave(...args);
      session.save((error: unknown) => {
        if (error) {
          // The page that says so needs no session, and would only wait for it again.
          Object.assign(req, { session: undefined });
          req.next?.(error);
          return;
        }
        const saved = (done?: () => void) => {
          done?.();
          return session;
        };
        Object.defineProperty(session, 'save', { value: saved, enumerable: false, configurable: true });
        leave(...args);
      });
      return res;
    };
    Object.assign(res, { [answer]: holding });
  };
  let isHeld = false;
  hold('redirect', () => true);
  // Express sends an object by calling itself with its text.
  hold('send', () => !isHeld && (isHeld = !isStored(req)));
}

/** Each site has its own cookie, its own table and its own lifetime. */
export function sessions(options: SessionOptions): RequestHandler {
  const handler = session({
    store: new DatabaseSessionStore(options.database, options.table, options.lifetimeMs),
    secret: options.secret,
    name: options.secure ? `__Host-${options.cookieName}` : options.cookieName,
    resave: false,
    saveUninitialized: false,
    rolling: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: options.secure, path: '/' },
  });
  return (req, res, next) => {
    saveFirst(req, res);
    void handler(req, res, next);
  };
}
