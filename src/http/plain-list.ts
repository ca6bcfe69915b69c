import { fileLinks } from './list-files.ts';
import { href, type QueryParams } from './ui-links.ts';

/** A filter in use, with the link that takes it away. */
export interface ActiveFilter {
  readonly label: string;
  readonly value: string;
  readonly removeHref: string;
}

interface PlainList<Bulk> {
  /** Prefix of the ids on the page. */
  readonly id: string;
  readonly path: string;
  readonly params: QueryParams;
  readonly q: string;
  readonly searchLabel: string;
  readonly totalText: string;
  readonly activeFilters: readonly ActiveFilter[];
  /** Keys of the neighbouring pages; null: there is none. */
  readonly found: { readonly previous: string | null; readonly next: string | null };
  readonly bulk?: Bulk;
  /** The order it is in, as `tri` writes it (`-date`), when its headings change it. */
  readonly sort?: string;
  /** Whether the reader may have it as a file (see declareListFiles). */
  readonly hasFiles?: boolean;
}

/** Locals of components/_data-list for a list that is searched, filtered and paged, and is no declared one. */
export function plainList<Bulk = null>({ found, bulk, sort, hasFiles = false, ...list }: PlainList<Bulk>) {
  const { path, params, q, activeFilters } = list;
  return {
    ...list,
    sort: sort ? { key: sort.replace('-', ''), direction: sort.startsWith('-') ? 'desc' : 'asc' } : null,
    pager: {
      previousHref: found.previous ? href(path, params, { avant: found.previous }) : null,
      nextHref: found.next ? href(path, params, { apres: found.next }) : null,
      rangeText: '',
    },
    clearHref: activeFilters.length > 0 || q !== '' ? path : null,
    savedFilters: null,
    columnPicker: [],
    exports: hasFiles ? fileLinks(path) : [],
    bulk: bulk ?? null,
  };
}
