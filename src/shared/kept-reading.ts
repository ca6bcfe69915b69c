import type { Clock } from './clock.ts';

/**
 * A reading that many ask for and that changes seldom: made once and given to everyone for a while. Whoever asks while it is made
 * waits for the same one; one that fails is made again.
 * @param freshMs how long it is given without a new look
 */
export function keepReading<Value>(clock: Clock, freshMs: number, read: () => Promise<Value>): () => Promise<Value> {
  let kept: { readonly readAt: number; readonly value: Promise<Value> } | null = null;
  return () => {
    const now = clock.now().getTime();
    if (kept && Math.abs(now - kept.readAt) < freshMs) return kept.value;
    const reading = { readAt: now, value: read() };
    kept = reading;
    reading.value.catch(() => {
      if (kept === reading) kept = null;
    });
    return reading.value;
  };
}
