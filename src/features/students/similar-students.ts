/** The warning before a person is created twice: who they probably are already, told within the rights of who asks. */
import type { Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { dayOf } from '../../shared/dates.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { NirVault } from './nir-vault.ts';
import { CONTACT_REASONS, likeness, scoreOf, type LikenessReason, type PersonFacts } from './person-likeness.ts';
import { findCandidate, findCandidates, type CandidateRow } from './similar-students-queries.ts';
import { readableGroups } from './student-visibility.ts';

/** The service to ask when a person is out of one's sight. */
export type KeepingService = 'scolarite' | 'relations_exterieures' | 'dpo';

export type SimilarStudent =
  | {
      readonly isVisible: true;
      readonly id: string;
      readonly studentNumber: string;
      readonly lastName: string;
      readonly firstName: string;
      readonly status: StudentStatus;
      readonly programme: string | null;
      readonly isArchived: boolean;
      /** 0 to 100, from the reasons alone. */
      readonly score: number;
      readonly reasons: readonly LikenessReason[];
    }
  | {
      /** Someone exists; nothing of them is told. */
      readonly isVisible: false;
      readonly service: KeepingService;
    };

/** Below this, two people merely look alike. */
const WARNING_SCORE = 45;
const SHOWN = 5;

function factsOf(row: CandidateRow): PersonFacts {
  return {
    lastName: row.lastName,
    firstName: row.firstName,
    emails: [row.email, row.schoolEmail].filter((email) => email !== null),
    phones: [row.personalPhone, row.professionalPhone].filter((phone) => phone !== null),
    birthDate: dayOf(row.birthDate),
    postcode: row.postcode,
  };
}

function keeperOf(row: CandidateRow): KeepingService {
  if (row.restrictedAt) return 'dpo';
  return row.status === 'alumni' ? 'relations_exterieures' : 'scolarite';
}

function told(actor: Actor, row: CandidateRow, reasons: readonly LikenessReason[]): SimilarStudent {
  const hidden: SimilarStudent = { isVisible: false, service: keeperOf(row) };
  if (!row.isVisible) return hidden;
  const groups = readableGroups(actor, row.status);
  const shown = reasons.filter((reason) =>
    reason === 'same_nir' ? groups.has('nir') : !CONTACT_REASONS.has(reason) || groups.has('contact'),
  );
  const score = scoreOf(shown);
  // What links the two is not the actor's to read: that the person exists is all there is to say.
  if (!groups.has('identity') || score < WARNING_SCORE) return hidden;
  return {
    isVisible: true,
    id: row.id,
    studentNumber: row.studentNumber,
    lastName: row.lastName,
    firstName: row.firstName,
    status: row.status,
    programme: row.programme,
    isArchived: row.archivedAt !== null,
    score,
    reasons: shown,
  };
}

/**
 * People who probably are the one described, likeliest first, five at most. Those out of the actor's sight are told as one
 * line a service, without a name, a score or a reason.
 * @param nir 15 characters, checked; null when none was typed
 */
export async function findSimilarStudents(
  reader: Reader,
  vault: NirVault | null,
  actor: Actor,
  facts: PersonFacts,
  nir: string | null,
): Promise<SimilarStudent[]> {
  const [rows, bearer] = await Promise.all([
    findCandidates(reader, actor, facts),
    nir === null || !vault ? null : bearerOf(reader, vault, actor, nir),
  ]);
  const scored = new Map(rows.map((row) => [row.id, { row, reasons: likeness(facts, factsOf(row)).reasons }]));
  if (bearer)
    scored.set(bearer.id, { row: bearer, reasons: ['same_nir', ...likeness(facts, factsOf(bearer)).reasons] });
  const likely = [...scored.values()]
    .map((one) => ({ ...one, score: scoreOf(one.reasons) }))
    .filter(({ score }) => score >= WARNING_SCORE)
    .sort((left, right) => right.score - left.score || left.row.id.localeCompare(right.row.id))
    .slice(0, SHOWN);
  const services = new Set<KeepingService>();
  return likely.flatMap(({ row, reasons }): SimilarStudent[] => {
    const similar = told(actor, row, reasons);
    if (similar.isVisible) return [similar];
    if (services.has(similar.service)) return [];
    services.add(similar.service);
    return [similar];
  });
}

async function bearerOf(reader: Reader, vault: NirVault, actor: Actor, nir: string): Promise<CandidateRow | null> {
  const [id] = (await vault.findByIndexes(reader, [vault.indexOf(nir)])).values();
  return id ? findCandidate(reader, actor, id) : null;
}
