export const rolesUrl = '/roles';
export const newRoleUrl = '/roles/nouveau';
/** The form of a new role filled from another one. */
export const copyRoleUrl = (id: string): string => `/roles/nouveau?modele=${id}`;
export const roleUrl = (id: string): string => `/roles/${id}`;
export const editRoleUrl = (id: string): string => `/roles/${id}/modifier`;
export const deleteRoleUrl = (id: string): string => `/roles/${id}/suppression`;
