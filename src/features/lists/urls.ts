/** Addresses of the lists and of what hangs on them. */

/** Every list that keeps views and columns, by its name in the database. */
const LISTS: Readonly<Record<string, string>> = {
  students: '/etudiants',
  alumni: '/alumni',
  companies: '/entreprises',
  contacts: '/contacts',
};

export const listKeys = Object.keys(LISTS);

/** A list, on a query string when one is given. */
export function listUrl(key: string, query = ''): string {
  const path = LISTS[key] ?? '/';
  return query === '' ? path : `${path}?${query}`;
}

export function savedViewsUrl(): string {
  return '/filtres';
}

/** Where the form that saves the present view of a list posts. */
export function saveViewUrl(key: string): string {
  return `/filtres?liste=${key}`;
}

export function savedViewUrl(id: string): string {
  return `/filtres/${id}`;
}

/** Bulk tagging of a list's selection: the form, and where it posts. */
export function bulkTagUrl(path: string): string {
  return `${path}/etiquettes`;
}

/** Export of a list's selection. */
export function exportSelectionUrl(path: string, format: 'csv' | 'xlsx'): string {
  return `${path}/export.${format}`;
}
