export const settingsUrl = '/parametres';
/** POST changes the charter, DELETE puts the default one back. */
export const brandUrl = '/parametres/charte';
/** POST uploads, DELETE puts the default one back. */
export const logoUrl = '/parametres/logo';
export const studentNumbersUrl = '/parametres/numeros';
export const undoUrl = '/parametres/annulation';
export const importSafetyUrl = '/parametres/imports';
export const schedulesUrl = '/parametres/horaires';
