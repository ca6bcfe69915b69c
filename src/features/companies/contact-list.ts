/** The list of contacts, declared. A reader limited to accounting gets accounting contacts, whatever they ask. */
import { Prisma, type Database } from '../../db/client.ts';
import type { ListColumn, ListDefinition, ListFilter } from '../../db/list-definition.ts';
import { likePrefix } from '../../db/list-search.ts';
import { hasPermission } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { dayOf } from '../../shared/dates.ts';
import { isId } from '../../shared/ids.ts';
import { formatPhone } from '../../shared/phone.ts';
import { tagLabels } from '../tags/index.ts';
import { tagged } from './company-list.ts';
import { createCompanyLookups, type CompanyLookups } from './company-lookups.ts';
import { searchContacts } from './company-search.ts';
import { CONTACT_ROLES, type ContactRole } from './contact-fields.ts';
import { visibleContacts } from './contact-visibility.ts';
import { contactsUrl } from './urls.ts';

/** A row as the visible columns fill it. */
export interface ContactListRow {
  readonly id: string;
  readonly lastName?: string;
  readonly firstName?: string | null;
  readonly jobTitle?: string | null;
  readonly contactRole?: ContactRole;
  readonly companyId?: string;
  readonly company?: string;
  readonly site?: string | null;
  readonly phone?: string | null;
  readonly mobilePhone?: string | null;
  readonly email?: string | null;
  readonly optedOutAt?: Date | null;
  readonly isAlumnus?: boolean | number;
  readonly lastContactOn?: Date | null;
  /** Labels, one a line. */
  readonly tags?: string | null;
  readonly archivedAt?: Date | null;
  readonly updatedAt?: Date;
}

const columns: readonly ListColumn<ContactListRow>[] = [
  {
    key: 'nom',
    label: 'companies.columns.contact',
    sort: 'nom',
    shown: 'always',
    fields: {
      lastName: Prisma.sql`k.last_name`,
      firstName: Prisma.sql`k.first_name`,
      jobTitle: Prisma.sql`k.job_title`,
      archivedAt: Prisma.sql`k.archived_at`,
      optedOutAt: Prisma.sql`k.opted_out_at`,
      isAlumnus: Prisma.sql`k.student_id IS NOT NULL`,
    },
    value: (row) => [row.lastName, row.firstName].filter(Boolean).join(' '),
  },
  {
    key: 'entreprise',
    label: 'companies.columns.company',
    shown: true,
    fields: { companyId: Prisma.sql`k.company_id`, company: Prisma.sql`co.name` },
    joins: ['company'],
    value: (row) => row.company ?? null,
  },
  {
    key: 'role',
    label: 'companies.columns.role',
    shown: true,
    fields: { contactRole: Prisma.sql`k.contact_role` },
    value: (row, t) => (row.contactRole ? t(`companies.contact_roles.${row.contactRole}`) : null),
  },
  {
    key: 'fonction',
    label: 'companies.columns.job_title',
    shown: false,
    fields: { jobTitle: Prisma.sql`k.job_title` },
    value: (row) => row.jobTitle ?? null,
  },
  {
    key: 'etablissement',
    label: 'companies.columns.site',
    shown: false,
    fields: { site: Prisma.sql`e.label` },
    joins: ['site'],
    value: (row) => row.site ?? null,
  },
  {
    key: 'mobile',
    label: 'companies.columns.mobile',
    shown: true,
    fields: { mobilePhone: Prisma.sql`k.mobile_phone` },
    value: (row) => (row.mobilePhone ? formatPhone(row.mobilePhone) : null),
  },
  {
    key: 'telephone',
    label: 'companies.columns.direct_phone',
    shown: true,
    fields: { phone: Prisma.sql`k.phone` },
    value: (row) => (row.phone ? formatPhone(row.phone) : null),
  },
  {
    key: 'courriel',
    label: 'companies.columns.email',
    shown: true,
    fields: { email: Prisma.sql`k.email` },
    value: (row) => row.email ?? null,
  },
  {
    key: 'opposition',
    label: 'companies.columns.opted_out',
    shown: false,
    fields: { optedOutAt: Prisma.sql`k.opted_out_at` },
    value: (row) => row.optedOutAt ?? null,
  },
  {
    key: 'echange',
    label: 'companies.columns.last_contact',
    shown: false,
    fields: { lastContactOn: Prisma.sql`k.last_contact_on` },
    value: (row) => dayOf(row.lastContactOn ?? null),
  },
  {
    key: 'etiquettes',
    label: 'companies.columns.tags',
    shown: false,
    fields: { tags: tagLabels('contact', Prisma.sql`k.id`) },
    value: (row) => row.tags?.replaceAll('\n', ', ') ?? null,
  },
  {
    key: 'maj',
    label: 'companies.columns.updated',
    sort: 'maj',
    shown: false,
    fields: { updatedAt: Prisma.sql`k.updated_at` },
    value: (row) => row.updatedAt ?? null,
  },
];

