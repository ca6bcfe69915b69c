/**
 * A social-security number never stays in an address: browsers remember addresses, proxies write them down, links carry them on.
 * The search box sends it by POST; an address that holds one all the same is answered by the same one without it.
 */
import type { Request, RequestHandler } from 'express';
import { AppError } from '../shared/errors.ts';
import { holdsNir } from '../shared/nir.ts';
import { redirectTo, safeReturn } from './redirects.ts';

/** Characters that what follows `?` needs to hold a number. */
const SHORTEST = 15;

/** Some identifiers look like a number, and none holds one. */
const IDENTIFIER = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

const isNirAmong = (text: string): boolean => holdsNir(text.replace(IDENTIFIER, '/'));

/** An address inside an address (where to go after signing in) is written in the same way, once more. */
function isNirIn(value: string): boolean {
  if (isNirAmong(value)) return true;
  try {
    return isNirAmong(decodeURIComponent(value.replaceAll('+', ' ')));
  } catch {
    return false;
  }
}

/** The address without the parameters that hold a number; null when none does. */
export function addressWithoutNir(address: string): string | null {
  const mark = address.indexOf('?');
  if (mark === -1 || address.length - mark <= SHORTEST) return null;
  const params = new URLSearchParams(address.slice(mark + 1));
  const kept = [...params].filter(([name, value]) => !isNirIn(name) && !isNirIn(value));
  if (kept.length === params.size) return null;
  const query = new URLSearchParams(kept).toString();
  return `${address.slice(0, mark)}${query === '' ? '' : `?${query}`}`;
}

const isSignedIn = (req: Request): boolean => 'passport' in req.session;

/** Mounted after the session and before anything that remembers where someone was going. */
export function noNirInAddress(): RequestHandler {
  return (req, res, goOn) => {
    if (isNirIn(req.path)) throw new AppError('NIR_IN_ADDRESS', 400, 'errors.nirInAddress.message');
    const clean = addressWithoutNir(req.originalUrl);
    if (clean === null) {
      goOn();
      return;
    }
    const isPage = req.method === 'GET' && !/\.\w+$/.test(req.path) && req.accepts(['html', 'json']) === 'html';
    if (!isPage) throw new AppError('NIR_IN_ADDRESS', 400, 'errors.nirInAddress.message');
    res.set('Cache-Control', 'no-store');
    const flash = isSignedIn(req) ? ({ kind: 'warning', key: 'errors.nirInAddress.message' } as const) : undefined;
    // What begins with two slashes is a page of ours that nobody has, and elsewhere the address of another site.
    const next = safeReturn(clean);
    if (req.get('HX-Request') !== 'true') {
      redirectTo(req, res, next, flash);
      return;
    }
    if (flash) req.session.flash = flash;
    res.set('HX-Redirect', next).status(204).end();
  };
}
