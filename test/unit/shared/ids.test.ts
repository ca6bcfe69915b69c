import { validate, version } from 'uuid';
import { describe, expect, it } from 'vitest';
import { isId, newId } from '../../../src/shared/ids.ts';

describe('identifiers', () => {
  it('are UUIDs of the seventh kind, written as the database holds them', () => {
    const id = newId();
    expect([validate(id), version(id), isId(id)]).toEqual([true, 7, true]);
  });

  it('are all different, and follow each other in the order they were made', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('say when they were made', () => {
    const before = Date.now();
    const made = Number.parseInt(newId().replaceAll('-', '').slice(0, 12), 16);
    expect(made).toBeGreaterThanOrEqual(before);
    expect(made).toBeLessThanOrEqual(Date.now());
  });
});
