export { isRoleAwaited } from './account-change-queries.ts';
export { createAccountChangeService, type AccountChangeService } from './account-change-service.ts';
export { keepingAnAdministrator } from './last-administrator.ts';
export { userRoutes } from './user-routes.ts';
export { createUserService, type UserService } from './user-service.ts';
export { userUrl, usersUrl } from './urls.ts';
