/**
 * The lists of students and alumni, declared: columns, filters and orders, each with the field group it needs.
 * One file because the two lists are one declaration, read from top to bottom.
 */
import { Prisma, type Database, type SqlFragment } from '../../db/client.ts';
import type {
  FilterOption,
  ListColumn,
  ListContext,
  ListDefinition,
  ListFilter,
  ListOrder,
} from '../../db/list-definition.ts';
import { likePrefix, type SearchTerm } from '../../db/list-search.ts';
import type { Clock } from '../../shared/clock.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { isId } from '../../shared/ids.ts';
import type { ListState } from '../../shared/list-state.ts';
import { formatPhone } from '../../shared/phone.ts';
import { STUDENT_STATUSES, type StudentStatus } from '../../shared/student-status.ts';
import { foldText } from '../../shared/text.ts';
import { tagIdOf, tagLabels } from '../tags/index.ts';
import { createStudentLookups, type StudentLookups } from './student-lookups.ts';
import type { NirVault } from './nir-vault.ts';
import { studentListIndex } from './student-list-index.ts';
import { searchStudents } from './student-search.ts';
import { programmeKey } from './student-writer.ts';
import { studentReach, visibleStudents } from './student-visibility.ts';

/** A row as the visible columns fill it: the fields of hidden or unreadable columns are absent or null. */
export interface StudentRow {
  readonly id: string;
  readonly lastName?: string;
  readonly firstName?: string;
  readonly studentNumber?: string;
  readonly status?: StudentStatus;
  readonly programme?: string | null;
  readonly cohort?: string | null;
  readonly schoolEmail?: string | null;
  readonly email?: string | null;
  readonly personalPhone?: string | null;
  readonly professionalPhone?: string | null;
  readonly postcode?: string | null;
  readonly city?: string | null;
  readonly companyId?: string | null;
  readonly company?: string | null;
  readonly positionTitle?: string | null;
  /** Labels, one a line. */
  readonly tags?: string | null;
  readonly archivedAt?: Date | null;
  readonly missingSince?: Date | null;
  readonly anomalyCount?: number;
  readonly updatedAt?: Date;
}

