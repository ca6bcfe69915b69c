/** The clockwork of a server: the outbox loop and the scheduled jobs. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Services } from './container.ts';
import { createSender } from './features/messages/index.ts';

/** How often the outbox is looked at when nothing woke it. */
const OUTBOX_MS = 2_000;

/**
 * Starts the worker.
 * @returns a function that stops it: the message or the batch chunk under way is finished first
 */
export async function startWorker(services: Services): Promise<() => Promise<void>> {
  const { config, outbox, log } = services;
  const owner = `${hostname().slice(0, 20)}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const send = createSender(config, () => services.settings.get('brand'));
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let wake: () => void = () => undefined;

  const loop = async (): Promise<void> => {
    while (!stopped) {
      // A worker has no port to ask: the healthcheck of its container looks at the age of this file.
      await writeFile(join(config.dataDir, 'worker.alive'), '').catch((error: unknown) =>
        log.warn({ err: error }, 'heartbeat not written'),
      );
      try {
        const { failed } = await outbox.deliverDue(send, owner, { isStopping: () => stopped });
        if (failed > 0) log.warn({ failed }, 'messages given up: see outbox_message');
      } catch (error) {
        log.warn({ err: error }, 'outbox not reachable');
      }
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, OUTBOX_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  outbox.onQueued(() => wake());
  running = loop();
  return async () => {
    stopped = true;
    wake();
    await running;
  };
}
