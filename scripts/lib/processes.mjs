// Processes, locks held by processes, and waiting. Plain Node: runs before any dependency is installed.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Whether a process of this id lives. @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * What tells a process from a later one that was given the same number (a lock left by a crash, a restarted container).
 * @param {number} pid
 * @returns {string | null} null when there is no such process
 */
export function identityOf(pid) {
  if (!isAlive(pid)) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return psColumn(pid, 'lstart');
  }
}

/** The command line of a process, or null. @param {number} pid */
export function commandLineOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return psColumn(pid, 'command');
  }
}

function psColumn(pid, column) {
  try {
    return (
      execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim() || null
    );
  } catch {
    return null;
  }
}

/** A mark that says "this process, and no later one of the same number". */
function ownMark() {
  return `${process.pid} ${identityOf(process.pid)}`;
}

/** The pid that a mark names, when that very process still lives; else null. @param {string} mark */
function livingPid(mark) {
  const [pid, ...identity] = mark.split(' ');
  return pid && identityOf(Number(pid)) === identity.join(' ') ? Number(pid) : null;
}

function readMark(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function writeNew(path, text) {
  const file = openSync(path, 'wx', 0o600);
  writeSync(file, text);
  closeSync(file);
}

/**
 * Takes a lock file for this process; one whose process is gone is taken over.
 * @param {string} path
 * @returns {{ release: () => void } | { heldBy: number }} heldBy is the pid of the living owner
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = ownMark();
  for (;;) {
    try {
      writeNew(path, mine);
      return { release: () => readMark(path) === mine && rmSync(path, { force: true }) };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const mark = readMark(path);
    if (mark === null) continue;
    const owner = livingPid(mark);
    if (owner !== null) return { heldBy: owner };
    // Moved aside, then looked at again: a lock taken meanwhile by another process goes back to its place.
    const aside = `${path}.${process.pid}.stale`;
    try {
      renameSync(path, aside);
    } catch {
      continue;
    }
    if (readMark(aside) !== mark && !existsSync(path)) renameSync(aside, path);
    else rmSync(aside, { force: true });
  }
}

/**
 * Does something under a lock, waiting for its turn.
 * @template T
 * @param {string} path
 * @param {() => T | Promise<T>} work
 * @param {{ timeoutMs?: number, onWait?: (pid: number) => void }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { timeoutMs = 300_000, onWait } = {}) {
  const until = Date.now() + timeoutMs;
  let told = false;
  for (;;) {
    const lock = tryLock(path);
    if ('release' in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (Date.now() > until) throw new Error(`${path} has been held by process ${lock.heldBy} for too long`);
    if (!told) onWait?.(lock.heldBy);
    told = true;
    await sleep(100);
  }
}

/** Writes down that this process uses what the folder stands for. @param {string} folder */
export function register(folder) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, String(process.pid));
  rmSync(path, { force: true });
  writeNew(path, ownMark());
}

/** Takes this process off the list, and says whether another living one stands on it. @param {string} folder */
export function unregister(folder) {
  rmSync(join(folder, String(process.pid)), { force: true });
  let others = false;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const mark = readMark(join(folder, name));
    if (mark !== null && livingPid(mark) !== null) others = true;
    else rmSync(join(folder, name), { force: true });
  }
  return { others };
}

/**
 * Ends a process: politely, then not.
 * @param {number} pid
 * @param {number} patienceMs time given before SIGKILL
 * @param {(pid: number) => boolean} [stillThere]
 */
export async function endProcess(pid, patienceMs, stillThere = (id) => identityOf(id) !== null) {
  signal(pid, 'SIGTERM');
  const until = Date.now() + patienceMs;
  while (stillThere(pid) && Date.now() < until) await sleep(50);
  if (!stillThere(pid)) return;
  signal(pid, 'SIGKILL');
  while (stillThere(pid) && Date.now() < until + 5_000) await sleep(50);
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Whether a TCP port can be listened on. @param {number} port @param {string} host */
export function isPortFree(port, host) {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => answer(true)));
  });
}

/** A TCP port of the loopback that nobody listens on. @returns {Promise<number>} */
export function freePort() {
  return new Promise((answer, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
      probe.close(() => answer(port));
    });
  });
}

/** Whether a server on this loopback port speaks first, as a MariaDB that accepts connections does. @param {number} port */
export function greets(port) {
  return new Promise((answer) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (result) => {
      socket.destroy();
      answer(result);
    };
    socket.setTimeout(2_000, () => done(false));
    socket.once('data', () => done(true));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}

/** The end of a text file, for an error message. @param {string} path @param {number} [lines] */
export function lastLines(path, lines = 15) {
  return (readMark(path) ?? '').trimEnd().split('\n').slice(-lines).join('\n');
}