const columns: Readonly<Record<string, ListColumn<StudentRow>>> = {
  name: {
    key: 'nom',
    label: 'students.columns.name',
    sort: 'nom',
    group: 'identity',
    shown: 'always',
    fields: {
      lastName: Prisma.sql`s.last_name`,
      firstName: Prisma.sql`s.first_name`,
      studentNumber: Prisma.sql`s.student_number`,
      archivedAt: Prisma.sql`s.archived_at`,
      missingSince: Prisma.sql`s.missing_since`,
      anomalyCount: Prisma.sql`s.anomaly_count`,
    },
    value: (row) => `${row.lastName ?? ''} ${row.firstName ?? ''}`.trim(),
  },
  number: {
    key: 'numero',
    label: 'students.columns.number',
    sort: 'numero',
    group: 'identity',
    shown: false,
    inFiles: true,
    fields: { studentNumber: Prisma.sql`s.student_number` },
    value: (row) => row.studentNumber ?? null,
  },
  status: {
    key: 'statut',
    label: 'students.columns.status',
    sort: 'statut',
    group: 'identity',
    shown: true,
    fields: { status: Prisma.sql`s.status` },
    value: (row, t) => (row.status ? t(`common.status.student.${row.status}`) : null),
  },
  programme: {
    key: 'formation',
    label: 'students.columns.programme',
    sort: 'formation',
    group: 'identity',
    shown: true,
    fields: { programme: Prisma.sql`COALESCE(p.label, s.cursus)` },
    joins: ['programme'],
    value: (row) => row.programme ?? null,
  },
  cohort: {
    key: 'promotion',
    label: 'students.columns.cohort',
    group: 'identity',
    shown: false,
    fields: { cohort: Prisma.sql`c.label` },
    joins: ['cohort'],
    value: (row) => row.cohort ?? null,
  },
  schoolEmail: {
    key: 'courriel-ecole',
    label: 'students.columns.school_email',
    group: 'identity',
    shown: false,
    fields: { schoolEmail: Prisma.sql`s.school_email` },
    value: (row) => row.schoolEmail ?? null,
  },
  email: {
    key: 'courriel',
    label: 'students.columns.email',
    group: 'contact',
    shown: true,
    fields: { email: Prisma.sql`s.email` },
    value: (row) => row.email ?? null,
  },
  phone: {
    key: 'telephone',
    label: 'students.columns.phone',
    group: 'contact',
    shown: true,
    fields: { personalPhone: Prisma.sql`s.personal_phone` },
    value: (row) => (row.personalPhone ? formatPhone(row.personalPhone) : null),
  },
  professionalPhone: {
    key: 'telephone-pro',
    label: 'students.columns.professional_phone',
    group: 'contact',
    shown: false,
    fields: { professionalPhone: Prisma.sql`s.professional_phone` },
    value: (row) => (row.professionalPhone ? formatPhone(row.professionalPhone) : null),
  },
  city: {
    key: 'ville',
    label: 'students.columns.city',
    sort: 'ville',
    group: 'contact',
    shown: true,
    fields: { postcode: Prisma.sql`s.postcode`, city: Prisma.sql`s.city` },
    value: (row) => [row.postcode, row.city].filter(Boolean).join(' ') || null,
  },
  company: {
    key: 'entreprise',
    label: 'students.columns.company',
    group: 'identity',
    shown: false,
    fields: {
      companyId: Prisma.sql`current.company_id`,
      company: Prisma.sql`COALESCE(company.name, current.company_text)`,
    },
    joins: ['position'],
    value: (row) => row.company ?? null,
  },
  position: {
    key: 'poste',
    label: 'students.columns.position',
    group: 'identity',
    shown: false,
    fields: { positionTitle: Prisma.sql`current.title` },
    joins: ['position'],
    value: (row) => row.positionTitle ?? null,
  },
  tags: {
    key: 'etiquettes',
    label: 'students.columns.tags',
    group: 'identity',
    shown: false,
    fields: {
      tags: tagLabels('student', Prisma.sql`s.id`),
    },
    value: (row) => row.tags?.replaceAll('\n', ', ') ?? null,
  },
  updated: {
    key: 'maj',
    label: 'students.columns.updated',
    sort: 'maj',
    group: 'identity',
    shown: false,
    fields: { updatedAt: Prisma.sql`s.updated_at` },
    value: (row) => row.updatedAt ?? null,
  },
};

const byName = [{ expression: Prisma.sql`s.name_key`, kind: 'text' as const }];

/** Columns of a list, some of them shown otherwise than by default. */
function arranged(
  keys: readonly string[],
  shown: Readonly<Record<string, boolean>> = {},
): readonly ListColumn<StudentRow>[] {
  return keys.flatMap((key) => {
    const column = columns[key];
    return column ? [{ ...column, shown: shown[key] ?? column.shown }] : [];
  });
}

/** Values of a filter that names things by id or, for an address typed by hand, by label. */
function namedBy(
  values: readonly string[],
  column: SqlFragment,
  byLabel: (labels: string[]) => SqlFragment,
): SqlFragment {
  const ids = values.filter(isId);
  const labels = values.filter((value) => !isId(value));
  const parts: SqlFragment[] = [];
  if (ids.length > 0) parts.push(Prisma.sql`${column} IN (${Prisma.join(ids)})`);
  if (labels.length > 0) parts.push(Prisma.sql`${column} IN (${byLabel(labels)})`);
  return Prisma.sql`(${Prisma.join(parts, ' OR ')})`;
}

