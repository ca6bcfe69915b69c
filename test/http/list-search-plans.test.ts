import { describe, expect, it } from 'vitest';
import { chosenColumns, shapeFor } from '../../src/db/list-definition.ts';
import { createListReader } from '../../src/db/list-reader.ts';
import type { SearchLimits } from '../../src/db/list-search.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { parseQueryString, readListState } from '../../src/shared/list-state.ts';
import { searchTokens } from '../../src/shared/names.ts';
import { foldText } from '../../src/shared/text.ts';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp({ emptied: 'once' });
const actor = systemActor('test');

/** Limits that drive a handful of people through each plan that is made for a million. */
const PLANS: readonly [string, SearchLimits | undefined][] = [
  ['the plan of few rows', undefined],
  ['the plan of a term to take from its index', { few: 0, counted: 1_000, breakEven: 1_000 }],
  ['the plan of names that begin so, the others in order', { few: 0, counted: 1_000, breakEven: 0 }],
  ['the plan of very frequent terms', { few: 0, counted: 0, breakEven: 0 }],
  ['a plan between them', { few: 1, counted: 4, breakEven: 3 }],
];

interface Person {
  readonly id: string;
  readonly words: readonly string[];
  readonly key: string;
  readonly tags: readonly string[];
}

const people: Person[] = [];

async function world(): Promise<void> {
  if (people.length > 0) return;
  const names = ['MARTIN', 'MARTINEZ', 'MARIE', 'LE GALL', 'MARTIN-LEROY', 'DUPONT', 'DURAND'];
  const firstNames = ['Martin', 'Marie', 'Marie-Claire', 'Jean', 'Gall'];
  for (const [row, lastName] of names.entries())
    for (const [column, firstName] of firstNames.entries()) {
      const tags = [...((row + column) % 2 ? ['Jury'] : []), ...((row * column) % 3 ? ['Mentor'] : [])];
      const { id } = await aStudent(app.services, {
        lastName,
        firstName,
        tags,
        status: column % 2 ? 'alumni' : 'prospect',
      });
      people.push({ id, words: searchTokens(lastName, firstName), key: foldText(`${lastName} ${firstName}`), tags });
    }
}

/** What should be found, told by reading everyone. */
function expected(q: string, tag: string | null): Set<string> {
  const words = foldText(q).split(' ').filter(Boolean);
  return new Set(
    people
      .filter((person) => words.every((word) => person.words.some((own) => own.startsWith(word))))
      .filter((person) => tag === null || person.tags.includes(tag))
      .map(({ id }) => id),
  );
}

async function read(
  query: string,
  searchLimits: SearchLimits | undefined,
): Promise<{ ids: string[]; total: number | null }> {
  const reader = createListReader({ database: app.services.database, clock: app.clock, searchLimits });
  const definition = app.services.studentLists.students;
  const shape = shapeFor(definition, actor);
  const columns = chosenColumns(definition, actor, []);
  const ids: string[] = [];
  let place = '';
  for (;;) {
    const state = readListState(parseQueryString(`${query}&limite=4${place}`), shape);
    const page = await reader.page({ definition, actor, state, columns }, { patience: 'exact' });
    ids.push(...page.rows.map(({ id }) => id));
    if (page.next === null) return { ids, total: page.total };
    place = `&apres=${page.next}`;
  }
}

const SEARCHES = [
  'martin',
  'mar',
  'm',
  'marie',
  'gall',
  'jean',
  'du',
  'marie martin',
  'martin marie',
  'le gall',
  'gall le marie',
  'martin leroy jean',
  'claire',
  'nobody',
];

describe.each(PLANS)('a search by %s', (_name, limits) => {
  it.each(SEARCHES)('finds everyone who answers "%s", once, whatever the order and the tag', async (q) => {
    await world();
    for (const order of ['', '&tri=-nom', '&tri=numero', '&tri=-statut'])
      for (const tag of [null, 'Jury']) {
        const query = `q=${encodeURIComponent(q)}${order}${tag ? `&etiquette=${tag}` : ''}`;
        const { ids, total } = await read(query, limits);
        expect(new Set(ids), query).toEqual(expected(q, tag));
        expect(ids.length, query).toBe(new Set(ids).size);
        expect(total, query).toBe(ids.length);
      }
  });

  it('gives the same order as the others: names that begin so first', async () => {
    await world();
    for (const q of SEARCHES) {
      const { ids } = await read(`q=${encodeURIComponent(q)}`, limits);
      expect(ids, q).toEqual((await read(`q=${encodeURIComponent(q)}`, undefined)).ids);
    }
    const { ids } = await read('q=martin', limits);
    const begins = ids.map((id) => people.find((person) => person.id === id)?.key.startsWith('martin'));
    expect(begins.indexOf(false)).toBe(begins.lastIndexOf(true) + 1);
  });

  it('reads tags alone by the same plan', async () => {
    await world();
    for (const tags of [['Jury'], ['Jury', 'Mentor']]) {
      const { ids } = await read(tags.map((tag) => `etiquette=${tag}`).join('&'), limits);
      const carriers = people.filter((person) => tags.every((tag) => person.tags.includes(tag))).map(({ id }) => id);
      expect(new Set(ids)).toEqual(new Set(carriers));
    }
  });
});