function filtersOf(lookups: CompanyLookups): readonly ListFilter[] {
  return [
    {
      name: 'role',
      kind: 'several',
      label: 'companies.filters.role',
      translate: true,
      options: () => CONTACT_ROLES.map((value) => ({ value, label: `companies.contact_roles.${value}` })),
      condition: (values) => {
        const known = values.filter((value) => (CONTACT_ROLES as readonly string[]).includes(value));
        return known.length > 0 ? Prisma.sql`k.contact_role IN (${Prisma.join(known)})` : null;
      },
    },
    {
      name: 'entreprise',
      kind: 'text',
      label: 'companies.filters.company',
      condition: ([company = '']) =>
        isId(company)
          ? Prisma.sql`k.company_id = ${company}`
          : Prisma.sql`k.company_id IN (SELECT id FROM company WHERE name_key LIKE ${likePrefix(companyNameKey(company))})`,
      describe: async (value) => (isId(value) ? lookups.companyName(value) : null),
    },
    {
      name: 'etiquette',
      kind: 'several',
      label: 'companies.filters.tag',
      options: () => lookups.options('tag'),
      condition: (values) => tagged('contact', Prisma.sql`k.id`, values),
    },
    {
      name: 'alumni',
      kind: 'flag',
      label: 'companies.filters.alumnus',
      condition: () => Prisma.sql`k.student_id IS NOT NULL`,
    },
    {
      name: 'opposition',
      kind: 'flag',
      label: 'companies.filters.opted_out',
      condition: () => Prisma.sql`k.opted_out_at IS NOT NULL`,
    },
    {
      name: 'archives',
      kind: 'flag',
      label: 'companies.filters.archived_contacts',
      condition: () => Prisma.sql`TRUE`,
    },
  ];
}

export type ContactList = ListDefinition<ContactListRow>;

/** Declares the list of contacts. */
export function createContactList(services: { database: Pick<Database, 'query'>; clock: Clock }): ContactList {
  return {
    key: 'contacts',
    path: contactsUrl(),
    permissions: { read: 'contacts.read', export: 'contacts.export', tag: 'tags.manage' },
    subjectType: 'contact',
    from: Prisma.sql`contact k`,
    id: Prisma.sql`k.id`,
    scope: (actor, permission) => (hasPermission(actor, permission) ? visibleContacts(actor) : Prisma.sql`FALSE`),
    reach: () => 'everywhere',
    base: ({ filters }) => [
      filters['archives'] ? Prisma.sql`k.archived_at IS NOT NULL` : Prisma.sql`k.archived_at IS NULL`,
    ],
    joins: {
      company: Prisma.sql`LEFT JOIN company co ON co.id = k.company_id`,
      site: Prisma.sql`LEFT JOIN company_site e ON e.id = k.site_id`,
    },
    columns,
    filters: filtersOf(createCompanyLookups(services)),
    orders: {
      nom: { columns: [{ expression: Prisma.sql`k.name_key`, kind: 'text' }] },
      maj: { columns: [{ expression: Prisma.sql`k.updated_at`, kind: 'date' }] },
    },
    defaultSort: 'nom',
    search: searchContacts,
  };
}
