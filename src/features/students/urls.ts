/** Addresses of students and alumni; no other file writes them. */

/** The list of students, with its query string (`statut=prospect&tri=-nom`) when one is given. */
export function studentsUrl(query = ''): string {
  return query === '' ? '/etudiants' : `/etudiants?${query}`;
}

/** The list of alumni, with its query string when one is given. */
export function alumniUrl(query = ''): string {
  return query === '' ? '/alumni' : `/alumni?${query}`;
}

export function studentUrl(id: string): string {
  return `/etudiants/${id}`;
}

export function newStudentUrl(): string {
  return '/etudiants/nouveau';
}

export function editStudentUrl(id: string): string {
  return `/etudiants/${id}/modification`;
}
