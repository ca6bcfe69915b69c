/**
 * The client's databases GetEnt and GetEtu, loaded from their dumps into a real server: that of the test run when there is one,
 * else a private MariaDB that lives as long as the test file.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, inject } from 'vitest';
import { decodeWindows1252 } from '../../src/shared/windows-1252.ts';

export type LegacyDump = 'getent' | 'getetu';

/**
 * Loads a dump into a database of its own, made anew.
 * @returns its `mysql://` address
 */
export async function loadLegacyDump(name: LegacyDump): Promise<string> {
  const url = await createLegacyDatabase(name);
  await runSql(url, readDump(name));
  return url;
}

/**
 * Makes an empty latin1 database, as those of the client, under a name of this worker.
 * @returns its `mysql://` address
 */
export async function createLegacyDatabase(name: string): Promise<string> {
  const base = inject('testDatabaseUrl');
  const url = new URL(base === null ? await privateServer() : `${base}_${process.env['VITEST_POOL_ID'] ?? '1'}`);
  const database = `${url.pathname.slice(1)}_${name}`;
  const server = new URL(url);
  server.pathname = '/';
  await runSql(
    server.href,
    `DROP DATABASE IF EXISTS \`${database}\`; CREATE DATABASE \`${database}\` CHARACTER SET latin1`,
  );
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements on a database, as text in UTF-8. */
export async function runSql(url: string, statements: string): Promise<void> {
  const connection = await mysql.createConnection({ uri: url, multipleStatements: true, charset: 'utf8mb4' });
  try {
    await connection.query(statements);
  } finally {
    await connection.end();
  }
}

/** A dump says in which character set its bytes are; it is sent in UTF-8, hence without that statement. */
function readDump(name: LegacyDump): string {
  const bytes = readFileSync(new URL(`../fixtures/legacy/${name}.sql`, import.meta.url));
  const names = /SET NAMES (\w+)/;
  const characterSet = names.exec(bytes.toString('latin1'))?.[1];
  const text = characterSet === 'latin1' ? decodeWindows1252(bytes).text : bytes.toString('utf8');
  return text.replace(names, 'SET NAMES utf8mb4');
}

let server: Promise<string> | undefined;
let stopServer: (() => Promise<void>) | undefined;

afterAll(() => stopServer?.());

/** Address of a private server with the database name `legacy_test`, to be completed. */
function privateServer(): Promise<string> {
  server ??= startPrivateServer();
  return server;
}

async function startPrivateServer(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'legacy-mariadb-'));
  const data = join(folder, 'data');
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const made = spawnSync(
    findProgram('mariadb-install-db'),
    [
      '--no-defaults',
      '--force',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--datadir=${data}`,
      ...asRoot,
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.stderr}`);
  const port = await freePort();
  const child = spawn(
    findProgram('mariadbd'),
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(folder, 'socket')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--innodb-buffer-pool-size=16M',
      '--innodb-flush-log-at-trx-commit=0',
      '--skip-log-bin',
      ...asRoot,
    ],
    { stdio: 'ignore' },
  );
  stopServer = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `mysql://root@127.0.0.1:${port}/legacy_test`;
  await waitUntilItAnswers(`mysql://root@127.0.0.1:${port}/mysql`);
  return url;
}

async function waitUntilItAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await runSql(url, 'SELECT 1');
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function findProgram(name: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin'];
  const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('No port')),
      );
    });
  });
}
