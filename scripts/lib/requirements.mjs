// Programs of the system that the project needs: found, or installed where that is ours to do. Plain Node.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refusal, announce, complain } from './say.mjs';

const NODE_NEEDED = [20, 19];

/** @throws {Refusal} when this Node is too old to run the project */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1])) return;
  throw new Refusal(`Node ${NODE_NEEDED.join('.')} or later is needed; this is Node ${process.versions.node}.`);
}

// Administration programs often stand outside the PATH of ordinary users.
const USUAL_PLACES = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/opt/homebrew/bin',
  '/usr/local/opt/mariadb/bin',
];

/**
 * Looks for a program on the PATH, then where systems usually put it.
 * @param {string[]} names in order of preference
 * @returns {string | null} absolute path
 */
export function findProgram(names) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...USUAL_PLACES]) {
    for (const name of names) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not there: the next place
      }
    }
  }
  return null;
}

/**
 * The two programs of a private MariaDB, installed if need be.
 * @returns {{ server: string, install: string }} absolute paths
 * @throws {Refusal}
 */
export function requireMariaDb() {
  const look = () => {
    const server = findProgram(['mariadbd']);
    const install = findProgram(['mariadb-install-db']);
    return server && install && findProgram(['my_print_defaults']) ? { server, install } : null;
  };
  return (
    look() ??
    installed(
      'MariaDB',
      ['mariadb-server-core', 'mariadb-client-core'],
      look,
      'MariaDB 10.6 or later (mariadbd and mariadb-install-db), or set DATABASE_URL',
    )
  );
}

/**
 * The Chromium that the browser tests drive, installed if need be.
 * @returns {string} absolute path
 * @throws {Refusal}
 */
export function requireChromium() {
  const look = () => findProgram(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']);
  return (
    look() ??
    installed('Chromium', ['chromium'], look, 'Chromium (a program named chromium, chromium-browser or google-chrome)')
  );
}

/**
 * @template T
 * @param {string} name
 * @param {string[]} packages
 * @param {() => T | null} look
 * @param {string} what to install by hand
 * @returns {T}
 */
function installed(name, packages, look, what) {
  const missing = `${name} was not found. Install ${what}.`;
  const apt = findProgram(['apt-get']);
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !apt) throw new Refusal(missing);

  announce(`${name} is not here: installing ${packages.join(' and ')} with apt-get (this can take a minute)…`);
  const run = (...args) =>
    spawnSync(apt, args, {
      encoding: 'utf8',
      env: {
        ...process.env,
        DEBIAN_FRONTEND: 'noninteractive',
        PATH: [process.env.PATH, ...USUAL_PLACES, '/sbin', '/bin'].join(delimiter),
      },
    });
  const install = () => run('install', '-y', '-q', '--no-install-recommends', ...packages);
  let result = install();
  if (result.status !== 0) {
    run('update', '-q');
    result = install();
  }
  if (result.status !== 0) {
    complain(`${result.stdout}${result.stderr}`.trimEnd().split('\n').slice(-10).join('\n'));
    throw new Refusal(`apt-get could not install ${packages.join(' and ')}. ${missing}`);
  }
  const found = look();
  if (!found) throw new Refusal(missing);
  return found;
}