function filtersOf(lookups: StudentLookups, fixedStatus: boolean): readonly ListFilter[] {
  const options =
    (kind: 'programme' | 'cohort' | 'tag') =>
    async ({ actor }: ListContext): Promise<FilterOption[]> =>
      lookups.options(kind, actor);
  const filters: ListFilter[] = [
    {
      name: 'statut',
      kind: 'several',
      label: 'students.filters.status',
      group: 'identity',
      translate: true,
      options: () => STUDENT_STATUSES.map((value) => ({ value, label: `common.status.student.${value}` })),
      condition: (values) => {
        const known = values.filter((value) => (STUDENT_STATUSES as readonly string[]).includes(value));
        return known.length > 0 ? Prisma.sql`s.status IN (${Prisma.join(known)})` : null;
      },
    },
    {
      name: 'formation',
      kind: 'one',
      label: 'students.filters.programme',
      group: 'identity',
      options: options('programme'),
      condition: (values) =>
        namedBy(
          values,
          Prisma.sql`s.programme_id`,
          (labels) =>
            Prisma.sql`SELECT id FROM programme WHERE label_key IN (${Prisma.join(labels.map(programmeKey))})`,
        ),
    },
    {
      name: 'promotion',
      kind: 'one',
      label: 'students.filters.cohort',
      group: 'identity',
      options: options('cohort'),
      condition: (values) =>
        namedBy(
          values,
          Prisma.sql`s.cohort_id`,
          (labels) => Prisma.sql`SELECT id FROM cohort WHERE label_key IN (${Prisma.join(labels.map(foldText))})`,
        ),
    },
    {
      name: 'ville',
      kind: 'text',
      label: 'students.filters.city',
      group: 'contact',
      condition: ([city = '']) => Prisma.sql`s.city = ${city}`,
    },
    {
      name: 'entreprise',
      kind: 'text',
      label: 'students.filters.company',
      group: 'identity',
      condition: ([company = '']) => atCompany(company),
      describe: async (value) => (isId(value) ? lookups.companyName(value) : null),
    },
    {
      name: 'etiquette',
      kind: 'several',
      label: 'students.filters.tag',
      group: 'identity',
      options: options('tag'),
      condition: (values) =>
        Prisma.join(
          tagged(values).map(({ condition }) => condition),
          ' AND ',
        ),
      terms: tagged,
    },
    {
      name: 'absent',
      kind: 'flag',
      label: 'students.filters.missing',
      group: 'identity',
      condition: () => Prisma.sql`s.missing_since IS NOT NULL`,
    },
    {
      name: 'anomalie',
      kind: 'flag',
      label: 'students.filters.anomaly',
      group: 'identity',
      condition: () => Prisma.sql`s.anomaly_count > 0`,
    },
    {
      name: 'archives',
      kind: 'flag',
      label: 'students.filters.archived',
      group: 'identity',
      // What it changes is what the list always holds: see `base`.
      condition: () => Prisma.sql`TRUE`,
    },
  ];
  return fixedStatus ? filters.filter(({ name }) => name !== 'statut') : filters;
}

/** People whose current position is at a company, given by its id or by the beginning of its name. */
function atCompany(company: string): SqlFragment {
  if (isId(company))
    return Prisma.sql`s.id IN (SELECT w.student_id FROM position w WHERE w.company_id = ${company} AND w.ended_on IS NULL)`;
  const key = companyNameKey(company);
  if (key === '') return Prisma.sql`FALSE`;
  const pattern = likePrefix(key);
  // A table of its own, gathered once: a UNION beside the row would be made again for each of them.
  return Prisma.sql`s.id IN (SELECT employed.id FROM (
    SELECT w.student_id AS id FROM position w JOIN company k ON k.id = w.company_id WHERE k.name_key LIKE ${pattern} AND w.ended_on IS NULL
    UNION SELECT w.student_id FROM position w WHERE w.company_id IS NULL AND w.company_key LIKE ${pattern} AND w.ended_on IS NULL
  ) employed)`;
}

