import { z } from 'zod';

/** `retour`: the page to go back to; one that leaves the site is ignored. */
const retour = z.string().max(2000).optional();

export const languageForm = z.strictObject({ langue: z.enum(['fr', 'en']), retour });
export const themeForm = z.strictObject({ theme: z.enum(['light', 'dark', 'auto']), retour });
