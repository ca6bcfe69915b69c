/** How each list tells its hits in the search over everything. */
import type { ListDefinition } from '../../db/list-definition.ts';
import { companyUrl, contactUrl, type CompanyListRow, type ContactListRow } from '../companies/index.ts';
import type { ListService } from '../lists/index.ts';
import { studentUrl, type StudentRow } from '../students/index.ts';
import { searchSource, type SearchSource } from './search-service.ts';

type Lists = Pick<ListService, 'page'>;

const joined = (parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join(' · ');

/** People of the référentiel: number and programme tell namesakes apart, the city where it may be read. */
export function studentSource(lists: Lists, definition: ListDefinition<StudentRow>): SearchSource {
  return searchSource(lists, {
    definition,
    columns: ['nom', 'numero', 'statut', 'formation', 'ville'],
    present: (row) => ({
      id: row.id,
      href: studentUrl(row.id),
      title: `${row.lastName ?? ''} ${row.firstName ?? ''}`.trim(),
      detail: joined([row.studentNumber, row.programme, row.city]),
      status: row.status ?? null,
    }),
  });
}

/** Companies: sector and city tell two of one name apart. */
export function companySource(lists: Lists, definition: ListDefinition<CompanyListRow>): SearchSource {
  return searchSource(lists, {
    definition,
    columns: ['nom', 'secteur', 'ville'],
    present: (row) => ({
      id: row.id,
      href: companyUrl(row.id),
      title: row.name ?? '',
      detail: joined([row.sector, row.city]),
      status: null,
    }),
  });
}

/** Contacts: what they do, and where. */
export function contactSource(lists: Lists, definition: ListDefinition<ContactListRow>): SearchSource {
  return searchSource(lists, {
    definition,
    columns: ['nom', 'fonction', 'entreprise'],
    present: (row) => ({
      id: row.id,
      href: contactUrl(row.id),
      title: joined([[row.firstName, row.lastName].filter(Boolean).join(' ')]),
      detail: joined([row.jobTitle, row.company]),
      status: null,
    }),
  });
}
