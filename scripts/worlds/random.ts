/** A repeatable source of chance: the same seed gives the same world on every machine. */
export interface Chance {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item;
  /** True with this probability. */
  happens(probability: number): boolean;
}

/** Mulberry32: small, quick and good enough to invent people. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    happens: (probability) => next() < probability,
  };
}

/** A UUIDv7 made of a time and a rank instead of chance, so that ids too are the same every time. */
export function rankedId(table: number, rank: number, startMs = Date.UTC(2024, 0, 1)): string {
  const time = (startMs + rank).toString(16).padStart(12, '0');
  const tail = rank.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${table.toString(16).padStart(3, '0')}-8000-${tail}`;
}
