/** A MariaDB of one test file alone, that it may stop, start again and starve: the one that `npm start` gives to who has none. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';

interface Running {
  url(database: string): string;
  release(): Promise<void>;
}

const LAUNCHER = new URL('../../scripts/lib/database.mjs', import.meta.url).href;

export interface PrivateMariaDb {
  /** DATABASE_URL of its one database, migrated. */
  readonly url: () => string;
  /** Starts it again after `stop`, on the same port with the same data. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Of the server as it runs now. */
  pid(): number;
}

/** Call at the top of a test file. */
export function usePrivateMariaDb(): PrivateMariaDb {
  const folder = mkdtempSync(join(tmpdir(), 'crm-mariadb-'));
  let running: Running | null = null;
  let url = '';
  const start = async (): Promise<void> => {
    const { acquirePrivateDatabase } = (await import(LAUNCHER)) as {
      acquirePrivateDatabase(options: object): Promise<Running>;
    };
    running = await acquirePrivateDatabase({ folder, bufferPool: '32M', disposable: true });
    url = running.url('crm');
  };
  const stop = async (): Promise<void> => {
    await running?.release();
    running = null;
  };
  beforeAll(async () => {
    await start();
    await migrate({ databaseUrl: url });
  });
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { url: () => url, start, stop, pid: () => Number(readFileSync(join(folder, 'mariadbd.pid'), 'utf8')) };
}
