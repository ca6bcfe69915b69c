import type { Clock } from './clock.ts';

interface Entry<Value> {
  readonly value: Value;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

/**
 * Values that are slow to compute and may be a little old. A fresh one is given at once; one that is getting old too, while it is
 * computed again behind; an older one is computed before it is given. Callers who wait for the same value wait for one computation. A
 * failed one keeps the last value.
 * @param freshMs how long a value is given without a new look
 * @param staleMs beyond this age it is not given any more
 */
export function createStaleCache<Value>({
  clock,
  freshMs,
  staleMs,
}: {
  clock: Clock;
  freshMs: number;
  staleMs: number;
}) {
  const entries = new Map<string, Entry<Value>>();
  const computing = new Map<string, Promise<Value>>();

  function load(key: string, compute: () => Promise<Value>): Promise<Value> {
    const known = computing.get(key);
    if (known) return known;
    const loading = compute()
      .then((value) => {
        entries.set(key, { value, readAt: clock.now().getTime() });
        return value;
      })
      .finally(() => computing.delete(key));
    computing.set(key, loading);
    return loading;
  }

  return {
    async get(key: string, compute: () => Promise<Value>): Promise<Value> {
      const entry = entries.get(key);
      const age = entry ? Math.abs(clock.now().getTime() - entry.readAt) : Infinity;
      if (!entry || age >= staleMs) return load(key, compute);
      // Whoever gets the last value is not told that the new one failed: the next look tries again.
      if (age >= freshMs) load(key, compute).catch(() => undefined);
      return entry.value;
    },
  };
}
