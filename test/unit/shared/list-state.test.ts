import { describe, expect, it } from 'vitest';
import {
  decodeCursor,
  encodeCursor,
  listParams,
  listQueryString,
  parseQueryString,
  readListState,
  type ListCursor,
  type ListShape,
} from '../../../src/shared/list-state.ts';

const shape: ListShape = {
  filters: [
    { name: 'statut', kind: 'several' },
    { name: 'formation', kind: 'one' },
    { name: 'ville', kind: 'text' },
    { name: 'absent', kind: 'flag' },
  ],
  sorts: ['nom', 'maj'],
  defaultSort: 'nom',
  columns: ['nom', 'numero', 'statut'],
};

const cursor: ListCursor = { sort: 'nom', rank: 50, phase: 0, values: ['le gall anne'], id: 'id-1' };

describe('the address of a list', () => {
  it('is the default list when it asks for nothing', () => {
    expect(readListState({}, shape)).toEqual({
      q: '',
      filters: {},
      sort: { key: 'nom', descending: false },
      place: null,
      columns: null,
      limit: 50,
    });
  });

  it('reads search, filters, order, columns and page size', () => {
    const state = readListState(
      {
        q: '  le gall ',
        statut: ['alumni', 'prospect', 'alumni'],
        formation: ['a', 'b'],
        ville: ' Lyon ',
        absent: 'on',
        tri: '-maj',
        colonnes: ['numero', 'statut'],
        limite: '20',
      },
      shape,
    );
    expect(state).toEqual({
      q: 'le gall',
      filters: { statut: ['alumni', 'prospect'], formation: ['a'], ville: ['Lyon'], absent: ['1'] },
      sort: { key: 'maj', descending: true },
      place: null,
      columns: ['numero', 'statut'],
      limit: 20,
    });
  });

  it.each([
    ['an unknown order', { tri: 'nir' }],
    ['an order that is not text', { tri: ['-nom', { a: 1 }] }],
    ['an unknown filter', { nir: '1' }],
    ['an empty filter', { ville: '   ' }],
    ['a filter longer than any value', { ville: 'x'.repeat(201) }],
    ['a flag that says no', { absent: '0' }],
    ['unknown columns', { colonnes: ['nir', 'grades'] }],
    ['a page size of nothing', { limite: '0' }],
    ['a page size that is no number', { limite: 'beaucoup' }],
    ['an object where a text is expected', { q: { $gt: '' }, ville: { a: 'b' } }],
    ['a cursor that is none', { apres: '%%%' }],
    ['a cursor cut short', { apres: encodeCursor(cursor).slice(0, 12) }],
    ['a cursor of another order', { apres: encodeCursor({ ...cursor, sort: '-maj' }) }],
  ])('opens the list as if there were no %s', (_what, query) => {
    const state = readListState(query, shape);
    const descending = (query as { tri?: unknown }).tri instanceof Array;
    expect(state).toEqual({ ...readListState({}, shape), sort: { key: 'nom', descending } });
  });

  it('shows 100 rows at most', () => {
    expect(readListState({ limite: '5000' }, shape).limit).toBe(100);
  });

  it('keeps a search to 200 characters', () => {
    expect(readListState({ q: 'é'.repeat(500) }, shape).q).toHaveLength(200);
  });

  it('goes to the page after or before a row', () => {
    expect(readListState({ apres: encodeCursor(cursor) }, shape).place).toEqual({ direction: 'after', cursor });
    expect(readListState({ avant: encodeCursor(cursor) }, shape).place).toEqual({ direction: 'before', cursor });
  });

  it('is written back without its place, and reads as the same state', () => {
    const query = {
      q: "d'Arc & fils",
      statut: ['alumni', 'prospect'],
      absent: '1',
      tri: '-maj',
      colonnes: ['numero'],
      limite: '20',
    };
    const state = readListState({ ...query, apres: encodeCursor({ ...cursor, sort: '-maj' }) }, shape);
    expect(listParams(state, shape)).toEqual(query);
    const text = listQueryString(state, shape);
    expect(readListState(parseQueryString(text), shape)).toEqual({ ...state, place: null });
  });

  it('says nothing of what is the default', () => {
    expect(listQueryString(readListState({ tri: 'nom', limite: '50', q: ' ' }, shape), shape)).toBe('');
  });
});

describe('a cursor', () => {
  it.each([
    ['text', ['le gall anne']],
    ['no value', [null, 'a']],
    ['numbers', [12, 'a']],
    ['accents, quotes and emoji', ["d'ÉLIE 😀 \\ %_"]],
  ])('goes through an address with %s', (_what, values) => {
    const text = encodeCursor({ ...cursor, values });
    expect(text).toMatch(/^[\w-]+$/);
    expect(decodeCursor(text)).toEqual({ ...cursor, values });
  });

  const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each([
    ['nothing', ''],
    ['what is no JSON', Buffer.from('bonjour').toString('base64url')],
    ['an object', made({ id: 1 })],
    ['too few parts', made(['nom', 1])],
    ['a negative rank', made(['nom', -1, 0, 'id'])],
    ['an id that is no text', made(['nom', 1, 0, 7])],
    ['an object among its values', made(['nom', 1, 0, 'id', { a: 1 }])],
    ['more than an address holds', made(['nom', 1, 0, 'id', 'x'.repeat(3_000)])],
    ['an id that no index can hold', made(['nom', 1, 0, 'é', 'a'])],
  ])('is not read from %s', (_what, text) => {
    expect(decodeCursor(text)).toBeNull();
  });
});
