import type { Clock } from './clock.ts';

interface Entry<Value> {
  value: Value;
  /** Milliseconds since the epoch. */
  readAt: number;
  refreshing: boolean;
}

/**
 * Values that are slow to compute and may be a little old: the first caller waits, later ones get the last value at once while a
 * stale one is computed again behind them. A failed refresh keeps the last value.
 * @param freshMs how long a value is served without a new look
 */
export function createStaleCache<Value>({ clock, freshMs }: { clock: Clock; freshMs: number }) {
  const entries = new Map<string, Entry<Value>>();

  async function load(key: string, compute: () => Promise<Value>): Promise<Value> {
    const value = await compute();
    entries.set(key, { value, readAt: clock.now().getTime(), refreshing: false });
    return value;
  }

  return {
    async get(key: string, compute: () => Promise<Value>): Promise<Value> {
      const entry = entries.get(key);
      if (!entry) return load(key, compute);
      if (clock.now().getTime() - entry.readAt >= freshMs && !entry.refreshing) {
        entry.refreshing = true;
        load(key, compute).catch(() => {
          entry.refreshing = false;
        });
      }
      return entry.value;
    },
    /** The next caller computes again. */
    clear(): void {
      entries.clear();
    },
  };
}
