export { preferenceRoutes, type PreferenceChange } from './preference-routes.ts';
