/** Addresses of the journal. */

export const journalPath = '/journal';

/** What the journal says of one record. */
export function journalOfRecordUrl(subjectType: string, subjectId: string): string {
  return `${journalPath}?${new URLSearchParams({ objet: subjectType, fiche: subjectId }).toString()}`;
}
