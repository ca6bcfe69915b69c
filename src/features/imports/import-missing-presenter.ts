import type { PageContext } from '../../http/render.ts';
import { href } from '../../http/ui-links.ts';
import { formatDate, formatRelative } from '../../shared/dates.ts';
import { recordUrl } from './import-row-presenter.ts';
import type { BatchDetail, Keyset, MissingPerson } from './import-screens.ts';
import { importMissingUrl, importUrl } from './urls.ts';

/** Plain values for views/imports/missing.ejs: persons known before whom the file no longer names. */
export function presentMissing(batch: BatchDetail, found: Keyset<MissingPerson>, page: PageContext, now: Date) {
  const { t, lang } = page;
  const path = importMissingUrl(batch.id);
  return {
    batchTitle: batch.fileName,
    batchHref: importUrl(batch.id),
    isPeople: batch.source === 'students',
    totalText: t(`imports.missing.total_${batch.source}`, { count: found.total }),
    rows: found.rows.map((person) => ({
      id: person.studentId,
      name: person.name,
      href: recordUrl(batch.source, person.studentId, page),
      number: person.studentNumber,
      status: person.status,
      iso: person.missingSince?.toISOString() ?? '',
      since: person.missingSince ? formatRelative(person.missingSince, now, lang) : '',
      exact: person.missingSince ? formatDate(person.missingSince, lang) : '',
    })),
    pager: {
      previousHref: found.previous ? href(path, {}, { avant: found.previous }) : null,
      nextHref: found.next ? href(path, {}, { apres: found.next }) : null,
      rangeText: '',
    },
  };
}
