/** The staff realm: passport keeps the account's id in the session, and its rights are read again at every request. */
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { setAccount } from '../../http/request-context.ts';
import type { AccountService } from './account-service.ts';
import type { SignedIn, SignInService } from './sign-in-service.ts';

/** What passport carries for a request: the id alone; rights are put on the request apart. */
export type PassportUser = { id: string } & Partial<SignedIn>;

export interface StaffAuthentication {
  /** Middlewares that load the account of the session, to mount after the sessions. */
  readonly handlers: readonly RequestHandler[];
  readonly passport: InstanceType<typeof Passport>;
}

export function staffAuthentication({
  accounts,
  signIn,
}: {
  accounts: AccountService;
  signIn: SignInService;
}): StaffAuthentication {
  const passport = new Passport();
  passport.use(
    new LocalStrategy(
      { usernameField: 'email', passwordField: 'password', passReqToCallback: true, session: false },
      (req, email, password, done) => {
        signIn
          .checkPassword({ email, password, ip: req.ip ?? '', requestId: String(req.id) })
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
        .load(id, { ip: req.ip ?? null, requestId: String(req.id) })
        .then((loaded) => {
          if (!loaded) {
            done(null, false);
            return;
          }
          const { account, actor } = loaded;
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
  return { passport, handlers: [passport.initialize() as RequestHandler, passport.session() as RequestHandler] };
}
