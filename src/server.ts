/** Starts the sites of this process, listens, and stops gracefully: no request cut, no job left half-done. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { ConfigError, readConfig } from './config.ts';
import { createPortalServices, createServices } from './container.ts';
import { drain } from './http/drain.ts';
import { configureRendering } from './http/render.ts';
import { createLogger } from './log.ts';
import { createAdminSite } from './sites/admin.ts';
import { createPortalSite } from './sites/portal.ts';
import { startWorker } from './worker.ts';

/** A request that takes longer than this to end is cut at shutdown: less than stop_grace_period in docker-compose.yml. */
const DRAIN_MS = 25_000;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  configureRendering(config.nodeEnv);
  /** What serves stops first, all at once; what it was served by closes after. */
  const stops: (() => Promise<void>)[] = [];
  const closes: (() => Promise<void>)[] = [];

  const listen = (app: Express, port: number, name: string) =>
    new Promise<void>((resolve, reject) => {
      const server = createServer(app);
      server.on('error', reject);
      server.listen(port, config.host, () => {
        stops.push(() => drain(server, DRAIN_MS));
        log.info({ site: name, host: config.host, port: (server.address() as AddressInfo).port }, 'listening');
        resolve();
      });
    });

  if (config.sites.has('admin') || config.sites.has('worker')) {
    const services = createServices(config, { log });
    closes.push(() => services.close());
    if (config.sites.has('worker')) stops.push(startWorker(services));
    if (config.sites.has('admin')) await listen(createAdminSite(services, config), config.adminPort, 'admin');
  }
  if (config.sites.has('portal')) {
    const services = createPortalServices(config, { log });
    closes.push(() => services.close());
    await listen(createPortalSite(services, config), config.portalPort, 'portal');
  }

  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    Promise.all(stops.map((end) => end()))
      .then(() => Promise.all(closes.map((close) => close())))
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'stop failed');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exit(1);
});
