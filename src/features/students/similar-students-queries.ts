/** People who may be the one being typed: found by exact details and by the beginning of both names, never by a scan. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { nameKey } from '../../shared/names.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { foldText } from '../../shared/text.ts';
import type { PersonFacts } from './person-likeness.ts';
import { visibleStudents } from './student-visibility.ts';

export interface CandidateRow {
  readonly id: string;
  readonly studentNumber: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly status: StudentStatus;
  readonly email: string | null;
  readonly schoolEmail: string | null;
  readonly personalPhone: string | null;
  readonly professionalPhone: string | null;
  readonly birthDate: Date | null;
  readonly postcode: string | null;
  readonly city: string | null;
  readonly programme: string | null;
  readonly archivedAt: Date | null;
  readonly restrictedAt: Date | null;
  /** 1 when the actor may see the person. */
  readonly isVisible: number;
}

/** People looked at for their names: a common name has more, and the exact ones come by another way. */
const BY_NAME = 200;

const firstLetters = (name: string, count: number): string => foldText(name).replaceAll(' ', '').slice(0, count);

/** A slip is rarely in the same place of both names: one of them is trusted on more letters than the other. */
const LETTERS: readonly (readonly [ofLastName: number, ofFirstName: number])[] = [
  [4, 2],
  [2, 4],
];

function namesakes({ lastName, firstName }: PersonFacts): Prisma.Sql[] {
  if (lastName === '' || firstName === '') return [];
  const keys = [nameKey(lastName, firstName), nameKey(firstName, lastName)];
  const exact = Prisma.sql`(SELECT id FROM student WHERE name_key IN (${Prisma.join(keys)}) LIMIT ${BY_NAME})`;
  const close = LETTERS.flatMap(([ofLastName, ofFirstName]) => {
    const [last, first] = [firstLetters(lastName, ofLastName), firstLetters(firstName, ofFirstName)];
    if (last.length < 2 || first.length < 2) return [];
    return [
      Prisma.sql`(SELECT a.student_id AS id FROM student_search_token a JOIN student_search_token b ON b.student_id = a.student_id AND b.token LIKE ${`${first}%`} WHERE a.token LIKE ${`${last}%`} LIMIT ${BY_NAME})`,
    ];
  });
  return [exact, ...close];
}

/** Everyone who shares a detail with these facts, in the actor's sight or out of it; merged records aside. */
export async function findCandidates(reader: Reader, actor: Actor, facts: PersonFacts): Promise<CandidateRow[]> {
  const parts = namesakes(facts);
  if (facts.emails.length > 0) {
    const emails = Prisma.join([...facts.emails]);
    parts.push(
      Prisma.sql`(SELECT id FROM student WHERE email IN (${emails}) LIMIT ${BY_NAME})`,
      Prisma.sql`(SELECT id FROM student WHERE school_email IN (${emails}) LIMIT ${BY_NAME})`,
    );
  }
  if (facts.phones.length > 0) {
    const phones = Prisma.join([...facts.phones]);
    parts.push(
      Prisma.sql`(SELECT id FROM student WHERE personal_phone IN (${phones}) LIMIT ${BY_NAME})`,
      Prisma.sql`(SELECT id FROM student WHERE professional_phone IN (${phones}) LIMIT ${BY_NAME})`,
    );
  }
  if (parts.length === 0) return [];
  return reader.query<CandidateRow>(
    Prisma.sql`SELECT ${candidateColumns(actor)} FROM (${Prisma.join(parts, ' UNION ')}) found
      JOIN student s ON s.id = found.id LEFT JOIN programme p ON p.id = s.programme_id WHERE s.merged_into_id IS NULL`,
  );
}

/** One person by id, as a candidate: whoever bears a number that was typed. */
export async function findCandidate(reader: Reader, actor: Actor, id: string): Promise<CandidateRow | null> {
  const [row] = await reader.query<CandidateRow>(
    Prisma.sql`SELECT ${candidateColumns(actor)} FROM student s LEFT JOIN programme p ON p.id = s.programme_id WHERE s.id = ${id}`,
  );
  return row ?? null;
}

function candidateColumns(actor: Actor): Prisma.Sql {
  return Prisma.sql`s.id, s.student_number AS studentNumber, s.last_name AS lastName, s.first_name AS firstName, s.status, s.email,
    s.school_email AS schoolEmail, s.personal_phone AS personalPhone, s.professional_phone AS professionalPhone,
    s.birth_date AS birthDate, s.postcode, s.city, p.label AS programme, s.archived_at AS archivedAt,
    s.restricted_at AS restrictedAt, (${visibleStudents(actor)}) AS isVisible`;
}
