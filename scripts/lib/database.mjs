// A private MariaDB: initialised, started and stopped by the launchers, never a system service. Plain Node.
// Several launchers may use one server at a time (npm start and a command, two test runs): each is on its list of users,
// and the last one to leave stops it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  commandLineOf,
  endProcess,
  freePort,
  greets,
  identityOf,
  isPortFree,
  lastLines,
  register,
  sleep,
  unregister,
  withLock,
} from './processes.mjs';
import { requireMariaDb } from './requirements.mjs';
import { Refusal, say } from './say.mjs';

/** Time for a start after a crash on a large database (redo log to apply), in milliseconds. */
const START_PATIENCE_MS = 180_000;
const STOP_PATIENCE_MS = 60_000;

/**
 * @typedef {object} PrivateDatabase
 * @property {string} folder everything of this server: data, log, account
 * @property {string} bufferPool size of the InnoDB buffer pool, as MariaDB writes it
 * @property {boolean} [disposable] data worth nothing: no wait for the disk, made anew when it cannot start
 */

/**
 * Makes sure the server runs and puts this process on the list of its users.
 * @param {PrivateDatabase} options
 * @returns {Promise<{ url: (database: string) => string, fresh: boolean, release: () => Promise<void> }>}
 *   fresh: made by this call; release: to call once, at the end
 * @throws {Refusal} when it cannot run
 */
export async function acquirePrivateDatabase(options) {
  const { folder } = options;
  const programs = requireMariaDb();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, 'lock');
  const users = join(folder, 'users');

  const { account, fresh } = await withLock(lock, async () => {
    const made = initialise(options, programs.install);
    const known = readAccount(folder);
    try {
      await ensureRunning(options, programs.server, known);
    } catch (error) {
      if (!options.disposable || made) throw error;
      say('The test database cannot start: it is made anew.');
      rmSync(dataFolder(folder), { recursive: true, force: true });
      initialise(options, programs.install);
      await ensureRunning(options, programs.server, known);
    }
    register(users);
    return { account: readAccount(folder), fresh: made };
  });

  let released = false;
  return {
    fresh,
    url: (database) => `mysql://${account.user}:${account.password}@127.0.0.1:${account.port}/${database}`,
    release: async () => {
      if (released) return;
      released = true;
      await withLock(lock, async () => {
        if (unregister(users).others) return;
        const pid = runningPid(folder);
        if (pid !== null) await endProcess(pid, STOP_PATIENCE_MS);
      });
    },
  };
}

const dataFolder = (folder) => join(folder, 'data');
const pidFile = (folder) => join(folder, 'mariadbd.pid');
const logFile = (folder) => join(folder, 'mariadbd.log');

/** @returns {{ user: string, password: string, port: number }} made at the first call, kept in a file only its owner reads */
function readAccount(folder) {
  const path = join(folder, 'account.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const account = { user: 'crm', password: randomBytes(24).toString('hex'), port: 0 };
  writeAccount(folder, account);
  return account;
}

function writeAccount(folder, account) {
  writeFileSync(join(folder, 'account.json'), `${JSON.stringify(account)}\n`, { mode: 0o600 });
}

const asRoot = () => (process.getuid?.() === 0 ? ['--user=root'] : []);

/** Makes the system tables if there are none. They appear under their name only once complete. @returns {boolean} */
function initialise({ folder }, installProgram) {
  if (existsSync(dataFolder(folder))) return false;
  say(`Preparing a private MariaDB in ${folder} …`);
  const unfinished = join(folder, 'data.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  const result = spawnSync(
    installProgram,
    [
      '--no-defaults',
      '--force',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      `--datadir=${unfinished}`,
      ...asRoot(),
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin` },
    },
  );
  if (result.status !== 0) {
    const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
    throw new Refusal(
      `mariadb-install-db could not prepare ${folder}:\n${output.trim().split('\n').slice(-15).join('\n')}`,
    );
  }
  renameSync(unfinished, dataFolder(folder));
  return true;
}

/** The pid of our server, told from a stranger that was given the number of a server that crashed. */
function runningPid(folder) {
  if (!existsSync(pidFile(folder))) return null;
  const pid = Number(readFileSync(pidFile(folder), 'utf8'));
  if (!pid || identityOf(pid) === null) return null;
  return commandLineOf(pid)?.includes(`--datadir=${dataFolder(folder)}`) ? pid : null;
}

async function ensureRunning(options, serverProgram, account) {
  const { folder } = options;
  if (runningPid(folder) !== null) {
    if (await comesUp(folder, account.port, () => runningPid(folder) !== null)) return;
    const left = runningPid(folder);
    if (left !== null) await endProcess(left, STOP_PATIENCE_MS);
  }
  if (account.port === 0 || !(await isPortFree(account.port, '127.0.0.1'))) {
    account.port = await freePort();
    writeAccount(folder, account);
  }
  // A socket's path must stay short (about 100 characters on every system), a project's folder need not.
  const shortName = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const initFile = join(folder, 'init.sql');
  writeFileSync(initFile, accountStatements(account), { mode: 0o600 });
  rmSync(pidFile(folder), { force: true });

  const log = openSync(logFile(folder), 'a', 0o600);
  const child = spawn(
    serverProgram,
    [
      '--no-defaults',
      `--datadir=${dataFolder(folder)}`,
      `--socket=${join(tmpdir(), `crm-${shortName}.sock`)}`,
      `--pid-file=${pidFile(folder)}`,
      `--init-file=${initFile}`,
      `--port=${account.port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--skip-log-bin',
      '--performance-schema=OFF',
      '--local-infile=0',
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_unicode_ci',
      '--default-time-zone=+00:00',
      '--max-allowed-packet=64M',
      '--max-connections=200',
      `--innodb-buffer-pool-size=${options.bufferPool}`,
      ...(options.disposable
        ? ['--innodb-flush-log-at-trx-commit=2', '--innodb-doublewrite=OFF', '--innodb-flush-method=nosync']
        : ['--innodb-flush-log-at-trx-commit=1']),
      ...asRoot(),
    ],
    // Its own process group: Ctrl-C reaches the launcher alone, which stops the database last.
    { detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  child.unref();
  let failure = null;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure = `it ended with ${signal ?? `code ${code}`}`));

  if (await comesUp(folder, account.port, () => failure === null)) {
    child.removeAllListeners();
    return;
  }
  if (failure === null && child.pid) await endProcess(child.pid, STOP_PATIENCE_MS);
  throw new Refusal(
    `The private MariaDB in ${folder} did not start (${failure ?? 'no answer'}). Its last lines:\n${lastLines(logFile(folder))}`,
  );
}

async function comesUp(folder, port, stillTrying) {
  const until = Date.now() + START_PATIENCE_MS;
  while (stillTrying() && Date.now() < until) {
    if ((await greets(port)) && runningPid(folder) !== null) return true;
    await sleep(50);
  }
  return false;
}

/** Run by the server at each start: the account of the project, and no account without a password. */
function accountStatements({ user, password }) {
  return [
    `CREATE USER IF NOT EXISTS '${user}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `ALTER USER '${user}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${user}'@'127.0.0.1' WITH GRANT OPTION;`,
    `ALTER USER IF EXISTS 'root'@'localhost' IDENTIFIED BY '${password}';`,
    `DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';`,
    '',
  ].join('\n');
}
