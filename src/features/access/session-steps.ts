/** What passport and express-session do with callbacks, as promises; and the session between the two factors. */
import type { Request } from 'express';
import { csrfToken } from '../../http/csrf.ts';

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const promised = (run: (done: (error?: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => run((error) => (error ? reject(asError(error)) : resolve())));

/** Someone is awaited with a code for this long. */
const AWAITED_MS = 5 * 60 * 1000;

/** Opens a session for an account, under a new identifier: one planted before the sign-in is worth nothing. */
export async function openSession(req: Request, userId: string): Promise<void> {
  await promised((done) => req.logIn({ id: userId }, done));
  // Made now: two pages opened at once would each make one, and one of them would not serve.
  csrfToken(req);
  req.session.client = { ip: req.ip ?? null, userAgent: (req.get('user-agent') ?? '').slice(0, 255) };
}

/** Closes the session; what follows has a new identifier. */
export function closeSession(req: Request): Promise<void> {
  return promised((done) => req.logOut(done));
}

/** Remembers, under a new identifier, that a password was right and that a code is awaited. */
export async function awaitCode(req: Request, userId: string, returnTo: string, now: Date): Promise<void> {
  const { language, theme } = req.session;
  await promised((done) => req.session.regenerate(done));
  Object.assign(req.session, {
    ...(language ? { language } : {}),
    ...(theme ? { theme } : {}),
    awaitingCode: { userId, until: now.getTime() + AWAITED_MS, returnTo },
  });
}

/** Whose code is awaited; null when nobody's, or for too long. */
export function awaitedCode(req: Request, now: Date): { userId: string; returnTo: string } | null {
  const awaited = req.session.awaitingCode;
  if (!awaited) return null;
  if (awaited.until > now.getTime()) return awaited;
  delete req.session.awaitingCode;
  return null;
}
