export { findGrants } from './access-queries.ts';
export { accountRoutes } from './account-routes.ts';
export {
  asEmailTaken,
  createAccountService,
  refuseIncompatible,
  type AccountService,
  type NewUser,
} from './account-service.ts';
export { createPasswordProof } from './password-proof.ts';
export { passwordRoutes } from './password-routes.ts';
export { createPasswordService, type PasswordService } from './password-service.ts';
export { clearSecondFactor, createSecondFactorService, type SecondFactorService } from './second-factor-service.ts';
export { closeSessionsOf, createSessionService, type SessionService } from './session-service.ts';
export { createSignInService, type SignInService } from './sign-in-service.ts';
export { signInRoutes } from './sign-in-routes.ts';
export { staffAuthentication } from './staff-authentication.ts';
export { createThrottle, type Counter, type Limit, type Throttle } from './throttle.ts';
