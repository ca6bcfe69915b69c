/** A piece of work done again and again: at once when it is woken, else after a while. */
export interface LoopOptions {
  readonly everyMs: number;
  /** Does what there is to do; the signal is aborted when the loop is stopped. */
  work(signal: AbortSignal): Promise<unknown>;
  /** Given the function that wakes the loop. */
  onWake(wake: () => void): void;
  /** Told of a failed turn; the next one is tried all the same. */
  onError(error: unknown): void;
}

/** @returns a function that stops the loop, once the turn under way is over */
export function startLoop({ everyMs, work, onWake, onError }: LoopOptions): () => Promise<void> {
  const stopping = new AbortController();
  let woken = false;
  let endPause: () => void = () => undefined;

  function wake(): void {
    woken = true;
    endPause();
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function turn(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        await work(stopping.signal);
      } catch (error) {
        onError(error);
      }
      // What woke the loop during its turn came too late to be seen by it.
      if (!woken && !stopping.signal.aborted) await pause();
    }
  }

  onWake(wake);
  const turning = turn();
  return async () => {
    stopping.abort();
    endPause();
    await turning;
  };
}
