/** Addresses of duplicates and merges. */
import type { DuplicateSubject } from './duplicate-kinds.ts';
import type { Side } from './merge-fields.ts';

/** Name of a kind in addresses. */
export const KIND_NAMES: Readonly<Record<DuplicateSubject, 'etudiants' | 'entreprises'>> = {
  student: 'etudiants',
  company: 'entreprises',
};

/** The queue of a kind; pairs that were refused when `state` says so. */
export function duplicatesUrl(
  subjectType?: DuplicateSubject,
  { state, after }: { state?: 'ecartes'; after?: string } = {},
): string {
  const search = new URLSearchParams({
    ...(subjectType ? { type: KIND_NAMES[subjectType] } : {}),
    ...(state ? { etat: state } : {}),
    ...(after ? { apres: after } : {}),
  }).toString();
  return search === '' ? '/doublons' : `/doublons?${search}`;
}

/** Two records side by side; `survivor` is the one that would stay. */
export function duplicateUrl(candidateId: string, survivor?: Side): string {
  return survivor ? `/doublons/${candidateId}?garder=${survivor}` : `/doublons/${candidateId}`;
}

export function mergeUrl(candidateId: string): string {
  return `/doublons/${candidateId}/fusion`;
}

export function dismissUrl(candidateId: string): string {
  return `/doublons/${candidateId}/rejet`;
}

/** Merges made, those that can be undone among them. */
export function mergesUrl(subjectType?: DuplicateSubject): string {
  return subjectType ? `/doublons/fusions?type=${KIND_NAMES[subjectType]}` : '/doublons/fusions';
}

export function undoMergeUrl(mergeId: string): string {
  return `/doublons/fusions/${mergeId}/annulation`;
}

/** Where the search for duplicates is told of, and begun (src/features/jobs). */
export function searchJobUrl(): string {
  return '/traitements#job-duplicates.scan';
}
