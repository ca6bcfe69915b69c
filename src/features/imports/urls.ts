/** Addresses of the imports; no other file writes them. */

/** The list of batches, with its query string (`etat=a-traiter`) when one is given. */
export function importsUrl(query = ''): string {
  return query === '' ? '/imports' : `/imports?${query}`;
}

export function newImportUrl(): string {
  return '/imports/nouveau';
}

/** An empty workbook with the columns the import knows. */
export function importTemplateUrl(): string {
  return '/imports/modele.xlsx';
}

export function importUrl(id: string): string {
  return `/imports/${id}`;
}

export function importReportUrl(id: string, format: 'xlsx' | 'json'): string {
  return `/imports/${id}.${format}`;
}

/** Server-sent events of a batch at work. */
export function importProgressUrl(id: string): string {
  return `/imports/${id}/progress`;
}

export function importConfirmationUrl(id: string): string {
  return `/imports/${id}/confirmation`;
}

export function importDiscardUrl(id: string): string {
  return `/imports/${id}/abandon`;
}

export function importUndoUrl(id: string): string {
  return `/imports/${id}/annulation`;
}

/** Persons known before whom the batch no longer names. */
export function importMissingUrl(id: string): string {
  return `/imports/${id}/absents`;
}

export function importRowUrl(id: string, rowNumber: number): string {
  return `/imports/${id}/lignes/${rowNumber}`;
}

/** Edit conflicts that wait, of one record or one batch when one is given. */
export function conflictsUrl(only: { q?: string; fiche?: string; lot?: string } = {}): string {
  const query = new URLSearchParams(only).toString();
  return query === '' ? '/imports/ecarts' : `/imports/ecarts?${query}`;
}

export function conflictDecisionUrl(decision: 'crm' | 'fichier'): string {
  return `/imports/ecarts/${decision}`;
}
