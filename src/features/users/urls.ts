export const usersUrl = '/utilisateurs';
export const newUserUrl = '/utilisateurs/nouveau';
export const userUrl = (id: string): string => `/utilisateurs/${id}`;
export const editUserUrl = (id: string): string => `/utilisateurs/${id}/modifier`;
/** POST disables the account, DELETE enables it again. */
export const deactivationUrl = (id: string): string => `/utilisateurs/${id}/desactivation`;
export const userSecondFactorUrl = (id: string): string => `/utilisateurs/${id}/second-facteur`;
export const userSessionsUrl = (id: string): string => `/utilisateurs/${id}/sessions`;
/** POST confirms a change that waits, DELETE gives it up. */
export const accountChangeUrl = (id: string, changeId: string): string => `/utilisateurs/${id}/attentes/${changeId}`;
export const userLinkUrl = (id: string): string => `/utilisateurs/${id}/lien`;
