/** Who asks: put on the request by the site's sign-in, read by the declared routes. */
import type { Request, Response } from 'express';
import { AppError } from '../shared/errors.ts';
import type { Actor } from '../shared/actor.ts';

/** The signed-in account as pages show it. */
export interface SignedInAccount {
  readonly actor: Actor;
  readonly email: string;
  readonly roleLabels: readonly string[];
  readonly theme: 'light' | 'dark' | 'auto';
}

const accounts = new WeakMap<Request, SignedInAccount>();

/** Called by the site once the session's account is loaded. */
export function setAccount(req: Request, account: SignedInAccount): void {
  accounts.set(req, account);
}

export function currentAccount(req: Request): SignedInAccount | null {
  return accounts.get(req) ?? null;
}

/** The actor of a request; an anonymous one has no right at all. */
export function currentActor(req: Request): { actor: Actor; isSignedIn: boolean } {
  const account = accounts.get(req);
  if (account) return { actor: account.actor, isSignedIn: true };
  const anonymous: Actor = {
    type: 'user',
    id: null,
    name: '',
    grants: [],
    programmeIds: null,
    ip: req.ip ?? null,
    requestId: String(req.id),
    language: req.res?.locals.page?.lang ?? 'fr',
  };
  return { actor: anonymous, isSignedIn: false };
}

/** The page of ours that a form was sent from; null when the browser does not say, or says another site. */
function pageOfForm(req: Request): string | null {
  const referer = req.get('Referer');
  if (!referer || !URL.canParse(referer)) return null;
  const { host, pathname, search } = new URL(referer);
  return host === req.get('Host') ? `${pathname}${search}` : null;
}

/** Sends an anonymous visitor to sign in and back: to the form whose session ended, where what was typed is offered again; a script gets 401, an htmx request a full redirect. */
export function signInFirst(req: Request, res: Response): void {
  const wantsPage =
    req.method === 'GET' && !/\.(json|csv|xlsx)$/.test(req.path) && req.accepts(['html', 'json']) === 'html';
  if (!wantsPage && req.method === 'GET') throw new AppError('SIGN_IN', 401, 'errors.signIn.message');
  const from = req.method === 'GET' ? req.originalUrl : pageOfForm(req);
  const back = from === null ? '' : `?suite=${encodeURIComponent(from)}`;
  if (req.get('HX-Request') === 'true') {
    res.set('HX-Redirect', `/connexion${back}`).status(204).end();
    return;
  }
  res.redirect(303, `/connexion${back}`);
}
