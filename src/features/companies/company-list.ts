/** The list of companies, declared: columns, filters and orders, each with the field group it needs. */
import { Prisma, type Database, type SqlFragment } from '../../db/client.ts';
import type { ListColumn, ListDefinition, ListFilter, ListOrder, Reach } from '../../db/list-definition.ts';
import { hasPermission, scopesOf, type Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { formatPhone } from '../../shared/phone.ts';
import { formatSiren } from '../../shared/siren.ts';
import { tagIdOf, tagLabels } from '../tags/index.ts';
import {
  readableCompanyGroups,
  RELATION_STAGES,
  type CompanyFieldGroup,
  type RelationStage,
} from './company-fields.ts';
import { createCompanyLookups, type CompanyLookups } from './company-lookups.ts';
import { searchCompanies } from './company-search.ts';
import { companiesUrl } from './urls.ts';

/** A row as the visible columns fill it. */
export interface CompanyListRow {
  readonly id: string;
  readonly name?: string;
  readonly siren?: string | null;
  readonly sector?: string | null;
  readonly postcode?: string | null;
  readonly city?: string | null;
  readonly relationStage?: RelationStage;
  readonly openToStudents?: boolean | number;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly alumni?: number;
  readonly contacts?: number;
  /** Labels, one a line. */
  readonly tags?: string | null;
  readonly archivedAt?: Date | null;
  readonly missingSince?: Date | null;
  readonly anomalyCount?: number;
  readonly updatedAt?: Date;
}

/** Records that carry every one of the tags, given by id or by label. */
export function tagged(subjectType: 'company' | 'contact', id: SqlFragment, values: readonly string[]): SqlFragment {
  const each = values.map(
    (value) =>
      Prisma.sql`${id} IN (SELECT g.subject_id FROM tagging g WHERE g.subject_type = ${subjectType} AND g.tag_id = ${tagIdOf(value)})`,
  );
  return Prisma.join(each, ' AND ');
}

/** Columns that count people or contacts are for those who may see whom they count. */
const COUNTED_PEOPLE = 'people';
const COUNTED_CONTACTS = 'contacts';

function companyReach(actor: Actor, group: string): Reach {
  if (group === COUNTED_PEOPLE) {
    // Who sees the people of some programmes is not told how many there are of others.
    if (actor.programmeIds) return 'nowhere';
    const scopes = scopesOf(actor, 'students.read');
    return scopes.includes('all') || scopes.includes('alumni') ? 'everywhere' : 'nowhere';
  }
  if (group === COUNTED_CONTACTS) return scopesOf(actor, 'contacts.read').includes('all') ? 'everywhere' : 'nowhere';
  return readableCompanyGroups(actor).has(group as CompanyFieldGroup) ? 'everywhere' : 'nowhere';
}

const columns: readonly ListColumn<CompanyListRow>[] = [
  {
    key: 'nom',
    label: 'companies.columns.name',
    sort: 'nom',
    shown: 'always',
    fields: {
      name: Prisma.sql`c.name`,
      archivedAt: Prisma.sql`c.archived_at`,
      missingSince: Prisma.sql`c.missing_since`,
      anomalyCount: Prisma.sql`c.anomaly_count`,
    },
    value: (row) => row.name ?? null,
  },
  {
    key: 'siren',
    label: 'companies.columns.siren',
    group: 'identity',
    shown: false,
    fields: { siren: Prisma.sql`c.siren` },
    value: (row) => (row.siren ? formatSiren(row.siren) : null),
  },
  {
    key: 'ville',
    label: 'companies.columns.city',
    sort: 'ville',
    group: 'identity',
    shown: true,
    fields: { postcode: Prisma.sql`c.postcode`, city: Prisma.sql`c.city` },
    value: (row) => [row.postcode, row.city].filter(Boolean).join(' ') || null,
  },
  {
    key: 'secteur',
    label: 'companies.columns.sector',
    sort: 'secteur',
    group: 'identity',
    shown: true,
    fields: { sector: Prisma.sql`c.sector` },
    value: (row) => row.sector ?? null,
  },
  {
    key: 'stade',
    label: 'companies.columns.stage',
    sort: 'stade',
    group: 'relation',
    shown: true,
    fields: { relationStage: Prisma.sql`c.relation_stage`, openToStudents: Prisma.sql`c.open_to_students` },
    value: (row, t) => (row.relationStage ? t(`companies.stages.${row.relationStage}`) : null),
  },
  {
    key: 'alumni',
    label: 'companies.columns.alumni',
    group: COUNTED_PEOPLE,
    shown: true,
    fields: {
      alumni: Prisma.sql`(SELECT COUNT(DISTINCT w.student_id) FROM position w JOIN student s ON s.id = w.student_id WHERE w.company_id = c.id AND w.ended_on IS NULL AND s.status = 'alumni' AND s.merged_into_id IS NULL AND s.archived_at IS NULL AND s.restricted_at IS NULL)`,
    },
    value: (row) => row.alumni ?? 0,
  },
  {
    key: 'telephone',
    label: 'companies.columns.phone',
    group: 'contact',
    shown: true,
    fields: { phone: Prisma.sql`c.phone` },
    value: (row) => (row.phone ? formatPhone(row.phone) : null),
  },
  {
    key: 'courriel',
    label: 'companies.columns.email',
    group: 'contact',
    shown: false,
    fields: { email: Prisma.sql`c.email` },
    value: (row) => row.email ?? null,
  },
  {
    key: 'contacts',
    label: 'companies.columns.contacts',
    group: COUNTED_CONTACTS,
    shown: false,
    fields: {
      contacts: Prisma.sql`(SELECT COUNT(*) FROM contact o WHERE o.company_id = c.id AND o.archived_at IS NULL)`,
    },
    value: (row) => row.contacts ?? 0,
  },
  {
    key: 'etiquettes',
    label: 'companies.columns.tags',
    group: 'identity',
    shown: false,
    fields: { tags: tagLabels('company', Prisma.sql`c.id`) },
    value: (row) => row.tags?.replaceAll('\n', ', ') ?? null,
  },
  {
    key: 'maj',
    label: 'companies.columns.updated',
    sort: 'maj',
    shown: false,
    fields: { updatedAt: Prisma.sql`c.updated_at` },
    value: (row) => row.updatedAt ?? null,
  },
];

const byName = [{ expression: Prisma.sql`c.name_key`, kind: 'text' as const }];

/** An order on a column that may be empty: rows without a value come last both ways. */
function knownFirst(column: SqlFragment, group: CompanyFieldGroup): ListOrder {
  return {
    columns: [{ expression: column, kind: 'text' }, ...byName],
    group,
    phases: () => [
      { condition: Prisma.sql`${column} IS NOT NULL` },
      { condition: Prisma.sql`${column} IS NULL`, fixed: 1 },
    ],
  };
}

/** From first idea to partner, as the stages follow one another. */
const byStage: ListOrder = {
  columns: [{ expression: Prisma.sql`c.relation_stage`, kind: 'text' }, ...byName],
  group: 'relation',
  phases: (_context, descending) => {
    const stages = descending ? RELATION_STAGES.toReversed() : RELATION_STAGES;
    return stages.map((stage) => ({ condition: Prisma.sql`c.relation_stage = ${stage}`, fixed: 1 }));
  },
};

function filtersOf(lookups: CompanyLookups): readonly ListFilter[] {
  return [
    {
      name: 'ville',
      kind: 'text',
      label: 'companies.filters.city',
      group: 'identity',
      condition: ([city = '']) => Prisma.sql`c.city = ${city}`,
    },
    {
      name: 'secteur',
      kind: 'one',
      label: 'companies.filters.sector',
      group: 'identity',
      options: () => lookups.options('sector'),
      condition: ([sector = '']) => Prisma.sql`c.sector = ${sector}`,
    },
    {
      name: 'stade',
      kind: 'several',
      label: 'companies.filters.stage',
      group: 'relation',
      translate: true,
      options: () => RELATION_STAGES.map((value) => ({ value, label: `companies.stages.${value}` })),
      condition: (values) => {
        const known = values.filter((value) => (RELATION_STAGES as readonly string[]).includes(value));
        return known.length > 0 ? Prisma.sql`c.relation_stage IN (${Prisma.join(known)})` : null;
      },
    },
    {
      name: 'etiquette',
      kind: 'several',
      label: 'companies.filters.tag',
      group: 'identity',
      options: () => lookups.options('tag'),
      condition: (values) => tagged('company', Prisma.sql`c.id`, values),
    },
    {
      name: 'ouverte',
      kind: 'flag',
      label: 'companies.filters.open',
      group: 'relation',
      condition: () => Prisma.sql`c.open_to_students = TRUE`,
    },
    {
      name: 'absent',
      kind: 'flag',
      label: 'companies.filters.missing',
      condition: () => Prisma.sql`c.missing_since IS NOT NULL`,
    },
    {
      name: 'anomalie',
      kind: 'flag',
      label: 'companies.filters.anomaly',
      condition: () => Prisma.sql`c.anomaly_count > 0`,
    },
    {
      name: 'archives',
      kind: 'flag',
      label: 'companies.filters.archived',
      // What it changes is what the list always holds: see `base`.
      condition: () => Prisma.sql`TRUE`,
    },
  ];
}

export type CompanyList = ListDefinition<CompanyListRow>;

/** Declares the list of companies. */
export function createCompanyList(services: { database: Pick<Database, 'query'>; clock: Clock }): CompanyList {
  return {
    key: 'companies',
    path: companiesUrl(),
    permissions: { read: 'companies.read', export: 'companies.export', tag: 'tags.manage' },
    subjectType: 'company',
    from: Prisma.sql`company c`,
    id: Prisma.sql`c.id`,
    scope: (actor, permission) =>
      hasPermission(actor, permission) ? Prisma.sql`c.merged_into_id IS NULL` : Prisma.sql`FALSE`,
    reach: companyReach,
    base: ({ filters }) => [
      filters['archives'] ? Prisma.sql`c.archived_at IS NOT NULL` : Prisma.sql`c.archived_at IS NULL`,
    ],
    joins: {},
    columns,
    filters: filtersOf(createCompanyLookups(services)),
    orders: {
      nom: { columns: byName },
      ville: knownFirst(Prisma.sql`c.city`, 'identity'),
      secteur: knownFirst(Prisma.sql`c.sector`, 'identity'),
      stade: byStage,
      maj: { columns: [{ expression: Prisma.sql`c.updated_at`, kind: 'date' }] },
    },
    defaultSort: 'nom',
    search: searchCompanies,
  };
}
