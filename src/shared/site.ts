/** The server on which the staff work: it alone writes students, companies and imports (docs/decisions/009-two-writers.md). */
export const STAFF_SITE = 'srvcrm1';
