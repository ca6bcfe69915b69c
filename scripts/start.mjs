// npm start: everything it takes to work on the two sites, on a machine that only has Node and npm.
// `npm start -- --demo` loads the demo world into the database of DATABASE_URL too, when that one is empty.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment, NIR_VARIABLES } from './lib/environment.mjs';
import { endProcess, identityOf, isPortFree, tryLock } from './lib/processes.mjs';
import { inProject } from './lib/project.mjs';
import { requireNode } from './lib/requirements.mjs';
import { Refusal, complain, runLauncher, say } from './lib/say.mjs';
import { applyMigrations, openDatabase, prepareSession, runCrm } from './lib/session.mjs';
import { supervise } from './lib/supervise.mjs';

/** A stop that was asked for: not a failure. */
class Stop extends Error {}

await runLauncher(async () => {
  requireNode();
  const withDemo = readArguments(process.argv.slice(2));
  const { env, dataDir, production } = readEnvironment();
  const lock = tryLock(join(dataDir, 'start.lock'));
  if ('heldBy' in lock) {
    throw new Refusal(
      `Already running in this folder (process ${lock.heldBy}). Stop it with Ctrl-C in its terminal, or: kill ${lock.heldBy}`,
    );
  }
  const stop = stopSignal();
  const running = [];
  let database = null;
  let exitCode = 0;
  try {
    await endLeftovers(dataDir);
    const sites = await sitesToStart(env);
    const session = await stop.or(prepareSession({ keys: true }));
    database = await openDatabase(session);
    stop.check();
    const siteEnv = { ...session.env, DATABASE_URL: database.url };
    await applyMigrations(siteEnv);
    stop.check();
    if (!production && (database.folder !== null || withDemo)) await loadDemo(siteEnv, database.url);
    stop.check();

    const logs = join(dataDir, 'logs');
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    const remember = () => {
      const marks = running.map((site) => site.mark()).filter(Boolean);
      writeFileSync(join(dataDir, 'start.json'), JSON.stringify(marks), { mode: 0o600 });
    };
    for (const site of sites) {
      const child = supervise({
        name: site.name,
        script: inProject('dist/server.js'),
        env: { ...without(siteEnv, site.withoutVariables), CRM_SITES: site.runs },
        logFile: join(logs, `${site.name}.log`),
        readyUrl: `${site.url}/readyz`,
        onGivenUp: () => {
          exitCode = 1;
          stop.request();
        },
        onSpawn: () => setImmediate(remember),
      });
      running.push(child);
    }
    await stop.or(Promise.all(running.map((child) => child.ready())));
    announceSites(sites, dataDir, logs);
    await stop.requested;
    throw new Stop();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say('\nStopping…');
    return exitCode;
  } finally {
    await Promise.all(running.map((child) => child.stop()));
    rmSync(join(dataDir, 'start.json'), { force: true });
    await database?.release();
    lock.release();
  }
});

function readArguments(args) {
  const unknown = args.filter((arg) => arg !== '--demo');
  if (unknown.length > 0) throw new Refusal(`Unknown option ${unknown[0]}. Usage: npm start [-- --demo]`);
  return args.includes('--demo');
}

/** Ctrl-C, a kill or a closed terminal: asked once, then everything is stopped in order. */
function stopSignal() {
  let asked = false;
  let request = () => {};
  const requested = new Promise((resolve) => {
    request = () => {
      asked = true;
      resolve(undefined);
    };
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, request);
  const check = () => {
    if (asked) throw new Stop();
  };
  return {
    request,
    requested,
    check,
    /** Waits for work, unless a stop is asked first. */
    or: (work) => Promise.race([work, requested.then(check)]),
  };
}

/** Sites of a launcher that was killed keep their ports: they are ended before new ones start. */
async function endLeftovers(dataDir) {
  const path = join(dataDir, 'start.json');
  if (!existsSync(path)) return;
  for (const { pid, identity } of JSON.parse(readFileSync(path, 'utf8'))) {
    if (identity && identityOf(pid) === identity) await endProcess(pid, 10_000);
  }
  rmSync(path, { force: true });
}

/** The processes to run, once their ports are known to be free. @throws {Refusal} naming the variable to change */
async function sitesToStart(env) {
  const host = env.HOST || '127.0.0.1';
  const sites = [
    {
      name: 'admin',
      title: 'Administrative site',
      runs: 'admin,worker',
      variable: 'ADMIN_PORT',
      port: env.ADMIN_PORT || '3000',
      withoutVariables: [],
    },
    {
      name: 'portal',
      title: 'Student site',
      runs: 'portal',
      variable: 'PORTAL_PORT',
      port: env.PORTAL_PORT || '3001',
      withoutVariables: NIR_VARIABLES,
    },
  ];
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  for (const site of sites) {
    const port = Number(site.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Refusal(`${site.variable} is not a port: ${site.port}`);
    if (!(await isPortFree(port, host))) {
      throw new Refusal(`Port ${port} of ${host} is taken. Choose another: ${site.variable}=${port + 100} npm start`);
    }
  }
  if (Number(sites[0].port) === Number(sites[1].port)) throw new Refusal('ADMIN_PORT and PORTAL_PORT are the same.');
  return sites.map((site) => ({ ...site, url: `http://${reachable}:${site.port}` }));
}

function without(env, names) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/** The demo world, into a database that holds nobody yet. */
async function loadDemo(env, url) {
  if (!(await isEmpty(url))) return;
  say('Loading the demo world…');
  const code = await runCrm(['demo'], env, ['ignore', 'ignore', 'inherit']);
  if (code !== 0) throw new Refusal('The demo world could not be loaded: see above.');
}

async function isEmpty(url) {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection(url);
  try {
    for (const table of ['staff_user', 'student', 'company']) {
      const [rows] = await connection.query(`SELECT 1 FROM \`${table}\` LIMIT 1`);
      if (rows.length > 0) return false;
    }
    return true;
  } finally {
    await connection.end();
  }
}

function announceSites(sites, dataDir, logs) {
  say('');
  for (const site of sites) say(`  ${site.title.padEnd(20)} ${site.url}`);
  const path = join(dataDir, 'demo-accounts.json');
  if (existsSync(path)) {
    say(`\n  Demo accounts (kept in ${path}):`);
    try {
      const accounts = JSON.parse(readFileSync(path, 'utf8'));
      const width = Math.max(...accounts.map((account) => account.email.length));
      for (const { site, email, password } of accounts)
        say(`    ${site.padEnd(7)} ${email.padEnd(width)}  ${password}`);
    } catch (error) {
      complain(`    ${path} cannot be read: ${error.message}`);
    }
  }
  say(`\n  Logs: ${logs}\n  Ctrl-C stops everything.\n`);
}
