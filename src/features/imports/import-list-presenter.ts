/** The list of batches. */
import type { PageContext } from '../../http/render.ts';
import { plainList } from '../../http/plain-list.ts';
import { href } from '../../http/ui-links.ts';
import { formatDateTime, formatRelative } from '../../shared/dates.ts';
import { BATCH_STATE_GROUPS, SOURCE_NAMES, type ImportListQuery } from './import-schemas.ts';
import type { BatchSummary, Keyset } from './import-screens.ts';
import { starterText, summaryText, workSeconds } from './import-summary-presenter.ts';
import { codeTitle, durationText } from './import-words.ts';
import { importsUrl, importUrl } from './urls.ts';

function rowView(batch: BatchSummary, { t, lang }: PageContext, now: Date) {
  const seconds = workSeconds(batch);
  return {
    id: batch.id,
    href: importUrl(batch.id),
    fileName: batch.fileName,
    source: t(`imports.source.${batch.source}`),
    icon: batch.source === 'companies' ? 'database-import' : 'file-spreadsheet',
    state: batch.state,
    result: batch.errorCode ? codeTitle(batch.errorCode, t) : summaryText(batch, { t }),
    who: starterText(batch, t),
    iso: batch.createdAt.toISOString(),
    when: formatRelative(batch.createdAt, now, lang),
    exact: formatDateTime(batch.createdAt, lang),
    duration: seconds === null ? '' : durationText(seconds, t),
  };
}

/** The list for programs: codes and moments as they are kept. */
export function importListJson({ rows, total, next, previous }: Keyset<BatchSummary>) {
  return {
    rows: rows.map((batch) => ({
      id: batch.id,
      source: batch.source,
      state: batch.state,
      origin: batch.origin,
      file: batch.fileName,
      dryRun: batch.dryRun,
      error: batch.errorCode,
      totals: batch.totals,
      startedBy: batch.startedBy,
      createdAt: batch.createdAt.toISOString(),
      appliedAt: batch.appliedAt?.toISOString() ?? null,
      cancelledAt: batch.cancelledAt?.toISOString() ?? null,
    })),
    total,
    next,
    previous,
  };
}

/** Plain values for views/imports/list.ejs. */
export function presentImportList(found: Keyset<BatchSummary>, query: ImportListQuery, page: PageContext, now: Date) {
  const { t } = page;
  const path = importsUrl();
  const params = {
    q: query.q,
    etat: query.etat,
    source: query.source,
    tri: query.tri === '-date' ? null : query.tri,
  };
  const choice = (name: 'etat' | 'source', values: readonly string[]) => ({
    name,
    label: t(`imports.list.${name}`),
    kind: 'select',
    value: query[name] ?? '',
    emptyOption: t(`imports.list.any_${name}`),
    options: values.map((value) => ({ value, label: t(`imports.list.${name}s.${value}`) })),
  });
  const activeFilters = (['etat', 'source'] as const).flatMap((name) =>
    query[name] === null
      ? []
      : [
          {
            label: t(`imports.list.${name}`),
            value: t(`imports.list.${name}s.${query[name]}`),
            removeHref: href(path, params, { [name]: null }),
          },
        ],
  );
  return {
    rows: found.rows.map((batch) => rowView(batch, page, now)),
    list: plainList({
      id: 'imports',
      path,
      params,
      q: query.q,
      searchLabel: t('imports.list.search'),
      totalText: t('imports.list.total', { count: found.total }),
      found,
      activeFilters,
      sort: query.tri,
      hasFiles: true,
    }),
    filters: [choice('etat', Object.keys(BATCH_STATE_GROUPS)), choice('source', Object.keys(SOURCE_NAMES))],
  };
}