/** People who carry every one of the tags: each a term, for some tags are on three people and some on a hundred thousand. */
function tagged(values: readonly string[]): SearchTerm[] {
  return values.map((value) => {
    const tag = tagIdOf(value);
    const onId = (id: SqlFragment): SqlFragment =>
      Prisma.sql`(SELECT 1 FROM tagging g WHERE g.subject_type = 'student' AND g.subject_id = ${id} AND g.tag_id = ${tag} LIMIT 1) = 1`;
    return {
      ways: [
        Prisma.sql`SELECT g.subject_id AS id FROM tagging g WHERE g.subject_type = 'student' AND g.tag_id = ${tag}`,
      ],
      condition: onId(Prisma.sql`s.id`),
      onId,
    };
  });
}

function ordersOf(lookups: StudentLookups): Readonly<Record<string, ListOrder>> {
  return {
    nom: { columns: byName },
    numero: { columns: [{ expression: Prisma.sql`s.student_number`, kind: 'text' }], unique: true },
    statut: { columns: [{ expression: Prisma.sql`s.status`, kind: 'text' }, ...byName] },
    ville: {
      columns: [{ expression: Prisma.sql`s.city`, kind: 'text' }, ...byName],
      group: 'contact',
      phases: () => [
        { condition: Prisma.sql`s.city IS NOT NULL` },
        { condition: Prisma.sql`s.city IS NULL`, fixed: 1 },
      ],
    },
    formation: {
      columns: byName,
      group: 'identity',
      phases: (_context, descending) => lookups.programmePhases(descending),
    },
    maj: { columns: [{ expression: Prisma.sql`s.updated_at`, kind: 'date' }] },
  };
}

const joins = {
  programme: Prisma.sql`LEFT JOIN programme p ON p.id = s.programme_id`,
  cohort: Prisma.sql`LEFT JOIN cohort c ON c.id = s.cohort_id`,
  position: Prisma.sql`LEFT JOIN position current ON current.id = (SELECT w.id FROM position w WHERE w.student_id = s.id AND w.ended_on IS NULL ORDER BY w.started_on DESC, w.id DESC LIMIT 1) LEFT JOIN company ON company.id = current.company_id`,
};

function base(state: ListState): SqlFragment[] {
  return [state.filters['archives'] ? Prisma.sql`s.archived_at IS NOT NULL` : Prisma.sql`s.archived_at IS NULL`];
}

export interface StudentLists {
  readonly students: ListDefinition<StudentRow>;
  readonly alumni: ListDefinition<StudentRow>;
}

/** Declares both lists; `nirVault` is null in a process that holds no key. */
export function createStudentLists({
  database,
  clock,
  nirVault,
}: {
  database: Pick<Database, 'query'>;
  clock: Clock;
  nirVault: NirVault | null;
}): StudentLists {
  const lookups = createStudentLookups({ database, clock });
  const shared = {
    permissions: { read: 'students.read', export: 'students.export', tag: 'tags.manage' },
    subjectType: 'student',
    from: Prisma.sql`student s`,
    id: Prisma.sql`s.id`,
    scope: visibleStudents,
    reach: studentReach,
    joins,
    orders: ordersOf(lookups),
    defaultSort: 'nom',
    search: (q: string, context: ListContext) => searchStudents(q, context, nirVault),
  } as const;
  return {
    students: {
      ...shared,
      key: 'students',
      path: '/etudiants',
      base,
      index: (state, actor) => studentListIndex(state, actor, null),
      filters: filtersOf(lookups, false),
      columns: arranged([
        'name',
        'number',
        'status',
        'programme',
        'cohort',
        'email',
        'schoolEmail',
        'phone',
        'professionalPhone',
        'city',
        'company',
        'position',
        'tags',
        'updated',
      ]),
    },
    alumni: {
      ...shared,
      key: 'alumni',
      path: '/alumni',
      index: (state, actor) => studentListIndex(state, actor, 'alumni'),
      base: (state) => [Prisma.sql`s.status = 'alumni'`, ...base(state)],
      filters: filtersOf(lookups, true),
      columns: arranged(
        [
          'name',
          'company',
          'position',
          'programme',
          'cohort',
          'number',
          'email',
          'schoolEmail',
          'phone',
          'professionalPhone',
          'city',
          'tags',
          'updated',
        ],
        { company: true, position: true, city: false },
      ),
    },
  };
}
