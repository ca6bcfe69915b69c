import type { Request, Response } from 'express';
import type { Flash } from './render.ts';

/**
 * Answers a successful form: 303 to a page, which shows the flash once. htmx follows the redirect by itself.
 * The flash holds a key and short parameters, never the form.
 */
export function redirectTo(req: Request, res: Response, url: string, flash?: Flash): void {
  if (flash) req.session.flash = flash;
  res.redirect(303, url);
}

/** Keeps a return address only if it stays on this site. */
export function safeReturn(address: unknown): string {
  if (typeof address !== 'string' || !/^\/(?![/\\])/.test(address) || /[\u0000-\u001f\\]/.test(address)) return '/';
  return address;
}
