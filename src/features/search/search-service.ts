/**
 * One box over everything: each list of the product is asked with its own search, its own rights and its own order, so that
 * the box never finds more than the list would.
 */
import { shapeFor, type ListDefinition, type ListRow } from '../../db/list-definition.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { readListState } from '../../shared/list-state.ts';
import { holdsTypedNir } from '../../shared/nir.ts';
import type { ListService } from '../lists/index.ts';

/** What is found, in plain words. */
export interface SearchHit {
  readonly id: string;
  readonly href: string;
  readonly title: string;
  /** What tells two namesakes apart. */
  readonly detail: string;
  /** Status of a student; null elsewhere. */
  readonly status: string | null;
}

export interface SearchGroup {
  readonly key: string;
  readonly hits: readonly SearchHit[];
  /** Null: more than could be counted in time. */
  readonly total: number | null;
  /** The list with the same search; a NIR is no part of an address. */
  readonly listHref: string;
}

/** A list as the box asks it. */
export interface SearchSource {
  readonly key: string;
  /** Null: the actor may not read the list at all. */
  find(actor: Actor, q: string, limit: number): Promise<SearchGroup | null>;
}

/**
 * Makes a source of a list.
 * @param columns names of the columns its hits are told with; those the actor may not read are left out
 */
export function searchSource<Row extends ListRow>(
  lists: Pick<ListService, 'page'>,
  {
    definition,
    columns,
    present,
  }: {
    definition: ListDefinition<Row>;
    columns: readonly string[];
    present: (row: Row) => SearchHit;
  },
): SearchSource {
  return {
    key: definition.key,
    async find(actor, q, limit) {
      if (!hasPermission(actor, definition.permissions.read)) return null;
      const state = readListState({ q, limite: String(limit) }, shapeFor(definition, actor));
      const readable = definition.columns.filter(
        ({ key, group }) =>
          columns.includes(key) && (group === undefined || definition.reach(actor, group) !== 'nowhere'),
      );
      const { rows, total } = await lists.page({ definition, actor, state, columns: readable });
      return {
        key: definition.key,
        hits: rows.map(present),
        total,
        listHref: holdsTypedNir(q) ? definition.path : `${definition.path}?q=${encodeURIComponent(q)}`,
      };
    },
  };
}

/** Shorter texts name everyone. */
const SHORTEST_QUERY = 2;

export type SearchService = ReturnType<typeof createSearchService>;

export function createSearchService({ sources }: { sources: readonly SearchSource[] }) {
  return {
    /**
     * Asks every list the actor may read.
     * @param limit hits of each list
     * @returns groups that found something, in the order of the sources; none for a text that is too short
     */
    async search(actor: Actor, q: string, limit: number): Promise<SearchGroup[]> {
      const text = q.trim();
      if (text.length < SHORTEST_QUERY) return [];
      const groups = await Promise.all(sources.map((source) => source.find(actor, text, limit)));
      return groups.filter((group): group is SearchGroup => group !== null && group.hits.length > 0);
    },
  };
}
