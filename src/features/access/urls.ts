/** Addresses of one's own account and of the door. */
export const accountUrl = '/compte';
export const securityUrl = '/compte/securite';
export const sessionsUrl = '/compte/sessions';
export const sessionUrl = (key: string): string => `/compte/sessions/${key}`;
export const passwordUrl = '/compte/mot-de-passe';
export const secondFactorUrl = '/compte/second-facteur';
export const recoveryCodesUrl = '/compte/codes-de-secours';
export const signInUrl = '/connexion';
export const passwordLinkUrl = (token: string): string => `/reinitialisation/${token}`;
