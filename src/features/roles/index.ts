export { roleRoutes } from './role-routes.ts';
export { createRoleService, type RoleService } from './role-service.ts';
