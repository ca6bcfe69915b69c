/** Pairs of records with everything that can hang on one, for the tests of merges. */
import { newId } from '../../src/shared/ids.ts';
import type { SignedInAgent, TestApp } from './app.ts';
import { aCompany, aContact, aStudent, type CompanySeed, type StudentSeed } from './builders.ts';

/** Numbers with a right key, of nobody. */
export const NIRS = ['198042A12300129', '299079741012304'] as const;

export async function theirPair(app: TestApp, subjectType: 'student' | 'company', ids: readonly [string, string]) {
  const [firstId, secondId] = [...ids].sort() as [string, string];
  const id = newId();
  await app.database.query(
    "INSERT INTO duplicate_candidate (id, subject_type, first_id, second_id, score, reasons) VALUES (?, ?, ?, ?, 90, '[]')",
    [id, subjectType, firstId, secondId],
  );
  return { id, firstId, secondId, sideOf: (one: string) => (one === firstId ? 'first' : 'second') };
}

export type Pair = Awaited<ReturnType<typeof theirPair>>;

/** Sends the form of a merge as the page would: versions as they are now. */
export async function mergeInto(
  app: TestApp,
  who: SignedInAgent,
  subjectType: 'student' | 'company',
  pair: Pair,
  survivorId: string,
  fields: Record<string, string> = {},
) {
  const rows = await app.database.query<{ id: string; version: number }>(
    `SELECT id, version FROM ${subjectType} WHERE id IN (?, ?)`,
    [pair.firstId, pair.secondId],
  );
  const versionOf = (id: string) => rows.find((row) => row.id === id)?.version ?? 0;
  return who.post(`/doublons/${pair.id}/fusion`, {
    survivor: pair.sideOf(survivorId),
    firstVersion: versionOf(pair.firstId),
    secondVersion: versionOf(pair.secondId),
    ...fields,
  });
}

/** A person with a row of everything. */
export async function aBusyStudent(app: TestApp, authorId: string, seed: StudentSeed = {}) {
  const company = await aCompany(app.services);
  const student = await aStudent(app.services, {
    status: 'alumni',
    programme: 'Master Finance',
    companyId: company.id,
    positionTitle: 'Analyste',
    tags: ['Mentor'],
    ...seed,
  });
  await aContact(app.services, { companyId: company.id, studentId: student.id });
  await hangOn(app, authorId, 'student', student.id);
  await app.database.query(
    "INSERT INTO student_status_change (id, student_id, from_status, to_status, origin) VALUES (?, ?, 'en_fonction', 'alumni', 'manual')",
    [newId(), student.id],
  );
  return { ...student, companyId: company.id };
}

/** A company with a row of everything. */
export async function aBusyCompany(app: TestApp, authorId: string, seed: CompanySeed = {}) {
  const company = await aCompany(app.services, { tags: ['Forum'], ...seed });
  const siteId = newId();
  await app.database.query("INSERT INTO company_site (id, company_id, label) VALUES (?, ?, 'Usine')", [
    siteId,
    company.id,
  ]);
  await aContact(app.services, { companyId: company.id, siteId });
  await aStudent(app.services, { status: 'alumni', companyId: company.id });
  await hangOn(app, authorId, 'company', company.id);
  return company;
}

async function hangOn(app: TestApp, authorId: string, subjectType: 'student' | 'company', id: string): Promise<void> {
  await app.database.query(
    "INSERT INTO note (id, subject_type, subject_id, body, author_id) VALUES (?, ?, ?, 'Rappeler en mai', ?)",
    [newId(), subjectType, id, authorId],
  );
  await app.database.query(
    `INSERT INTO ${subjectType}_import_base (${subjectType}_id, fields, last_batch_id) VALUES (?, '{}', ?)`,
    [id, newId()],
  );
  await app.database.query(
    "INSERT INTO edit_conflict (id, batch_id, `row_number`, subject_type, subject_id, field, file_value, crm_value) VALUES (?, ?, 2, ?, ?, 'city', 'Brest', 'Lyon')",
    [newId(), newId(), subjectType, id],
  );
}

/** Every row that names a record, by table: what a merge must not lose. */
export async function rowsOf(app: TestApp, subjectType: 'student' | 'company', id: string) {
  const tables: readonly (readonly [table: string, owner: string, key: string, typed?: boolean])[] =
    subjectType === 'student'
      ? [
          ['position', 'student_id', 'id'],
          ['enrolment', 'student_id', 'id'],
          ['alumni_profile', 'student_id', 'student_id'],
          ['student_status_change', 'student_id', 'id'],
          ['contact', 'student_id', 'id'],
          ['student_import_base', 'student_id', 'student_id'],
          ['note', 'subject_id', 'id', true],
          ['tagging', 'subject_id', 'tag_id', true],
          ['edit_conflict', 'subject_id', 'id', true],
          ['student_search_token', 'student_id', 'token'],
        ]
      : [
          ['position', 'company_id', 'id'],
          ['company_site', 'company_id', 'id'],
          ['contact', 'company_id', 'id'],
          ['company_import_base', 'company_id', 'company_id'],
          ['note', 'subject_id', 'id', true],
          ['tagging', 'subject_id', 'tag_id', true],
          ['edit_conflict', 'subject_id', 'id', true],
          ['company_search_token', 'company_id', 'token'],
        ];
  const rows: Record<string, string[]> = {};
  for (const [table, owner, key, typed] of tables) {
    const found = await app.database.query<{ k: string }>(
      `SELECT \`${key}\` AS k FROM \`${table}\` WHERE \`${owner}\` = ? ${typed ? `AND subject_type = '${subjectType}'` : ''} ORDER BY k`,
      [id],
    );
    rows[table] = found.map(({ k }) => k);
  }
  return rows;
}
