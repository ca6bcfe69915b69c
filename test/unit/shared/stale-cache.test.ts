import { setImmediate as soon } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createStaleCache } from '../../../src/shared/stale-cache.ts';

/** A cache of values 1, 2, 3… in the order they are computed, fresh for 10 s and given for 30 s. */
function counting() {
  let now = 0;
  let computed = 0;
  let fails = false;
  const cache = createStaleCache<number>({ clock: { now: () => new Date(now) }, freshMs: 10_000, staleMs: 30_000 });
  return {
    ask: (key = 'key') =>
      cache.get(key, async () => {
        await soon();
        if (fails) throw new Error('away');
        computed += 1;
        return computed;
      }),
    wait: (seconds: number) => (now += seconds * 1_000),
    fail: (value: boolean) => (fails = value),
    computed: () => computed,
  };
}

describe('a value that may be a little old', () => {
  it('is computed once while it is fresh', async () => {
    const { ask, wait } = counting();
    expect([await ask(), wait(9) && (await ask())]).toEqual([1, 1]);
  });

  it('is given while it is computed again once it gets old', async () => {
    const { ask, wait, computed } = counting();
    await ask();
    wait(15);
    expect(await ask()).toBe(1);
    while (computed() < 2) await soon();
    await soon();
    expect(await ask()).toBe(2);
  });

  it('is computed before it is given when it is too old: nobody reads what was true this morning', async () => {
    const { ask, wait } = counting();
    await ask();
    wait(31);
    expect(await ask()).toBe(2);
  });

  it('is computed once for all who wait', async () => {
    const { ask } = counting();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  });

  it('belongs to its key', async () => {
    const { ask } = counting();
    expect([await ask('one'), await ask('other'), await ask('one')]).toEqual([1, 2, 1]);
  });

  it('is kept when a new look fails, and asked for again', async () => {
    const { ask, wait, fail, computed } = counting();
    await ask();
    wait(15);
    fail(true);
    expect(await ask()).toBe(1);
    await soon();
    await soon();
    fail(false);
    expect(await ask()).toBe(1);
    while (computed() < 2) await soon();
  });

  it('is an error for who waits for it', async () => {
    const { ask, fail } = counting();
    fail(true);
    await expect(ask()).rejects.toThrow('away');
    fail(false);
    expect(await ask()).toBe(1);
  });
});
