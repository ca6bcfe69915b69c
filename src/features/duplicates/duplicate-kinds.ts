/** What is looked for among students and among companies: where twins may hide, and what makes two records alike. */
import { Prisma, type Reader } from '../../db/client.ts';
import { dayOf } from '../../shared/dates.ts';
import type { NirVault } from '../students/index.ts';
import { compareCompanies, type CompanyRecord } from './company-pair.ts';
import {
  allGroups,
  crossedValues,
  groupsByValue,
  groupsWith,
  siteGroups,
  valuesOf,
  type Block,
  type Groups,
  type TwinColumns,
} from './duplicate-blocks.ts';
import { comparePersons, type Comparison, type PersonRecord } from './person-pair.ts';

type Source = Pick<Reader, 'query' | 'nirSchema'>;

export type DuplicateSubject = 'student' | 'company';

export interface DuplicateKind {
  readonly subjectType: DuplicateSubject;
  /** Every group of records that share something. */
  groups(source: Source): AsyncGenerator<Groups>;
  /** The groups that hold one of these records. */
  groupsAround(source: Source, ids: readonly string[]): AsyncGenerator<Groups>;
  /** Compares records two by two; those that are merged or under limitation are left out. */
  load(source: Source, ids: readonly string[]): Promise<ComparableRecords>;
}

/** Some records, ready to be compared. */
export interface ComparableRecords {
  has(id: string): boolean;
  compare(firstId: string, secondId: string): Comparison<string> | null;
}

function comparable<Entry extends { readonly id: string }>(
  records: readonly Entry[],
  compare: (left: Entry, right: Entry) => Comparison<string>,
): ComparableRecords {
  const byId = new Map(records.map((record) => [record.id, record]));
  return {
    has: (id) => byId.has(id),
    compare: (firstId, secondId) => {
      const [first, second] = [byId.get(firstId), byId.get(secondId)];
      return first && second ? compare(first, second) : null;
    },
  };
}

const PHONES: TwinColumns = { table: 'student', first: 'personal_phone', second: 'professional_phone' };
const EMAILS: TwinColumns = { table: 'student', first: 'email', second: 'school_email' };

const PERSON_BLOCKS: readonly Block[] = [
  { table: 'student', columns: ['personal_phone'] },
  { table: 'student', columns: ['professional_phone'] },
  { table: 'student', columns: ['email'] },
  { table: 'student', columns: ['school_email'] },
  { table: 'student', columns: ['postcode', 'name_key'] },
  { table: 'student', columns: ['birth_date', 'name_key'] },
];

const COMPANY_BLOCKS: readonly Block[] = [
  { table: 'company', columns: ['phone'] },
  { table: 'company', columns: ['email'] },
  { table: 'company', columns: ['name_key'] },
];

/** @param vault null in a process that holds no NIR key: numbers then tell nothing */
export function personKind(vault: NirVault | null): DuplicateKind {
  return {
    subjectType: 'student',
    async *groups(source) {
      for (const block of PERSON_BLOCKS) yield* allGroups(source, block);
      for (const twins of [PHONES, EMAILS])
        for await (const values of crossedValues(source, twins)) yield groupsByValue(source, twins, values);
    },
    async *groupsAround(source, ids) {
      for (const block of PERSON_BLOCKS) yield groupsWith(source, block, ids);
      for (const twins of [PHONES, EMAILS]) yield groupsByValue(source, twins, await valuesOf(source, twins, ids));
    },
    async load(source, ids) {
      const rows = await source.query<Omit<PersonRecord, 'birthDate' | 'hasNir'> & { birthDate: Date | null }>(
        Prisma.sql`SELECT id, last_name AS lastName, first_name AS firstName, email, school_email AS schoolEmail, personal_phone AS personalPhone, professional_phone AS professionalPhone, birth_date AS birthDate, postcode FROM student WHERE id IN (${Prisma.join([...ids])}) AND merged_into_id IS NULL AND restricted_at IS NULL`,
      );
      const withNir = vault
        ? await vault.keyDigits(
            source,
            rows.map(({ id }) => id),
          )
        : new Map<string, string>();
      const records = rows.map((row) => ({ ...row, birthDate: dayOf(row.birthDate), hasNir: withNir.has(row.id) }));
      return comparable(records, comparePersons);
    },
  };
}

export const companyKind: DuplicateKind = {
  subjectType: 'company',
  async *groups(source) {
    for (const block of COMPANY_BLOCKS) yield* allGroups(source, block);
    yield siteGroups(source, null);
  },
  async *groupsAround(source, ids) {
    for (const block of COMPANY_BLOCKS) yield groupsWith(source, block, ids);
    yield siteGroups(source, ids);
  },
  async load(source, ids) {
    const list = Prisma.join([...ids]);
    const rows = await source.query<Omit<CompanyRecord, 'sirets'>>(
      Prisma.sql`SELECT id, name, siren, postcode, phone, email, website FROM company WHERE id IN (${list}) AND merged_into_id IS NULL`,
    );
    const sites = await source.query<{ companyId: string; siret: string }>(
      Prisma.sql`SELECT company_id AS companyId, siret FROM company_site WHERE company_id IN (${list}) AND siret IS NOT NULL`,
    );
    const records = rows.map((row) => ({
      ...row,
      sirets: sites.flatMap(({ companyId, siret }) => (companyId === row.id ? [siret] : [])),
    }));
    return comparable(records, compareCompanies);
  },
};
