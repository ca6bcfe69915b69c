/**
 * The staff realm: passport keeps the account's id in the session, and its rights are read again at every request. An account
 * whose role asks for a second factor does nothing before it has one.
 */
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { setAccount } from '../../http/request-context.ts';
import { accountReadWithSession } from '../../http/session-store.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import type { AccountRow } from './access-queries.ts';
import type { AccountService } from './account-service.ts';
import type { SignedIn, SignInService } from './sign-in-service.ts';
import { secondFactorUrl } from './urls.ts';

/** What passport carries for a request: the id alone; rights are put on the request apart. */
export type PassportUser = { id: string } & Partial<SignedIn>;

export interface StaffAuthentication {
  /** Middlewares that load the account of the session, to mount after the sessions. */
  readonly handlers: readonly RequestHandler[];
  /** Runs the address and the password of a request through passport. @returns null when they do not go together */
  authenticate(...handled: Parameters<RequestHandler>): Promise<PassportUser | null>;
}

/** What remains open to someone who must set a second factor up first. */
const ALWAYS_OPEN = new Set([secondFactorUrl, '/deconnexion', '/preferences/langue', '/preferences/theme']);

export function staffAuthentication({
  accounts,
  signIn,
}: {
  accounts: AccountService;
  signIn: SignInService;
}): StaffAuthentication {
  const passport = new Passport();
  const withoutSecondFactor = new WeakSet<Request>();
  passport.use(
    new LocalStrategy(
      { usernameField: 'email', passwordField: 'password', passReqToCallback: true, session: false },
      (req, email, password, done) => {
        signIn
          .checkPassword({ email, password, ip: req.ip ?? null, requestId: String(req.id) })
          .then((result) => done(null, result ? { id: result.userId, ...result } : false))
          .catch((error: unknown) => done(error));
      },
    ),
  );
  passport.serializeUser((user, done) => done(null, (user as PassportUser).id));
  passport.deserializeUser(
    (incoming: IncomingMessage, id: string, done: (error: unknown, user?: false | PassportUser) => void) => {
      const req = incoming as Request;
      accounts
        .load(id, { ip: req.ip ?? null, requestId: String(req.id) }, accountReadWithSession(req) as AccountRow | null)
        .then((loaded) => {
          if (!loaded) {
            done(null, false);
            return;
          }
          const { account, actor } = loaded;
          if (!account.totpEnabledAt && account.roles.some((role) => role.requiresSecondFactor))
            withoutSecondFactor.add(req);
          setAccount(req, {
            actor,
            email: account.email,
            theme: account.theme,
            roleLabels: account.roles.map((role) => role.label),
          });
          done(null, { id });
        })
        .catch((error: unknown) => done(error));
    },
  );

  const secondFactorFirst: RequestHandler = (req, res, next) => {
    if (!withoutSecondFactor.has(req) || ALWAYS_OPEN.has(req.path)) {
      next();
      return;
    }
    if (req.method !== 'GET' || req.accepts(['html', 'json']) !== 'html')
      throw new ForbiddenError('sign-in.setup.required');
    req.session.returnTo = req.originalUrl;
    if (req.get('HX-Request') === 'true') res.set('HX-Redirect', secondFactorUrl).status(204).end();
    else res.redirect(303, secondFactorUrl);
  };

  return {
    handlers: [passport.initialize() as RequestHandler, passport.session() as RequestHandler, secondFactorFirst],
    authenticate: (...handled) =>
      new Promise((resolve, reject) => {
        const handler = passport.authenticate('local', (error: unknown, user: PassportUser | false) =>
          error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(user || null),
        ) as RequestHandler;
        void handler(...handled);
      }),
  };
}
