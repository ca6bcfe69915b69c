// What every launcher needs before its own work: a prepared project, an environment, a database.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquirePrivateDatabase } from './database.mjs';
import { missingKeys, readEnvironment } from './environment.mjs';
import { prepare } from './prepare.mjs';
import { inProject, root } from './project.mjs';
import { requireNode } from './requirements.mjs';
import { Refusal, outputOfPrograms } from './say.mjs';

const DATABASE = 'crm';

/**
 * Prepares the project and resolves its environment, without a database.
 * @param {{ keys: boolean, mayNotBuild?: boolean }} options keys: also the secrets, made for this installation where none are given
 * @throws {Refusal}
 */
export async function prepareSession({ keys, mayNotBuild }) {
  requireNode();
  await prepare({ mayNotBuild });
  const { env, dataDir, production } = readEnvironment();
  return { env: keys ? { ...env, ...missingKeys(env, dataDir, production) } : env, dataDir, production };
}

/**
 * The working database: the one DATABASE_URL names, else the private one, started if need be.
 * @param {{ env: Record<string, string | undefined>, dataDir: string }} session
 * @returns {Promise<{ url: string, folder: string | null, release: () => Promise<void> }>} folder: of the private database
 * @throws {Refusal}
 */
export async function openDatabase({ env, dataDir }) {
  if (env.DATABASE_URL) return { url: env.DATABASE_URL, folder: null, release: async () => {} };
  const folder = join(dataDir, 'mariadb');
  const server = await acquirePrivateDatabase({ folder, bufferPool: '512M' });
  return { url: server.url(DATABASE), folder, release: server.release };
}

/**
 * Applies pending migrations.
 * @param {Record<string, string | undefined>} env with DATABASE_URL
 * @throws {Refusal}
 */
export async function applyMigrations(env) {
  const code = await runCrm(['migrate'], env, outputOfPrograms());
  if (code !== 0) throw new Refusal('The migrations could not be applied: see above.');
}

/**
 * The same for a command on the private database, which nothing else changes: a stamp spares a process each time.
 * @param {Record<string, string | undefined>} env with DATABASE_URL
 * @param {string} folder of the private database
 * @throws {Refusal}
 */
export async function applyMigrationsOnce(env, folder) {
  const stampFile = join(folder, 'migrated');
  const stamp = migrationsStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  await applyMigrations(env);
  writeFileSync(stampFile, stamp);
}

function migrationsStamp() {
  const folder = inProject('prisma/migrations');
  const hash = createHash('sha256');
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const file = join(folder, name, 'migration.sql');
    if (existsSync(file)) hash.update(`${name}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Runs the project's command line and gives its exit code. Ctrl-C reaches it as it reaches us: it decides, we wait.
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @param {import('node:child_process').StdioOptions} stdio
 * @returns {Promise<number>}
 */
export function runCrm(args, env, stdio) {
  return runNode(['--enable-source-maps', inProject('dist/crm.js'), ...args], env, stdio, process.cwd());
}

/**
 * Runs Node and gives its exit code (128 + the signal's number when a signal ended it).
 * @returns {Promise<number>}
 */
export function runNode(args, env, stdio, cwd = root) {
  return new Promise((finish, fail) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio });
    const forward = (signal) => child.kill(signal);
    const wait = () => {}; // the terminal sent it to the child as well
    process.on('SIGINT', wait);
    process.on('SIGTERM', forward);
    process.on('SIGHUP', forward);
    child.once('error', fail);
    child.once('close', (code, signal) => {
      process.off('SIGINT', wait);
      process.off('SIGTERM', forward);
      process.off('SIGHUP', forward);
      finish(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGKILL' ? 137 : 143));
    });
  });
}
