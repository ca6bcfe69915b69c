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

/** Tabs of a record beside the first. */
export type StudentTab = 'parcours' | 'carriere' | 'notes' | 'historique' | 'imports';

/** Parts of a record that are edited by themselves. */
export type StudentSection = 'identite' | 'coordonnees' | 'formation' | 'statut' | 'nir';

export function studentTabUrl(id: string, tab: StudentTab): string {
  return `${studentUrl(id)}/${tab}`;
}

/** The form of a section; without one, that of the first section the actor may change. */
export function editStudentUrl(id: string, section?: StudentSection): string {
  return section ? `${studentUrl(id)}/modifier/${section}` : `${studentUrl(id)}/modifier`;
}

/** Whether someone like that exists already, asked while one types. */
export function similarStudentsUrl(): string {
  return `${newStudentUrl()}/doublons`;
}

export function studentNirUrl(id: string): string {
  return `${studentUrl(id)}/nir`;
}

export function studentArchiveUrl(id: string): string {
  return `${studentUrl(id)}/archivage`;
}

/** Where the other record of a person known to be double is looked for (src/features/duplicates). */
export function studentTwinUrl(id: string): string {
  return `/doublons/rapprochement?type=etudiants&fiche=${id}`;
}

/** Values of a person that the file and the record hold apart, to decide (src/features/imports). */
export function studentConflictsUrl(id: string): string {
  return `/imports/ecarts?fiche=${id}`;
}

export function studentTagsUrl(id: string): string {
  return `${studentUrl(id)}/etiquettes`;
}

/** Enrolments of a person, or one of them. */
export function enrolmentUrl(id: string, enrolmentId?: string): string {
  return enrolmentId ? `${studentUrl(id)}/inscriptions/${enrolmentId}` : `${studentUrl(id)}/inscriptions`;
}

/** Positions of an alumnus, or one of them. */
export function positionUrl(id: string, positionId?: string): string {
  return positionId ? `${studentUrl(id)}/postes/${positionId}` : `${studentUrl(id)}/postes`;
}

export function graduationUrl(id: string): string {
  return `${studentUrl(id)}/diplome`;
}

export function studentNoteUrl(id: string, noteId?: string): string {
  return noteId ? `${studentUrl(id)}/notes/${noteId}` : `${studentUrl(id)}/notes`;
}
