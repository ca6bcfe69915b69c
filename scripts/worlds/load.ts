/**
 * Writes an invented world straight into an empty database: many rows a statement, no journal. Only for the demo and the bench;
 * people come in by imports and forms.
 */
import { Prisma, type Database } from '../../src/db/client.ts';
import { companySearchTokens } from '../../src/features/companies/index.ts';
import { programmeKey } from '../../src/features/students/index.ts';
import { fingerprint, seal, type Keys } from '../../src/shared/encryption.ts';
import { searchTokens } from '../../src/shared/names.ts';
import { inventCompany, inventPerson, type WorldCompany, type WorldPerson, type WorldShape } from './people.ts';
import { rankedId } from './random.ts';
import { programmes } from './vocabulary.ts';

/** Which table an id is for: keeps the ids of two tables apart. */
const TABLE = { programme: 1, company: 2, student: 3, enrolment: 4, statusChange: 5, position: 6 } as const;
const CHUNK = 1_000;
const DAY_MS = 86_400_000;

export const programmeId = (cursus: string): string => rankedId(TABLE.programme, programmes.indexOf(cursus));
export const companyId = (rank: number): string => rankedId(TABLE.company, rank);
export const studentId = (rank: number): string => rankedId(TABLE.student, rank);

type Row = readonly unknown[];

/** One statement for many rows; values go as parameters. */
async function insert(database: Database, table: string, columns: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const marks = `(${Array.from(rows[0] as Row, () => '?').join(',')})`;
  const statement = `INSERT INTO ${table} (${columns}) VALUES ${Array.from(rows, () => marks).join(',')}`;
  await database.pool.query(statement, rows.flat());
}

async function insertCompanies(database: Database, companies: readonly WorldCompany[]): Promise<void> {
  await insert(
    database,
    'company',
    'id, name, name_key, street, postcode, city, email, phone, sector, relation_stage, open_to_students, origin',
    companies.map((one) => [
      companyId(one.rank),
      one.name,
      one.nameKey,
      one.street,
      one.postcode,
      one.city,
      one.email,
      one.phone,
      one.sector,
      one.stage,
      one.stage.endsWith('partner'),
      'manual',
    ]),
  );
  await insert(
    database,
    'company_search_token',
    'token, company_id',
    companies.flatMap((one) => companySearchTokens(one.name).map((token) => [token, companyId(one.rank)])),
  );
}

interface LoadKeys {
  readonly nir: Keys;
  readonly nirIndexKey: Buffer;
}

async function insertPeople(
  database: Database,
  people: readonly WorldPerson[],
  keys: LoadKeys,
  nowMs: number,
): Promise<void> {
  const at = (person: WorldPerson) => new Date(nowMs - person.ageInDays * DAY_MS - (person.rank % 86_400) * 1000);
  await insert(
    database,
    'student',
    'id, student_number, last_name, first_name, name_key, status, status_since, email, school_email, personal_phone, professional_phone, street, postcode, city, cursus, programme_id, origin, created_at, updated_at',
    people.map((one) => [
      studentId(one.rank),
      one.studentNumber,
      one.lastName,
      one.firstName,
      one.nameKey,
      one.status,
      at(one),
      one.email,
      one.schoolEmail,
      one.personalPhone,
      one.professionalPhone,
      one.street,
      one.postcode,
      one.city,
      one.cursus,
      programmeId(one.cursus),
      'manual',
      at(one),
      at(one),
    ]),
  );
  await insert(
    database,
    'student_search_token',
    'token, student_id',
    people.flatMap((one) => searchTokens(one.lastName, one.firstName).map((token) => [token, studentId(one.rank)])),
  );
  await insert(
    database,
    `${database.nirSchema}.student_nir`,
    'student_id, nir_index, ciphertext, key_digits, key_version',
    people.map((one) => [
      studentId(one.rank),
      fingerprint(keys.nirIndexKey, one.nir),
      seal(keys.nir, one.nir, `nir:${studentId(one.rank)}`),
      one.nir.slice(-2),
      keys.nir.current,
    ]),
  );
  await insert(
    database,
    'student_status_change',
    'id, student_id, to_status, origin, changed_at',
    people.map((one) => [rankedId(TABLE.statusChange, one.rank), studentId(one.rank), one.status, 'manual', at(one)]),
  );
  const studying = people.filter((one) => one.status !== 'prospect');
  await insert(
    database,
    'enrolment',
    'id, student_id, programme_id, origin',
    studying.map((one) => [
      rankedId(TABLE.enrolment, one.rank),
      studentId(one.rank),
      programmeId(one.cursus),
      'manual',
    ]),
  );
  const alumni = people.filter((one) => one.status === 'alumni');
  await insert(
    database,
    'alumni_profile',
    'student_id, cursus',
    alumni.map((one) => [studentId(one.rank), one.cursus]),
  );
  await insert(
    database,
    'position',
    'id, student_id, company_id, origin',
    alumni.flatMap((one) =>
      one.companyRank === null
        ? []
        : [[rankedId(TABLE.position, one.rank), studentId(one.rank), companyId(one.companyRank), 'manual']],
    ),
  );
}

export interface LoadOptions {
  readonly database: Database;
  readonly keys: { readonly nir: Keys; readonly nirIndex: Keys };
  readonly shape: WorldShape;
  readonly people: number;
  /** The moment the world is seen from, in milliseconds. */
  readonly nowMs: number;
  /** Told after each chunk how many people are in. */
  readonly onProgress?: (people: number) => void;
}

/**
 * Loads companies, then people, and sets the student-number sequences past them.
 * Several chunks are written at once, each by its own connection.
 */
export async function loadWorld({ database, keys, shape, people, nowMs, onProgress }: LoadOptions): Promise<void> {
  const nirIndexKey = keys.nirIndex.keys.get(keys.nirIndex.current);
  if (!nirIndexKey) throw new Error('NIR_INDEX_KEY has no current key');
  await insert(
    database,
    'programme',
    'id, label, label_key',
    programmes.map((label) => [programmeId(label), label, programmeKey(label)]),
  );
  for (let start = 0; start < shape.companies; start += CHUNK) {
    const count = Math.min(CHUNK, shape.companies - start);
    await insertCompanies(
      database,
      Array.from({ length: count }, (_, index) => inventCompany(shape, start + index)),
    );
  }
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (next < people) {
      const start = next;
      const count = Math.min(CHUNK, people - start);
      next += count;
      await insertPeople(
        database,
        Array.from({ length: count }, (_, index) => inventPerson(shape, start + index)),
        { nir: keys.nir, nirIndexKey },
        nowMs,
      );
      done += count;
      onProgress?.(done);
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  const years = Array.from({ length: Math.ceil(people / 99_999) }, (_, index) => [shape.year - index, 99_999]);
  if (years[0]) years[0] = [shape.year, Math.min(people, 99_999)];
  await insert(database, 'student_number_sequence', 'year, last_value', years);
  await database.query(
    Prisma.sql`ANALYZE TABLE student, student_search_token, company, company_search_token, position`,
  );
}
