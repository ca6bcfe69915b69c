/** The administrative site as production runs it, on a free port of the loopback, and the floor beside it. */
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../src/project-root.ts';
import type { FloorOrders } from './floor.ts';
import { startChild, type Child } from './process.ts';

export interface Site {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly child: Child;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** What the product needs to run as in production, alone, on this database. */
export function productionEnvironment(
  databaseUrl: string,
  scratch: string,
  port = 3000,
): Record<string, string | undefined> {
  return {
    ...process.env,
    NODE_ENV: 'production',
    NODE_OPTIONS: '',
    CRM_SITES: 'admin',
    CRM_DATA_DIR: scratch,
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    ADMIN_PORT: String(port),
    PUBLIC_ADMIN_URL: `http://127.0.0.1:${port}`,
    LOG_LEVEL: 'warn',
  };
}

/** Starts the built site and waits until it is ready. */
export async function startSite(
  databaseUrl: string,
  scratch: string,
  nodeOptions: readonly string[] = [],
): Promise<Site> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const child = await startChild(
    {
      args: [...nodeOptions, join(projectRoot, 'dist', 'server.js')],
      environment: productionEnvironment(databaseUrl, scratch, port),
      logFile: join(scratch, 'site.log'),
    },
    async () => (await fetch(`${origin}/readyz`)).status === 200,
  );
  return { origin, child };
}

/** Starts a floor that serves these pages. */
export async function startFloor(orders: FloorOrders, scratch: string): Promise<Site> {
  let port = 0;
  let isTold = false;
  const child = await startChild(
    {
      args: ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./floor.ts', import.meta.url))],
      environment: { ...process.env, NODE_ENV: 'production' },
      logFile: join(scratch, 'floor.log'),
      withMessages: true,
    },
    async (process) => {
      if (!isTold) {
        isTold = true;
        process.once('message', (answer) => (port = Number(answer)));
        process.send(orders);
      }
      return port > 0;
    },
  );
  return { origin: `http://127.0.0.1:${port}`, child };
}
