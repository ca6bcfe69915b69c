export { createAccountService, type AccountService, type NewUser } from './account-service.ts';
export { createSignInService, type SignInService } from './sign-in-service.ts';
export { signInRoutes } from './sign-in-routes.ts';
export { staffAuthentication } from './staff-authentication.ts';
export { createThrottle, type Throttle } from './throttle.ts';
