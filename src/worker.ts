/** The clockwork of a server: the outbox, the imports that wait, and the jobs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Services } from './container.ts';
import { createSender } from './features/messages/index.ts';
import { processName } from './jobs/leases.ts';
import { startLoop } from './jobs/loop.ts';
import { STAFF_SITE } from './shared/site.ts';

/** How often each kind of work is looked for when nothing woke it: what another process of the server asked for starts then. */
const LOOK_EVERY_MS = 2_000;

/**
 * Starts the worker.
 * @returns a function that stops it: the message, the chunk of a batch or the piece of a job under way is finished first
 */
export function startWorker(services: Services): () => Promise<void> {
  const { config, outbox, imports, jobs, settings, log } = services;
  const owner = processName();
  const send = createSender(config, () => settings.get('brand'));

  const loops = [
    startLoop({
      everyMs: LOOK_EVERY_MS,
      onWake: (wake) => outbox.onQueued(wake),
      onError: (error) => log.warn({ err: error }, 'outbox not reachable'),
      async work(signal) {
        // A worker has no port to ask: the healthcheck of its container looks at the age of this file.
        await writeFile(join(config.dataDir, 'worker.alive'), '').catch((error: unknown) =>
          log.warn({ err: error }, 'heartbeat not written'),
        );
        const { failed } = await outbox.deliverDue(send, owner, { isStopping: () => signal.aborted });
        if (failed > 0) log.warn({ failed }, 'messages given up: see outbox_message');
      },
    }),
    startLoop({
      everyMs: LOOK_EVERY_MS,
      onWake: (wake) => jobs.onRequest(wake),
      onError: (error) => log.warn({ err: error }, 'jobs left for later'),
      work: () => jobs.workOnRequests(),
    }),
  ];
  // Batches are rows of the server of the staff: the other one sees them come, and its leases keep nobody out there.
  if (config.site === STAFF_SITE)
    loops.push(
      startLoop({
        everyMs: LOOK_EVERY_MS,
        onWake: (wake) => imports.onWork(wake),
        onError: (error) => log.warn({ err: error }, 'imports left for later'),
        work: (signal) => imports.workIfAny(signal),
      }),
    );
  jobs.start();
  log.info({ site: config.site }, 'worker started');
  return async () => {
    await Promise.all([jobs.stop(), ...loops.map((stop) => stop())]);
  };
}
