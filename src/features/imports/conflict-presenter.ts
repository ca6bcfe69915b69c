/** Edits that the file and the CRM made differently: a person picks. */
import type { PageContext } from '../../http/render.ts';
import { plainList } from '../../http/plain-list.ts';
import { href } from '../../http/ui-links.ts';
import { formatDateTime, formatRelative } from '../../shared/dates.ts';
import { companyUrl } from '../companies/index.ts';
import { studentUrl } from '../students/index.ts';
import type { ConflictListQuery } from './import-schemas.ts';
import type { Keyset, OpenConflict } from './import-screens.ts';
import { fieldLabel, valueText } from './import-words.ts';
import { conflictDecisionUrl, conflictsUrl, importRowUrl } from './urls.ts';

function rowView(conflict: OpenConflict, { t, lang, can }: PageContext, now: Date) {
  const isStudent = conflict.subjectType === 'student';
  const value = (text: string | null) => valueText(conflict.field, text, t);
  return {
    id: conflict.id,
    name: conflict.subjectName,
    href: isStudent ? studentUrl(conflict.subjectId) : companyUrl(conflict.subjectId),
    icon: isStudent ? null : 'building-factory-2',
    field: fieldLabel(conflict.field, t),
    before: value(conflict.baseValue),
    crm: value(conflict.crmValue),
    file: value(conflict.fileValue),
    iso: conflict.createdAt.toISOString(),
    when: formatRelative(conflict.createdAt, now, lang),
    exact: formatDateTime(conflict.createdAt, lang),
    rowHref: can('imports.read_rows') ? importRowUrl(conflict.batchId, conflict.rowNumber) : null,
  };
}

/** Plain values for views/imports/conflicts.ejs. */
export function presentConflicts(found: Keyset<OpenConflict>, query: ConflictListQuery, page: PageContext, now: Date) {
  const { t } = page;
  const path = conflictsUrl();
  const params = { q: query.q, fiche: query.fiche, lot: query.lot };
  const rows = found.rows.map((conflict) => rowView(conflict, page, now));
  const activeFilters = [
    ...(query.fiche
      ? [
          {
            label: t('imports.conflicts.of_record'),
            value: rows[0]?.name ?? '…',
            removeHref: href(path, params, { fiche: null }),
          },
        ]
      : []),
    ...(query.lot
      ? [
          {
            label: t('imports.conflicts.of_batch'),
            value: t('imports.conflicts.this_batch'),
            removeHref: href(path, params, { lot: null }),
          },
        ]
      : []),
  ];
  return {
    rows,
    keepHref: conflictDecisionUrl('crm'),
    takeHref: conflictDecisionUrl('fichier'),
    query: href('', params).slice(1),
    list: plainList({
      id: 'conflicts',
      path,
      params,
      q: query.q,
      searchLabel: t('imports.conflicts.search'),
      totalText: t('imports.conflicts.total', { count: found.total }),
      found,
      activeFilters,
      bulk: {
        total: null,
        actions: [
          { label: t('imports.conflicts.keep_several'), action: conflictDecisionUrl('crm'), icon: 'database' },
          {
            label: t('imports.conflicts.take_several'),
            action: conflictDecisionUrl('fichier'),
            icon: 'file-spreadsheet',
          },
        ],
      },
    }),
  };
}
