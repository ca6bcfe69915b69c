export { portalSignInRoutes } from './portal-sign-in-routes.ts';
