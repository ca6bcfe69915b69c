/** What the CRM holds of the persons a part of a workbook names: everything planning asks, in a few statements. */
import { Prisma, type Reader } from '../../db/client.ts';
import { groupBy } from '../../shared/grouping.ts';
import type { NirVault } from '../students/index.ts';
import type { StudentEntry, StudentRecord } from './student-record.ts';

/** A current position, with both names a company may go by. */
export interface CurrentPosition {
  readonly id: string;
  readonly companyId: string | null;
  /** As read, or as typed. */
  readonly companyText: string | null;
  readonly companyName: string | null;
  readonly companyNameKey: string | null;
  readonly companyLegacyId: number | null;
  readonly version: number;
}

export interface OpenConflict {
  readonly id: string;
  readonly field: string;
  readonly fileValue: string | null;
  readonly crmValue: string | null;
}

export interface StudentState {
  readonly id: string;
  readonly studentNumber: string;
  /** Everything but the company, which the positions tell. */
  readonly record: Omit<StudentRecord, 'company'>;
  readonly statusSince: Date;
  readonly programmeId: string | null;
  readonly cohortId: string | null;
  readonly origin: string;
  readonly anomalyCount: number;
  readonly version: number;
  readonly restricted: boolean;
  readonly mergedIntoId: string | null;
  /** Values last read from the workbook; null when none ever were. */
  readonly base: StudentRecord | null;
  readonly baseBatchId: string | null;
  readonly positions: readonly CurrentPosition[];
  readonly conflicts: readonly OpenConflict[];
}

/** What is known about the keys of some rows. */
export interface StudentKnowledge {
  /** By NIR. */
  stateOf(nir: string): StudentState | null;
  isErased(nir: string): boolean;
  /** Whoever bears a student number. */
  bearerOf(studentNumber: string): { state: StudentState; hasNir: boolean } | null;
}

type Key = Pick<StudentEntry, 'nir' | 'studentNumber'>;

/**
 * @param lock keeps the persons from being changed until the transaction ends
 */
export async function loadKnowledge(
  reader: Reader,
  vault: NirVault,
  keys: readonly Key[],
  { lock }: { lock: boolean },
): Promise<StudentKnowledge> {
  const indexes = new Map(keys.map(({ nir }) => [nir, vault.indexOf(nir)]));
  const [idsByIndex, erased, idsByNumber] = await Promise.all([
    vault.findByIndexes(reader, [...indexes.values()]),
    vault.findErased(reader, [...indexes.values()]),
    findByNumbers(reader, [...new Set(keys.flatMap(({ studentNumber }) => studentNumber ?? []))]),
  ]);
  const ids = [...new Set([...idsByIndex.values(), ...idsByNumber.values()])];
  const states = await loadStates(reader, ids, { lock });
  const withNir = new Set(idsByIndex.values());
  const numbered = [...idsByNumber.values()].filter((id) => !withNir.has(id));
  for (const id of (await vault.keyDigits(reader, numbered)).keys()) withNir.add(id);
  const hexOf = (nir: string): string => indexes.get(nir)?.toString('hex') ?? '';
  return {
    stateOf: (nir) => states.get(idsByIndex.get(hexOf(nir)) ?? '') ?? null,
    isErased: (nir) => erased.has(hexOf(nir)),
    bearerOf(studentNumber) {
      const state = states.get(idsByNumber.get(studentNumber) ?? '');
      return state ? { state, hasNir: withNir.has(state.id) } : null;
    },
  };
}

async function findByNumbers(reader: Reader, numbers: readonly string[]): Promise<Map<string, string>> {
  if (numbers.length === 0) return new Map();
  const rows = await reader.query<{ studentNumber: string; id: string }>(
    Prisma.sql`SELECT student_number AS studentNumber, id FROM student WHERE student_number IN (${Prisma.join([...numbers])})`,
  );
  return new Map(rows.map((row) => [row.studentNumber, row.id]));
}

interface StudentRowOfDatabase extends Omit<StudentRecord, 'company'> {
  id: string;
  studentNumber: string;
  statusSince: Date;
  programmeId: string | null;
  cohortId: string | null;
  origin: string;
  anomalyCount: number | bigint;
  version: number | bigint;
  restrictedAt: Date | null;
  mergedIntoId: string | null;
  baseFields: string | null;
  baseBatchId: string | null;
}

/** States by id. */
export async function loadStates(
  reader: Reader,
  ids: readonly string[],
  { lock }: { lock: boolean },
): Promise<Map<string, StudentState>> {
  if (ids.length === 0) return new Map();
  const list = Prisma.join([...ids]);
  const [rows, positions, conflicts] = await Promise.all([
    reader.query<StudentRowOfDatabase>(
      Prisma.sql`SELECT s.id, s.student_number AS studentNumber, s.last_name AS lastName, s.first_name AS firstName, s.status, s.status_since AS statusSince, s.street, s.postcode, s.city, s.personal_phone AS personalPhone, s.professional_phone AS professionalPhone, s.cursus, s.email, s.programme_id AS programmeId, s.cohort_id AS cohortId, s.origin, s.anomaly_count AS anomalyCount, s.version, s.restricted_at AS restrictedAt, s.merged_into_id AS mergedIntoId, b.fields AS baseFields, b.last_batch_id AS baseBatchId FROM student s LEFT JOIN student_import_base b ON b.student_id = s.id WHERE s.id IN (${list}) ${lock ? Prisma.sql`FOR UPDATE` : Prisma.empty}`,
    ),
    reader.query<CurrentPosition & { studentId: string }>(
      Prisma.sql`SELECT p.id, p.student_id AS studentId, p.company_id AS companyId, p.company_text AS companyText, c.name AS companyName, c.name_key AS companyNameKey, c.legacy_id AS companyLegacyId, p.version FROM \`position\` p LEFT JOIN company c ON c.id = p.company_id WHERE p.student_id IN (${list}) AND p.ended_on IS NULL ORDER BY p.student_id, p.id`,
    ),
    reader.query<OpenConflict & { subjectId: string }>(
      Prisma.sql`SELECT id, subject_id AS subjectId, field, file_value AS fileValue, crm_value AS crmValue FROM edit_conflict WHERE subject_type = 'student' AND subject_id IN (${list}) AND state = 'open'`,
    ),
  ]);
  const positionsOf = groupBy(positions, ({ studentId }) => studentId);
  const conflictsOf = groupBy(conflicts, ({ subjectId }) => subjectId);
  return new Map(
    rows.map((row) => [row.id, toState(row, positionsOf.get(row.id) ?? [], conflictsOf.get(row.id) ?? [])]),
  );
}

function toState(
  row: StudentRowOfDatabase,
  positions: readonly CurrentPosition[],
  conflicts: readonly OpenConflict[],
): StudentState {
  return {
    id: row.id,
    studentNumber: row.studentNumber,
    record: {
      lastName: row.lastName,
      firstName: row.firstName,
      status: row.status,
      street: row.street,
      postcode: row.postcode,
      city: row.city,
      personalPhone: row.personalPhone,
      professionalPhone: row.professionalPhone,
      cursus: row.cursus,
      email: row.email,
    },
    statusSince: row.statusSince,
    programmeId: row.programmeId,
    cohortId: row.cohortId,
    origin: row.origin,
    anomalyCount: Number(row.anomalyCount),
    version: Number(row.version),
    restricted: row.restrictedAt !== null,
    mergedIntoId: row.mergedIntoId,
    base: row.baseFields === null ? null : (JSON.parse(row.baseFields) as StudentRecord),
    baseBatchId: row.baseBatchId,
    positions,
    conflicts,
  };
}
