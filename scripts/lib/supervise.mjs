// Keeps a server process alive, and ends it gracefully. Its output goes to a log file; what needs eyes, to the terminal.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endProcess, identityOf, lastLines, sleep } from './processes.mjs';
import { root } from './project.mjs';
import { Refusal, complain } from './say.mjs';

const GRACE_MS = 30_000; // longer than the server waits for the requests under way
const WARNING = 40; // pino's number
const STEADY_MS = 30_000;
const LONGEST_WAIT_MS = 30_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * @param {{ name: string, script: string, env: Record<string, string | undefined>, logFile: string, readyUrl: string,
 *   onGivenUp: () => void, onSpawn: () => void }} options
 */
export function supervise({ name, script, env, logFile, readyUrl, onGivenUp, onSpawn }) {
  if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`);
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  let child = null;
  let stopping = false;
  let everReady = false;
  let deaths = 0;

  function launch() {
    const startedAt = Date.now();
    // Its own process group: Ctrl-C reaches the launcher alone, which ends its children in order.
    child = spawn(process.execPath, ['--enable-source-maps', script], {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onSpawn();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        const text = forEyes(line);
        if (text) complain(`[${name}] ${text}`);
      });
    }
    child.once('error', (error) => complain(`[${name}] ${error.message}`));
    child.once('exit', (code, signal) => {
      child = null;
      if (stopping || !everReady) return;
      deaths = Date.now() - startedAt > STEADY_MS ? 1 : deaths + 1;
      const how = signal ?? `code ${code}`;
      if (deaths > 5) {
        complain(`[${name}] ended with ${how}, for the fifth time in a row: see ${logFile}`);
        onGivenUp();
        return;
      }
      const wait = Math.min(1_000 * 2 ** (deaths - 1), LONGEST_WAIT_MS);
      complain(`[${name}] ended with ${how}; started again in ${wait / 1_000} s (log: ${logFile})`);
      setTimeout(() => stopping || launch(), wait);
    });
  }

  launch();
  return {
    name,
    /** Pid and identity of the process, to find it again after a crash of the launcher. */
    mark: () => (child?.pid ? { pid: child.pid, identity: identityOf(child.pid) } : null),
    /**
     * Waits until the process answers that it is ready.
     * @throws {Refusal} when it ends first or stays silent, with its last lines
     */
    async ready(patienceMs = 60_000) {
      const until = Date.now() + patienceMs;
      let said = 'no answer';
      while (child && !stopping && Date.now() < until) {
        try {
          const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(5_000) });
          if (answer.ok && child) {
            everReady = true;
            return;
          }
          said = `${answer.status} ${await answer.text()}`.slice(0, 300);
        } catch {
          // not listening yet
        }
        await sleep(100);
      }
      if (stopping) return;
      const why = child ? `is not ready (${said})` : 'ended while starting';
      await sleep(100); // the last lines reach the log
      throw new Refusal(`The process "${name}" ${why}. Its last lines (${logFile}):\n${lastLines(logFile)}`);
    },
    async stop() {
      stopping = true;
      if (child?.pid) await endProcess(child.pid, GRACE_MS, () => child !== null);
      log.end();
    },
  };
}

/** A line for the terminal, or null: warnings and errors of the log, and whatever is not a log line. @param {string} line */
function forEyes(line) {
  if (!line.startsWith('{')) return line.trim() ? line : null;
  try {
    const entry = JSON.parse(line);
    if (typeof entry.level === 'number' && entry.level < WARNING) return null;
    return [entry.msg, entry.err?.stack ?? entry.err?.message].filter(Boolean).join(': ') || line;
  } catch {
    return line;
  }
}
