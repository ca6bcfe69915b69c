/** The synchroniser token of each session: every request that changes something carries it in `_csrf` or X-CSRF-Token. */
import { csrfSync } from 'csrf-sync';
import type { Request } from 'express';
import { AppError } from '../shared/errors.ts';

const { generateToken, isRequestValid } = csrfSync({
  getTokenFromRequest: (req) => {
    const body = req.body as Record<string, unknown> | undefined;
    const token = body?.['_csrf'] ?? req.get('x-csrf-token');
    return typeof token === 'string' ? token : undefined;
  },
});

/** The session's token, made at the first request that needs one. */
export function csrfToken(req: Request): string {
  return generateToken(req);
}

/** @throws AppError 403 when the token is missing or is another session's */
export function checkCsrf(req: Request): void {
  if (!isRequestValid(req)) throw new AppError('CSRF', 403, 'errors.csrf.message');
}
